// SPDX-License-Identifier: MIT
/**
 * What happens to a program between wasm-ld and the file that the kernel executes. Called by cc.ts.
 *
 *   wasm-ld's module -> no-got (refuse) -> unshare-memory -> asyncify (if it forks) -> polls (unless it is to be debugged)
 *   -> strip (if asked) -> abi-note
 */

import { type AbiNote, EXCEPTION_FLAVOUR, FORK_MODE, PREEMPTION_MODE, VERSION, withAbiNote } from '../wasm/abi-note.ts';
import { ForeignTags } from '../wasm/legacy-exceptions.ts';
import {
  findCustomSection,
  findSection,
  readImports,
  readModule,
  SECTION,
  type Section,
  writeModule,
} from '../wasm/module.ts';
import { gotSymbols } from '../wasm/no-got.ts';
import { withPolls } from '../wasm/polls.ts';
import { unshareMemory } from '../wasm/unshare-memory.ts';
import { type AsyncifyOptions, asyncify, FORK_IMPORT } from './asyncify.ts';

export interface LinkOptions extends AsyncifyOptions {
  /** Bytes of the main thread's stack, as linked. */
  readonly stackSize: number;
  /** What to leave out: nothing, DWARF, or also the names of functions. */
  readonly strip: 'nothing' | 'debug' | 'all';
  /** False: it shall have no polls. */
  readonly polls: boolean;
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

async function forkable(sections: readonly Section[], options: LinkOptions): Promise<Section[]> {
  try {
    return await asyncify(sections, options);
  } catch (error) {
    if (!(error instanceof ForeignTags)) throw error;
    throw new LinkError(
      'a program that calls fork can throw exceptions of C++ and longjmp only, and this one has another tag: ' +
        'use posix_spawn or vfork in it, or leave out the assembly that defines the tag',
    );
  }
}

const callsFork = (sections: readonly Section[]) =>
  readImports(sections).some(({ module, name }) => module === FORK_IMPORT.module && name === FORK_IMPORT.name);

/**
 * Polls come last, when the code is as it will run; but a handler that a poll runs can only leave by fork what Asyncify has seen.
 * In a program with debug information the loader inserts them: it knows what it has moved, the debug information would not.
 */
async function preemptibleAndForkable(sections: readonly Section[], options: LinkOptions): Promise<Linked> {
  const forks = callsFork(sections);
  const isDebugged = options.strip === 'nothing' && findCustomSection(sections, '.debug_line') !== undefined;
  const mode = !options.polls ? 'exempt' : isDebugged ? 'none' : 'polls';
  const polled = (code: readonly Section[]) => (mode === 'polls' ? withPolls(code).sections : code);
  let result: readonly Section[] = sections;
  if (forks && options.forkInHandlers) result = await forkable(polled(result), options);
  else result = polled(forks ? await forkable(result, options) : result);
  return { sections: result, forks, preemption: PREEMPTION_MODE[mode] };
}

interface Linked {
  readonly sections: readonly Section[];
  readonly forks: boolean;
  readonly preemption: AbiNote['preemption'];
}

/** The program that runs, from the one that wasm-ld has made. Throws LinkError. */
export async function finishProgram(linked: Uint8Array, options: LinkOptions): Promise<Uint8Array> {
  const input = readModule(linked);
  refuseGot(input);
  const { sections, forks, preemption } = await preemptibleAndForkable(unshareMemory(input), options);
  const throws = findSection(sections, SECTION.tag) !== undefined;
  return writeModule(
    withAbiNote(strip(sections, options.strip), {
      version: VERSION,
      fork: forks ? FORK_MODE.asyncify : FORK_MODE.none,
      preemption,
      exceptions: throws ? EXCEPTION_FLAVOUR.exnref : EXCEPTION_FLAVOUR.none,
      stackSize: options.stackSize,
    }),
  );
}
