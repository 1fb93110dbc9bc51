// SPDX-License-Identifier: MIT
/**
 * The fuzzer: feeds one machine hostile inputs (mutations.ts), as long as it is told, and reports what no input may do: end the
 * machine, make the kernel warn, change another process, keep programs from running, or stop everything. `npm run fuzz` and
 * fuzz.test.ts call it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../src/build/root.ts';
import { loadKernel } from '../../src/host/node/kernel-module.ts';
import { startMachine } from '../../src/host/node/start-machine.ts';
import type { MachineClient } from '../../src/host/worker/machine-client.ts';
import { Channel } from '../../src/host/worker/protocol.ts';
import type { OutputSink } from '../../src/host/worker/streams.ts';
import { cpioArchive, file } from '../../src/image/cpio.ts';
import { runRequestArchive } from '../../src/image/run-request.ts';
import { builtFile } from '../harness/guest.ts';
import { DRIVER, driverProgram, encodeInput, type HostileInput } from './driver.ts';
import { hostileModules } from './modules.ts';
import { makeInput } from './mutations.ts';

/** The machine has not said a word for so long: it hangs. An input takes two seconds at most when nothing else runs. */
const HANG_MS = 120_000;
/** What the kernel says when something is wrong with it. */
const KERNEL_FAULT = /WARNING: |BUG: |Oops|Kernel panic|INFO: task|Bad page|corrupt/;

export interface FuzzOptions {
  readonly seed: number;
  /** Number of the first input. */
  readonly first: number;
  /** Is input number `index` to be run? */
  readonly goesOn: (index: number) => boolean;
  readonly progress: (line: string) => void;
}

/** Runs inputs until one is a finding or there are no more. Returns what was found. */
export async function fuzz({ seed, first, goesOn, progress }: FuzzOptions): Promise<string | undefined> {
  const corpus = readCorpus();
  const machine = new FuzzMachine();
  const ends = new Map<string, number>();
  let index = first;
  try {
    for (; goesOn(index); index++) {
      const input = makeInput(seed, index, corpus);
      const answer = await machine.run(input);
      if (answer.finding !== undefined) {
        const kept = keepInput(seed, index, input);
        return `seed ${seed}, input ${index}: ${answer.finding}\nthe input is in ${kept}; the same inputs again: npm run fuzz -- --seed ${seed} --first ${first} --count ${index - first + 1}`;
      }
      ends.set(answer.line, (ends.get(answer.line) ?? 0) + 1);
      if ((index - first + 1) % 500 === 0) progress(`${index - first + 1} inputs: ${summary(ends)}`);
    }
    progress(`${index - first} inputs, no finding: ${summary(ends)}`);
    return undefined;
  } finally {
    await machine.end();
  }
}

function summary(ends: ReadonlyMap<string, number>): string {
  const sorted = [...ends].sort(([, a], [, b]) => b - a).slice(0, 8);
  return sorted.map(([end, count]) => `${count} ${end}`).join(', ');
}

/** Small real programs, and modules that are hostile already. */
function readCorpus(): Uint8Array[] {
  const names = ['seed/hello-plain', 'seed/hello-fd-plain', 'setjmp', 'hostile', 'exec', 'signals', 'threads'];
  const programs = names.map((name) => readFileSync(builtFile('guestTests', `${name}.wasm`)));
  const hostile = hostileModules
    .filter(({ bytes, killed }) => !killed && bytes.length < 2000)
    .map(({ bytes }) => bytes);
  return [...programs, ...hostile];
}

function keepInput(seed: number, index: number, input: HostileInput): string {
  const folder = join(root, 'build', 'fuzz');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${seed}-${index}.${'module' in input ? 'wasm' : 'json'}`);
  writeFileSync(path, 'module' in input ? input.module : JSON.stringify(input));
  return path;
}

type Answer = { readonly line: string; readonly finding?: string };

class FuzzMachine {
  readonly #machine: MachineClient;
  /** Input that the guest has not read yet. */
  #wanted = Promise.withResolvers<Uint8Array | null>();
  #answer = Promise.withResolvers<string>();
  #partial = '';
  #console = '';

  constructor() {
    this.#machine = startMachine({
      boot: () => ({
        kernel: loadKernel(builtFile('kernel', 'vmlinux.wasm')),
        initramfs: [
          readFileSync(builtFile('image', 'initramfs.cpio')),
          cpioArchive([file(DRIVER, driverProgram(), 0o755)]),
          runRequestArchive({ argv: [`/${DRIVER}`] }),
        ],
        commandLine: 'console=hvc0',
        memory: 128 * 1024 * 1024,
        windowSize: undefined,
      }),
      inputs: {
        [Channel.Stdin]: {
          read: async () => {
            const bytes = await this.#wanted.promise;
            if (bytes) this.#wanted = Promise.withResolvers();
            return bytes;
          },
        },
      },
      outputs: {
        [Channel.Stdout]: sink('answers', (text) => this.#receive(text)),
        [Channel.Console]: sink('console', (text) => {
          this.#console = (this.#console + text).slice(-20_000);
        }),
      },
    });
  }

  async run(input: HostileInput): Promise<Answer> {
    const answer = Promise.withResolvers<string>();
    this.#answer = answer;
    this.#wanted.resolve(encodeInput(input));
    const hang = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => hang.resolve({ line: '', finding: 'the machine hangs' }), HANG_MS);
    const dead = this.#machine.ended.then(({ status, report }) => ({
      line: '',
      finding: `the machine has ended with status ${status}: ${report ?? 'no report'}`,
    }));
    const result = await Promise.race([answer.promise.then((line): Answer => ({ line })), dead, hang.promise]);
    clearTimeout(timer);
    if (result.finding !== undefined) return result;
    if (/sentinel|shell/.test(result.line))
      return { ...result, finding: `it has reached another process: ${result.line}` };
    if (KERNEL_FAULT.test(this.#console)) return { ...result, finding: `the kernel says:\n${this.#console}` };
    return result;
  }

  async end(): Promise<void> {
    await this.#machine.terminate();
  }

  #receive(text: string): void {
    this.#partial += text;
    const end = this.#partial.indexOf('\n');
    if (end < 0) return;
    const line = this.#partial.slice(0, end);
    this.#partial = this.#partial.slice(end + 1);
    this.#answer.resolve(line);
  }
}

function sink(lane: string, take: (text: string) => void): OutputSink {
  return { lane, write: async (bytes) => take(Buffer.from(bytes).toString('latin1')) };
}
