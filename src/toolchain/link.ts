// SPDX-License-Identifier: MIT
/**
 * What happens to a program between wasm-ld and the file that the kernel executes. Called by finish.ts.
 *
 *   wasm-ld's module -> fold-got -> import-order -> exception-flavour (only looks) -> unshare-memory
 *   -> polls (unless it is to be debugged) -> store-marks (if asked) -> forkable (if it forks) -> strip (if asked) -> abi-note
 *
 * A program with a memory of its own is of the profile "plain" (docs/abi.md): it gets no more than the first two.
 */

import { SourceLines } from '../debug/source-lines.ts';
import { abiImports } from '../process/abi-lists.ts';
import { type AbiNote, EXCEPTION_FLAVOUR, FORK_MODE, PREEMPTION_MODE, VERSION, withAbiNote } from '../wasm/abi-note.ts';
import type { CodePlace } from '../wasm/code-places.ts';
import { legacyExceptions } from '../wasm/exception-flavour.ts';
import { foldGot } from '../wasm/fold-got.ts';
import { withOrderedImports } from '../wasm/import-order.ts';
import { Unforkable } from '../wasm/fork-plan.ts';
import {
  codeOffset,
  EXTERNAL,
  findCustomSection,
  findSection,
  readImports,
  readModule,
  SECTION,
  type Section,
  writeModule,
} from '../wasm/module.ts';
import { readFunctionNames } from '../wasm/names.ts';
import { takeNoPreempt } from '../wasm/no-preempt.ts';
import { withPolls } from '../wasm/polls.ts';
import { withStoreMarks } from '../wasm/store-marks.ts';
import { unshareMemory } from '../wasm/unshare-memory.ts';
import { FORK_IMPORT, type ForkOptions, forkable } from './forkable.ts';
import { objectAt } from './link-map.ts';

export interface LinkOptions extends ForkOptions {
  /** Bytes of the main thread's stack, as linked. */
  readonly stackSize: number;
  /** What to leave out: nothing, DWARF, or also the names of functions. */
  readonly strip: 'nothing' | 'debug' | 'all';
  /** False: it shall have no polls. */
  readonly polls: boolean;
  /** Whether its stores shall leave marks; undefined: if it seems to share memory. A program without polls has none, nor one with debug information. */
  readonly marks?: boolean | undefined;
  /** wasm-ld's map of the link, made when it is asked for: for error messages. */
  readonly readMap?: (() => string) | undefined;
}

/** The program can't be made; the message is for its author. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** Where a use in the code comes from: function, object, and the line if the program says it. */
function describeUse(linked: Uint8Array, { name, at }: CodePlace, map: string | undefined): string {
  const offset = codeOffset(linked);
  // no engine need take it
  const sections = readModule(linked);
  const lines = new SourceLines((section) => findCustomSection(sections, section)?.payload ?? new Uint8Array(), offset);
  const [frame] = lines.framesAt(offset + at);
  const object = map === undefined ? undefined : objectAt(map, offset + at);
  return ` in ${name}${object ? ` of ${object}` : ''}${frame ? ` (${frame.file}:${frame.line})` : ''}`;
}

function withoutGot(linked: Uint8Array<ArrayBuffer>, { readMap }: LinkOptions): readonly Section[] {
  const { sections, escapes } = foldGot(readModule(linked));
  if (escapes.length === 0) return sections;
  const map = escapes.some(({ user }) => user) ? readMap?.() : undefined;
  const reasons = escapes.map(({ symbol, reason, user }) => {
    return `  ${symbol} ${reason}${user ? describeUse(linked, user, map) : ''}`;
  });
  throw new LinkError(
    'position-independent code takes addresses that have to be constants, else they would change the ' +
      `program's ABI:\n${[...new Set(reasons)].join('\n')}\ncompile it again with wasmlinux-cc (or -fno-pic)`,
  );
}

function strip(sections: readonly Section[], what: LinkOptions['strip']): Section[] {
  return sections.filter(({ id, name }) => {
    if (id !== SECTION.custom || what === 'nothing') return true;
    return what === 'debug' ? !name.startsWith('.debug') : false;
  });
}

