// SPDX-License-Identifier: MIT
/**
 * Boots a machine in this process for tests, runs one command in it, and gives back all that came of it. For tests of what
 * happens inside; how the command `wasmlinux` behaves outside is tested through command.ts and pty.ts.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastOutput } from '../../src/build/last-output.ts';
import { root } from '../../src/build/root.ts';
import { loadKernel } from '../../src/host/node/kernel-module.ts';
import { startMachine } from '../../src/host/node/start-machine.ts';
import { Channel } from '../../src/host/worker/protocol.ts';
import type { InputSource, OutputSink } from '../../src/host/worker/streams.ts';
import { type CpioEntry, cpioArchive } from '../../src/image/cpio.ts';
import { runRequestArchive } from '../../src/image/run-request.ts';
import { DEFAULT_STRING_LIMIT, type TraceOptions } from '../../src/trace/options.ts';

export interface GuestOptions {
  /** Bytes; 128 MiB unless told. */
  readonly memory?: number;
  /** Standard input; at its end from the beginning unless told. */
  readonly stdin?: string | Uint8Array;
  /** Program to run under the name of the command's first word. */
  readonly program?: Uint8Array;
  /** More files for the guest. */
  readonly files?: readonly CpioEntry[];
  readonly env?: Readonly<Record<string, string>>;
  /** More words for the kernel's command line. */
  readonly append?: string;
  /** Trace the command's system calls. */
  readonly trace?: Partial<TraceOptions>;
}

export interface GuestResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What was on the console: the kernel's messages. */
  readonly console: string;
  readonly trace: string;
  /** Of a dead kernel. */
  readonly report: string | undefined;
}

/** A file that the last build made. */
export function builtFile(step: string, file: string): string {
  const path = join(lastOutput(root, step) ?? '', file);
  assert.ok(existsSync(path), `${step} is not built: npm test builds it, or ./wasmlinux build ${step}`);
  return path;
}

const noTraceOptions: TraceOptions = {
  follow: false,
  summary: false,
  filters: [],
  stringLimit: DEFAULT_STRING_LIMIT,
  verbose: false,
  toFile: false,
};

let kernel: WebAssembly.Module | undefined;

/** Boots, runs the command, and waits for the machine's end. */
export async function runGuest(command: readonly string[], options: GuestOptions = {}): Promise<GuestResult> {
  kernel ??= loadKernel(builtFile('kernel', 'vmlinux.wasm'));
  const module = kernel;
  const stdout = new Collector();
  const stderr = new Collector();
  const console = new Collector();
  const trace = new Collector();
  const { program, env } = options;
  const machine = startMachine({
    boot: () => ({
      kernel: module,
      initramfs: [
        readFileSync(builtFile('image', 'initramfs.cpio')),
        cpioArchive(options.files ?? []),
        runRequestArchive({ argv: command, ...(program && { program }), ...(env && { env }) }),
      ],
      commandLine: ['console=hvc0', options.append ?? ''].join(' '),
      memory: options.memory ?? 128 << 20,
      windowSize: undefined,
      trace: options.trace && { ...noTraceOptions, ...options.trace },
    }),
    inputs: { [Channel.Stdin]: source(options.stdin ?? '') },
    outputs: { [Channel.Stdout]: stdout, [Channel.Stderr]: stderr, [Channel.Console]: console, [Channel.Trace]: trace },
    log: (line) => stderr.write(Buffer.from(`host: ${line}\n`)),
  });
  const { status, report } = await machine.ended;
  await machine.terminate();
  return {
    status,
    stdout: stdout.text(),
    stderr: stderr.text(),
    console: console.text(),
    trace: trace.text(),
    report,
  };
}

/** Everything of a result, for the message of an assertion. */
export function describeResult(result: GuestResult): string {
  const { status, stdout, stderr, report } = result;
  return `status ${status}\n--- stdout\n${stdout}\n--- stderr\n${stderr}\n--- report\n${report ?? 'none'}`;
}

function source(contents: string | Uint8Array): InputSource {
  let rest: Uint8Array | null = Buffer.from(contents);
  return {
    async read() {
      const data = rest?.length === 0 ? null : rest;
      rest = null;
      return data;
    },
  };
}

class Collector implements OutputSink {
  static #count = 0;
  readonly lane = `collector ${Collector.#count++}`;
  readonly #chunks: Uint8Array[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    this.#chunks.push(bytes);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
