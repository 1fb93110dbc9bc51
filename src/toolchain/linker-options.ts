// SPDX-License-Identifier: MIT
/**
 * Options of a linker's command line, those of GNU ld included: which wasm-ld takes as they are, which mean nothing for a static wasm
 * program and are left out (build systems pass them without asking), which say the same in other words, and which ask for what can't be
 * had. Unknown ones stay, so that configure scripts see them fail. docs/toolchain.md has the table for users. Called by
 * arguments.ts (for -Wl and -Xlinker) and ld.ts.
 */

import { DEFAULT_STACK_SIZE } from './target.ts';

/** Something is asked for that can't be had; the message is for the user. */
export class UnsupportedOption extends Error {
  override readonly name = 'UnsupportedOption';
}

/** What the passes after the linker are told, and whether there are any. */
export interface LinkSettings {
  /** Makes an object for a later link. */
  relocatable: boolean;
  strip: 'nothing' | 'debug' | 'all';
  stackSize: number;
  forkInHandlers: boolean;
  checkFork: boolean;
  /** Of the profile "plain" (docs/abi.md): with a memory of its own, and no libc. */
  plain: boolean;
  /** The program gets polls, so that the kernel can interrupt it. */
  polls: boolean;
  /** Its stores leave marks, so that memory it shares costs little at a switch. Undefined: if it seems to share memory. */
  marks: boolean | undefined;
}

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Without a value. */
const IGNORED = new Set(
  words(`
    as-needed no-as-needed add-needed no-add-needed copy-dt-needed-entries no-copy-dt-needed-entries start-group end-group ( )
    static Bstatic Bdynamic dn dy non_shared call_shared pie no-pie pic-executable no-dynamic-linker export-dynamic E
    Bsymbolic Bsymbolic-functions Bno-symbolic Bgroup enable-new-dtags disable-new-dtags no-undefined allow-shlib-undefined
    no-allow-shlib-undefined no-undefined-version undefined-version default-symver default-imported-symver
    eh-frame-hdr no-eh-frame-hdr ld-generated-unwind-info no-ld-generated-unwind-info relax no-relax
    sort-common no-sort-common warn-common no-warn-common warn-once warn-textrel warn-section-align warn-alternate-em
    warn-execstack no-warn-execstack warn-rwx-segments no-warn-rwx-segments warn-mismatch no-warn-mismatch
    no-keep-memory reduce-memory-overheads stats cref no-icf discard-all discard-locals discard-none x X
    nmagic n omagic N no-omagic long-plt no-long-plt
  `),
);

/** With a value, in the same word (behind =) or the next. */
const IGNORED_WITH_VALUE = new Set(
  words(`
    soname h rpath R rpath-link dynamic-linker I hash-style sort-section exclude-libs version-script dynamic-list
    version-exports-section retain-symbols-file audit depaudit P auxiliary f filter F assert a
    compress-debug-sections package-metadata sysroot plugin plugin-opt icf sort-common orphan-handling
  `),
);

/** The same where the value may stand in the same word without =; only of options of one letter. */
const IGNORED_JOINED = /^-(?:R.+|O.*)$/;

const LINKER_SCRIPT =
  /^(?:-T|--script|--default-script|-dT|-T(?:text|data|bss|text-segment|rodata-segment|ldata-segment))(?:=.*)?$/;

function parseSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size <= 0) throw new UnsupportedOption(`stack-size=${text} is not a number of bytes`);
  return size;
}

/** Reads options one after another. */
export class LinkerOptions implements LinkSettings {
  relocatable = false;
  strip: LinkSettings['strip'] = 'nothing';
  stackSize = DEFAULT_STACK_SIZE;
  forkInHandlers = false;
  checkFork = false;
  plain = false;
  polls = true;
  marks: boolean | undefined;
  #wholeArchive = false;
  readonly #states: boolean[] = [];

  /** What wasm-ld is to be given in the place of this option; `next` takes the word after it. Throws UnsupportedOption. */
  read(option: string, next: () => string): string[] {
    if (this.#readOurs(option) || this.#readStrip(option)) return [];
    if (option === '-z' || /^-z./.test(option)) return this.#readZ(option === '-z' ? next() : option.slice(2));
    if (/^(?:--?shared|-Bshareable)$/.test(option)) throw new UnsupportedOption(NO_SHARED_LIBRARIES);
    if (LINKER_SCRIPT.test(option)) throw new UnsupportedOption(`${option}: wasm-ld has no linker scripts`);
    const other = this.#translate(option, next);
    if (other) return other;
    if (option === '-(' || option === '-)' || IGNORED_JOINED.test(option)) return [];
    const [, name = '', value] = /^--?([^=]+)(=.*)?$/s.exec(option) ?? [];
    if (value === undefined && IGNORED.has(name)) return [];
    if (!IGNORED_WITH_VALUE.has(name)) return [option];
    if (value === undefined) next();
    return [];
  }

  #readOurs(option: string): boolean {
    if (option === '--wasmlinux-fork-in-handlers') this.forkInHandlers = true;
    else if (option === '--wasmlinux-check-fork') this.checkFork = true;
    else if (option === '--wasmlinux-plain') this.plain = true;
    else if (option === '--wasmlinux-no-polls') this.polls = false;
    else if (option === '--wasmlinux-mark-stores') this.marks = true;
    else if (option === '--wasmlinux-no-mark-stores') this.marks = false;
    else return false;
    return true;
  }

  /** Stripping is done after the passes, which need names. */
  #readStrip(option: string): boolean {
    if (option === '-s' || option === '--strip-all') this.strip = 'all';
    else if (option === '-S' || option === '--strip-debug') this.strip = this.strip === 'all' ? 'all' : 'debug';
    else return false;
    return true;
  }

  /** All but the stack's size set flags of ELF files. */
  #readZ(value: string): string[] {
    const size = /^stack-size=(.*)$/.exec(value)?.[1];
    if (size !== undefined) this.stackSize = parseSize(size);
    return [];
  }

  #translate(option: string, next: () => string): string[] | undefined {
    switch (option) {
      case '-r':
      case '-i':
      case '--relocatable':
        this.relocatable = true;
        return [];
      case '-Map':
      case '--Map':
        return [`--Map=${next()}`];
      case '--build-id=md5':
        return ['--build-id=fast'];
      case '--whole-archive':
      case '-whole-archive':
      case '--no-whole-archive':
      case '-no-whole-archive':
        return this.#setWholeArchive(!option.includes('no-'));
      case '--push-state':
        this.#states.push(this.#wholeArchive);
        return [];
      case '--pop-state':
        return this.#setWholeArchive(this.#states.pop() ?? false);
      default:
        return undefined;
    }
  }

  #setWholeArchive(on: boolean): string[] {
    this.#wholeArchive = on;
    return [on ? '--whole-archive' : '--no-whole-archive'];
  }
}

/** docs/toolchain.md says why. */
export const NO_SHARED_LIBRARIES =
  '-shared: there are no shared libraries, programs are static (docs/toolchain.md says why)';