function withFork(sections: readonly Section[], options: LinkOptions): Section[] {
  try {
    return forkable(sections, options);
  } catch (error) {
    if (!(error instanceof Unforkable)) throw error;
    throw new LinkError(`this program calls fork, but ${error.message}: use posix_spawn or vfork in it`);
  }
}

const callsFork = (sections: readonly Section[]) =>
  readImports(sections).some(({ module, name }) => module === FORK_IMPORT.module && name === FORK_IMPORT.name);

/** Functions of libc that are of use only to who shares memory. mmap is not among them: malloc uses it, too. */
const SHARING = new Set(['shmat', 'shm_open']);

const sharesMemory = (sections: readonly Section[]) =>
  [...readFunctionNames(sections).values()].some((name) => SHARING.has(name));

/**
 * Polls come first: when frames come back, what each function does at its beginning precedes them, and a handler that a poll runs
 * can be left. In a program with debug information the loader inserts them: it knows what it has moved, the debug information
 * would not.
 */
function preemptibleAndForkable(sections: readonly Section[], options: LinkOptions): Linked {
  const forks = callsFork(sections);
  const isDebugged = options.strip === 'nothing' && findCustomSection(sections, '.debug_line') !== undefined;
  const mode = !options.polls ? 'exempt' : isDebugged ? 'none' : 'polls';
  const { names: exempt, sections: linked } = takeNoPreempt(sections);
  const polled = mode === 'polls' ? withPolls(linked, { exempt, isTrusted: true }).sections : linked;
  // Polls of the loader's would come between the parts of a large copy and its marks, so they must be there already.
  const marked = (options.marks ?? sharesMemory(linked)) && mode === 'polls' ? withStoreMarks(polled) : undefined;
  const all = marked?.sections ?? polled;
  return {
    sections: forks ? withFork(all, options) : all,
    forks,
    preemption: PREEMPTION_MODE[mode],
    cards: marked?.cards ?? 0,
  };
}

interface Linked {
  readonly sections: readonly Section[];
  readonly forks: boolean;
  readonly preemption: AbiNote['preemption'];
  readonly cards: number;
}

function refuseLegacyExceptions(linked: Uint8Array, sections: readonly Section[], { readMap }: LinkOptions): void {
  const places = findSection(sections, SECTION.tag) ? legacyExceptions(sections) : [];
  if (places.length === 0) return;
  const map = readMap?.();
  throw new LinkError(
    'exceptions of the older form, which engines do not take beside those of the libraries:\n' +
      `${places.map((place) => ` ${describeUse(linked, place, map)}`).join('\n')}\n` +
      'compile it again with wasmlinux-c++ (or -mllvm -wasm-use-legacy-eh=false)',
  );
}

const IMPORT_ORDER = abiImports.map(({ name }) => name);

const isPlain = (sections: readonly Section[]) => !readImports(sections).some(({ kind }) => kind === EXTERNAL.memory);

/** The program that runs, from the one that wasm-ld has made. Throws LinkError. */
export function finishProgram(linked: Uint8Array<ArrayBuffer>, options: LinkOptions): Uint8Array<ArrayBuffer> {
  const input = withOrderedImports(withoutGot(linked, options), IMPORT_ORDER);
  if (isPlain(input)) return writeModule(strip(input, options.strip));
  refuseLegacyExceptions(linked, input, options);
  const { sections, forks, preemption, cards } = preemptibleAndForkable(unshareMemory(input), options);
  const throws = findSection(sections, SECTION.tag) !== undefined;
  return writeModule(
    withAbiNote(strip(sections, options.strip), {
      version: VERSION,
      fork: forks ? FORK_MODE.frames : FORK_MODE.none,
      preemption,
      exceptions: throws ? EXCEPTION_FLAVOUR.exnref : EXCEPTION_FLAVOUR.none,
      stackSize: options.stackSize,
      cards,
    }),
  );
}
