// SPDX-License-Identifier: MIT
/**
 * The tests of the Open POSIX Test Suite as the step conformancePrograms has made them: their names, programs and topics, and
 * the words for how they end. command.ts uses it.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a test ends. BUILD: it does not compile. HUNG: not in time. DIED: of a signal, or with a status that the suite has not. */
export type Outcome = 'PASS' | 'FAIL' | 'UNRESOLVED' | 'UNSUPPORTED' | 'UNTESTED' | 'BUILD' | 'HUNG' | 'DIED';

export const OUTCOMES: readonly Outcome[] = [
  'PASS',
  'FAIL',
  'UNRESOLVED',
  'UNSUPPORTED',
  'UNTESTED',
  'BUILD',
  'HUNG',
  'DIED',
];

export interface ConformanceTest {
  /** As in the suite, below conformance/interfaces; other folders of conformance/ are part of the name: `sem_wait/1-1`. */
  readonly name: string;
  /** Path of the program; undefined when compiling was the whole test, or failed. */
  readonly program: string | undefined;
  readonly arguments: string;
  /** How it has ended already, when there is no program. */
  readonly outcome: Outcome | undefined;
  /** What the compiler said against it. */
  readonly output: string;
}

/** What areas are about, for the table; the first that fits. */
const TOPICS: readonly (readonly [string, RegExp])[] = [
  ['headers', /^definitions\//],
  ['threads: mutexes', /^pthread_mutex/],
  ['threads: conditions', /^pthread_cond/],
  ['threads: rwlocks, barriers, spins', /^pthread_(rwlock|barrier|spin)/],
  ['threads: attributes', /^pthread_attr/],
  ['threads: the rest', /^pthread_/],
  ['semaphores', /^sem_/],
  ['signals', /^(sig|kill|raise)/],
  ['timers and clocks', /^(timer_|clock|nanosleep|time\/|behavior\/timers)/],
  ['message queues', /^mq_/],
  ['scheduling', /^sched_/],
  ['memory', /^(mmap|munmap|mlock|munlock|shm_)/],
  ['asynchronous input and output', /^(aio_|lio_)/],
  ['the rest', /./],
];

export function topicOf(name: string): string {
  return TOPICS.find(([, pattern]) => pattern.test(name))?.[0] ?? '';
}

export const topics: readonly string[] = TOPICS.map(([topic]) => topic);

/** All tests in the output of the build step, by name. */
export function findTests(folder: string): ConformanceTest[] {
  return globSync('conformance/**/*.{wasm,compiled,failed}', { cwd: folder })
    .map((path): ConformanceTest => {
      const [, stem = '', kind] = /^(.*)\.(\w+)$/.exec(path) ?? [];
      const args = join(folder, `${stem}.args`);
      return {
        name: stem.replace(/^conformance\/(interfaces\/)?/, ''),
        program: kind === 'wasm' ? join(folder, path) : undefined,
        arguments: existsSync(args) ? readFileSync(args, 'utf8') : '',
        outcome: kind === 'failed' ? 'BUILD' : kind === 'compiled' ? 'PASS' : undefined,
        output: kind === 'failed' ? readFileSync(join(folder, path), 'utf8') : '',
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** What run-list.sh says of a test's end, as an outcome. */
export function outcomeOf(status: string): Outcome {
  switch (status) {
    case '0':
      return 'PASS';
    case '1':
      return 'FAIL';
    case '2':
      return 'UNRESOLVED';
    case '4':
      return 'UNSUPPORTED';
    case '5':
      return 'UNTESTED';
    case 'late':
      return 'HUNG';
    default:
      return 'DIED';
  }
}
