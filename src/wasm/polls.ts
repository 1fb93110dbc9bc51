// SPDX-License-Identifier: MIT
/**
 * Polls for a program (safepoints.ts), by the names that our libc has for what they need. Called by the link (src/toolchain) and,
 * for modules without polls, by the loader (src/process).
 */

import { readFunctionTypes, readTypeIndices, VALUE } from './function-types.ts';
import { functionImportSteps } from './import-function.ts';
import type { Insertion } from './insertions.ts';
import { EXTERNAL, readExports, type Section } from './module.ts';
import { readFunctionNames } from './names.ts';
import { safepointSteps } from './safepoints.ts';
import { finish, type Steps } from './steps.ts';

/** (i32) -> (): libc's, which runs signal handlers. */
const LIBC_PREEMPT = '__wasm_preempt';
const PREEMPT_IMPORT = { module: 'env', name: 'wasmlinux_preempt', params: [], results: [VALUE.i32] } as const;

/** What clang calls with -fsanitize-coverage=trace-pc at each edge; an empty function of libc. */
const COMPILED_POLL = '__sanitizer_cov_trace_pc';
/** What clang makes of setjmp(). */
const SETJMP = '__wasm_setjmp';

/** Index of libc's function, if the module has it with its type. */
function libcPreempt(sections: readonly Section[]): number | undefined {
  const found = readExports(sections).find(({ kind, name }) => kind === EXTERNAL.function && name === LIBC_PREEMPT);
  if (!found) return undefined;
  const type = readFunctionTypes(sections)[readTypeIndices(sections)[found.index] ?? -1];
  return type && `${type.params}>${type.results}` === `${VALUE.i32}>` ? found.index : undefined;
}

export interface WithPolls {
  readonly sections: readonly Section[];
  /** Undefined when addresses can't be followed: an import was added, and every call that names a function may have moved. */
  readonly insertions: readonly Insertion[] | undefined;
}

export interface PollOptions {
  /** Names of functions whose loops are known to be short. A name that several functions have exempts none. */
  readonly exempt?: ReadonlySet<string>;
  /** False: names mean nothing, since a module that wants to hold the machine may have any. */
  readonly isTrusted: boolean;
}

export const withPolls = (sections: readonly Section[], options: PollOptions): WithPolls =>
  finish(pollSteps(sections, options));

/** The same in pieces. */
export function* pollSteps(
  sections: readonly Section[],
  { exempt = new Set(), isTrusted }: PollOptions,
): Steps<WithPolls> {
  const imported = yield* functionImportSteps(sections, PREEMPT_IMPORT);
  const byName = new Map<string, number>();
  const twice = new Set<string>();
  for (const [index, name] of readFunctionNames(imported.sections)) {
    if (byName.has(name)) twice.add(name);
    byName.set(name, index);
  }
  const exempted = [...exempt].filter((name) => !twice.has(name)).flatMap((name) => byName.get(name) ?? []);
  const poll = byName.get(COMPILED_POLL);
  const setjmp = byName.get(SETJMP);
  const polled = yield* safepointSteps(imported.sections, {
    preempt: imported.index,
    heed: libcPreempt(imported.sections),
    exempt: new Set(exempted),
    ...(isTrusted && poll !== undefined && setjmp !== undefined ? { compiled: { poll, setjmp } } : {}),
  });
  if (!polled) return { sections, insertions: [] };
  return imported.sections === sections ? polled : { sections: polled.sections, insertions: undefined };
}
