// SPDX-License-Identifier: MIT
/**
 * What happens to a program between wasm-ld and the file that the kernel executes. Called by cc.ts.
 *
 *   wasm-ld's module -> no-got (refuse) -> unshare-memory -> forkable (if it forks)
 *   -> strip (if asked) -> abi-note
 */

import { EXCEPTION_FLAVOUR, FORK_MODE, PREEMPTION_MODE, VERSION, withAbiNote } from '../wasm/abi-note.ts';
import { Unforkable } from '../wasm/fork-plan.ts';
import { findSection, readImports, readModule, SECTION, type Section, writeModule } from '../wasm/module.ts';
import { gotSymbols } from '../wasm/no-got.ts';
import { unshareMemory } from '../wasm/unshare-memory.ts';
import { FORK_IMPORT, type ForkOptions, forkable } from './forkable.ts';

export interface LinkOptions extends ForkOptions {
  /** Bytes of the main thread's stack, as linked. */
  readonly stackSize: number;
  /** What to leave out: nothing, DWARF, or also the names of functions. */
  readonly strip: 'nothing' | 'debug' | 'all';
}

/** The program can't be made; the message is for its author. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** What position-independent code adds to for addresses within the program; they are nobody's symbols. */
const BASES = new Set(['__memory_base', '__table_base']);

function refuseGot(sections: readonly Section[]): void {
  const entries = gotSymbols(sections);
  if (entries.length === 0) return;
  const symbols = entries.filter((name) => !BASES.has(name));
  const what = symbols.length > 0 ? `the address of ${symbols.join(', ')} is` : 'addresses are';
  throw new LinkError(
    `${what} taken by position-independent code, which would change the program's ABI: ` +
      'compile the object again with wasmlinux-cc (or -fno-pic)',
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

/** The program that runs, from the one that wasm-ld has made. Throws LinkError. */
export function finishProgram(linked: Uint8Array, options: LinkOptions): Uint8Array<ArrayBuffer> {
  let sections = readModule(linked);
  refuseGot(sections);
  sections = unshareMemory(sections);
  const forks = readImports(sections).some(
    ({ module, name }) => module === FORK_IMPORT.module && name === FORK_IMPORT.name,
  );
  if (forks) {
    sections = withFork(sections, options);
  }
  const throws = findSection(sections, SECTION.tag) !== undefined;
  return writeModule(
    withAbiNote(strip(sections, options.strip), {
      version: VERSION,
      fork: forks ? FORK_MODE.asyncify : FORK_MODE.none,
      preemption: PREEMPTION_MODE.none,
      exceptions: throws ? EXCEPTION_FLAVOUR.exnref : EXCEPTION_FLAVOUR.none,
      stackSize: options.stackSize,
    }),
  );
}
