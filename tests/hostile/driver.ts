// SPDX-License-Identifier: MIT
/**
 * Hostile inputs for a machine, one after the other, and how each ended: the host's end of driver.c, which runs inside the guest.
 * An input is a file that is executed, or a seed of random system calls.
 */
import { builtFile } from '../harness/guest.ts';
import { readFileSync } from 'node:fs';

export type HostileInput =
  /** killed: it does not end by itself. */
  { readonly module: Uint8Array; readonly killed?: boolean } | { readonly callSeed: number; readonly calls: number };

/** Where the driver lies in the guest. */
export const DRIVER = 'usr/bin/hostile-driver';

const Kind = { Module: 0, ModuleToKill: 1, Calls: 2 } as const;

export const driverProgram = (): Uint8Array => readFileSync(builtFile('guestTests', 'hostile/driver.wasm'));

/** The input as the driver reads it. */
export function encodeInput(input: HostileInput): Uint8Array {
  if ('callSeed' in input)
    return record(Kind.Calls, new Uint8Array(Uint32Array.of(input.callSeed, input.calls).buffer));
  return record(input.killed ? Kind.ModuleToKill : Kind.Module, input.module);
}

function record(kind: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([new Uint8Array(Uint32Array.of(kind, bytes.length).buffer), bytes]);
}
