// SPDX-License-Identifier: MIT
/** A machine on the test's own thread that serves host tasks, without a command and without a console. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { lastOutput } from '../../src/build/last-output.ts';
import { root } from '../../src/build/root.ts';
import { loadKernel } from '../../src/host/node/kernel-module.ts';
import { runRequestArchive } from '../../src/image/run-request.ts';
import { type Machine, startMachine } from '../../src/machine/machine.ts';
import { TaskPool } from '../../src/task/task-pool.ts';

export interface ServingMachine {
  readonly machine: Machine;
  readonly pool: TaskPool;
}

/** Boots one; it is terminated when the test ends. */
export async function bootServing(t: TestContext, memory = 128 << 20): Promise<ServingMachine> {
  const artefact = (step: string, file: string): string => {
    const folder = lastOutput(root, step);
    if (folder === undefined) throw new Error(`run the build first: there is no output of ${step}`);
    return join(folder, file);
  };
  const closed = { poll: () => 0 };
  let log = '';
  const decoder = new TextDecoder();
  const take = (bytes: Uint8Array): number => {
    log += decoder.decode(bytes, { stream: true });
    return bytes.length;
  };
  const machine = startMachine({
    kernel: loadKernel(artefact('kernel', 'vmlinux.wasm')),
    initramfs: [readFileSync(artefact('image', 'initramfs.cpio')), runRequestArchive({ tasks: true })],
    commandLine: 'console=hvc0 loglevel=4',
    memory,
    console: { write: take, read: () => 0, size: () => undefined },
    streams: [closed, { ...closed, write: take }, { ...closed, write: take }],
    turn: setImmediate,
  });
  t.after(() => machine.terminate(0));
  const ended = machine.ended.then(({ report }) => {
    throw new Error(`the machine has ended: ${report ?? ''}\n${log}`);
  });
  const pool = await Promise.race([TaskPool.start(machine), ended]);
  ended.catch(() => {});
  return { machine, pool };
}
