// SPDX-License-Identifier: MIT
/**
 * Makes a program forkable: src/wasm/fork-capture.ts with what is known of libc (fork-rules.ts), and its line table for what
 * has moved. Called by link.ts.
 */

import { MalformedDwarf } from '../debug/dwarf-cursor.ts';
import { withForkCapture } from '../wasm/fork-capture.ts';
import { EXTERNAL, findCustomSection, readImports, SECTION, type Section, sectionReader } from '../wasm/module.ts';
import { uniqueFunctionNames } from '../wasm/names.ts';
import { SIGNAL_HANDLER_CALL, sealedFunctions } from './fork-rules.ts';
import { type LineMark, lineMarks, toDwarf } from './line-marks.ts';

export const FORK_IMPORT = { module: 'env', name: 'wasmlinux_fork' } as const;

export interface ForkOptions {
  /** Children of a fork in a signal handler return from it: makes every system call unwindable. */
  readonly forkInHandlers: boolean;
  /** A fork below a function that can't be left traps. */
  readonly checkFork: boolean;
}

/** The lines of a program, or undefined when its DWARF can't be read. */
function linesOf(sections: readonly Section[]): LineMark[] | undefined {
  try {
    return lineMarks((name) => findCustomSection(sections, name)?.payload ?? new Uint8Array());
  } catch (error) {
    if (error instanceof MalformedDwarf) return undefined;
    throw error;
  }
}

/** Throws Unforkable. */
export function forkable(sections: readonly Section[], { forkInHandlers, checkFork }: ForkOptions): Section[] {
  const count =
    readImports(sections).filter(({ kind }) => kind === EXTERNAL.function).length +
    sectionReader(sections, SECTION.function).u32();
  const sealed = sealedFunctions(new Set(uniqueFunctionNames(sections, count)), forkInHandlers);
  // it sees the frames above it being left, and that is right
  const checked = new Set(checkFork ? sealed : []);
  checked.delete(SIGNAL_HANDLER_CALL);
  const made = withForkCapture(sections, { ...FORK_IMPORT, sealed, checked });
  const marks = findCustomSection(sections, '.debug_line') && linesOf(sections);
  const others = made.sections.filter(({ name }) => !name.startsWith('.debug'));
  if (!marks) return others;
  return [...others, ...toDwarf(marks.map((mark) => ({ ...mark, address: made.moved(mark.address) })))];
}
