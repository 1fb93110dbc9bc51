// SPDX-License-Identifier: MIT
/**
 * Runs tests one after the other in a machine of their own. A test that brings the machine to a stop, by a loop without system
 * calls or by the kernel's death, has hung or died; the tests behind it go on in the next machine. command.ts calls it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../src/build/root.ts';
import { loadKernel } from '../../src/host/node/kernel-module.ts';
import { startMachine } from '../../src/host/node/start-machine.ts';
import { Channel } from '../../src/host/worker/protocol.ts';
import { cpioArchive, directory, file } from '../../src/image/cpio.ts';
import { runRequestArchive } from '../../src/image/run-request.ts';
import { builtFile } from '../harness/guest.ts';
import { type ConformanceTest, type Outcome, outcomeOf } from './tests.ts';

/** Bytes of the machine's memory. */
const MEMORY = 256 * 1024 * 1024;
/**
 * A machine has come to a stop when it has not printed the dot of each second for this long, in milliseconds, and when this process
 * has computed for half of that: on a busy computer a machine that is only slow is silent, too.
 */
const SILENCE = 20_000;

export interface Finished {
  readonly test: ConformanceTest;
  readonly outcome: Outcome;
  /** The status as a number, or what has happened to the machine. */
  readonly status: string;
  /** The last lines that it printed. */
  readonly output: string;
}

let kernel: WebAssembly.Module | undefined;

/** Runs tests, in order; `seconds` is what each has. */
export async function runBatch(
  tests: readonly ConformanceTest[],
  seconds: number,
  finished: (result: Finished) => void,
): Promise<void> {
  let rest = tests;
  while (rest.length > 0) rest = await runMachine(rest, seconds, finished);
}

/** Runs tests until the machine ends; those that have not begun come back. */
async function runMachine(
  tests: readonly ConformanceTest[],
  seconds: number,
  finished: (result: Finished) => void,
): Promise<readonly ConformanceTest[]> {
  kernel ??= loadKernel(builtFile('kernel', 'vmlinux.wasm'));
  const module = kernel;
  let done = 0;
  let isRunning = false;
  let output: string[] = [];
  const finish = (outcome: Outcome, status: string): void => {
    const test = tests[done++];
    isRunning = false;
    if (test) finished({ test, outcome, status, output: output.join('\n') });
    output = [];
  };
  let line = '';
  const decoder = new TextDecoder();
  let isHung = false;
  let lastSeen = { time: 0, computed: 0 };
  const alive = (): void => {
    lastSeen = { time: performance.now(), computed: computedMilliseconds() };
  };
  const machine = startMachine({
    boot: () => ({
      kernel: module,
      initramfs: [
        readFileSync(builtFile('image', 'initramfs.cpio')),
        cpioArchive(suiteFiles(tests)),
        runRequestArchive({ argv: ['sh', '/suite/run-list', String(seconds)] }),
      ],
      commandLine: 'console=hvc0 quiet',
      memory: MEMORY,
      windowSize: undefined,
      trace: undefined,
    }),
    inputs: {},
    outputs: {
      [Channel.Stdout]: {
        lane: `conformance ${tests[0]?.name}`,
        async write(bytes) {
          alive();
          line += decoder.decode(bytes, { stream: true });
          const lines = line.split('\n');
          line = lines.pop() ?? '';
          for (const text of lines) {
            if (text.startsWith('begin ')) isRunning = true;
            else if (text.startsWith('| ')) output.push(text.slice(2));
            else if (text.startsWith('end ')) finish(outcomeOf(text.slice(4)), text.slice(4));
          }
        },
      },
    },
  });
  alive();
  const watch = setInterval(() => {
    const { time, computed } = lastSeen;
    isHung = performance.now() - time > SILENCE && computedMilliseconds() - computed > SILENCE / 2;
    if (!isHung) return;
    clearInterval(watch);
    void machine.terminate();
  }, 1000);
  const end = await machine.ended;
  clearInterval(watch);
  await machine.terminate();
  const before = done;
  if (isHung) finish('HUNG', 'the machine has come to a stop');
  else if (end.report !== undefined) finish('DIED', `the kernel has died: ${end.report.split('\n', 1)[0]}`);
  else if (isRunning) finish('DIED', 'the machine has ended');
  // A machine that ends before its first test would begin for ever.
  if (done === 0 && before === 0) throw new Error('the machine has ended before its first test');
  return tests.slice(done);
}

/** Of all threads of this process. */
function computedMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function suiteFiles(tests: readonly ConformanceTest[]) {
  const programs = new Map(tests.map(({ program }) => [program ?? '', '']));
  let number = 0;
  for (const path of programs.keys()) programs.set(path, `suite/${number++}`);
  const list = tests.map((test) => `${test.name} /${programs.get(test.program ?? '')} ${test.arguments}\n`).join('');
  return [
    directory('suite'),
    file('suite/list', Buffer.from(list)),
    file('suite/run-list', readFileSync(join(root, 'tests', 'conformance', 'run-list.sh'))),
    ...[...programs].map(([path, name]) => file(name, readFileSync(path), 0o755)),
  ];
}
