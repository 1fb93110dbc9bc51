// SPDX-License-Identifier: MIT
/**
 * From an offset in a module to functions, files and lines of its source, by the DWARF in the module's custom sections. Nothing
 * is parsed before something is asked. Called when a report is made (src/machine).
 */
import { addressBefore, type Insertion } from '../wasm/insertions.ts';
import { codeOffset, readModule, SECTION, writeModule } from '../wasm/module.ts';
import { DebugInfo } from './debug-info.ts';
import { DwarfCursor, MalformedDwarf } from './dwarf-cursor.ts';
import type { DwarfSections, SectionName } from './dwarf-sections.ts';
import { LineTable } from './line-table.ts';

/** A function in the source, and the line in it that is being executed. */
export interface SourceFrame {
  /** Undefined where the debug information has no name. */
  readonly name: string | undefined;
  readonly file: string;
  /** From 1; 0: the compiler has made the instruction for no line in particular. */
  readonly line: number;
}

export class SourceLines {
  readonly #sections: DwarfSections;
  readonly #codeOffset: number;
  readonly #insertions: readonly Insertion[];
  readonly #info: DebugInfo;
  readonly #tables = new Map<number, LineTable>();
  /** By address: a program that is run again dies again in the same places. */
  readonly #found = new Map<number, readonly SourceFrame[]>();

  /**
   * codeOffset: where the contents of the code section begin, which DWARF's addresses count from. insertions: what has been put into
   * the code since.
   */
  constructor(sections: DwarfSections, codeOffset: number, insertions: readonly Insertion[] = []) {
    this.#sections = sections;
    this.#codeOffset = codeOffset;
    this.#insertions = insertions;
    this.#info = new DebugInfo(sections);
  }

  /**
   * What the instruction at an offset of the module comes from: the innermost of the functions that were inlined there first,
   * the function of the module last. Empty when that is not known, also because the debug information makes no sense.
   */
  framesAt(offset: number): readonly SourceFrame[] {
    const address = addressBefore(this.#insertions, offset - this.#codeOffset);
    const frames = this.#found.get(address) ?? this.#framesIfWellFormed(address);
    this.#found.set(address, frames);
    return frames;
  }

  #framesIfWellFormed(address: number): SourceFrame[] {
    try {
      return this.#framesAt(address);
    } catch (error) {
      if (error instanceof MalformedDwarf) return [];
      throw error;
    }
  }

  #framesAt(address: number): SourceFrame[] {
    const unit = this.#info.unitOf(address);
    if (unit?.lines === undefined) return [];
    const table = this.#table(unit.lines);
    let position = table.position(address);
    const frames: SourceFrame[] = [];
    for (const { name, call } of this.#info.scopesOf(unit, address).reverse()) {
      if (!position) return frames;
      frames.push({ name, ...position });
      const file = call && table.file(call.file);
      position = file === undefined ? undefined : { file, line: call?.line ?? 0 };
    }
    // Line tables alone have entries only for functions into which others were inlined.
    return frames.length === 0 && position ? [{ name: undefined, ...position }] : frames;
  }

  #table(offset: number): LineTable {
    const table = this.#tables.get(offset) ?? new LineTable(this.#sections, offset);
    this.#tables.set(offset, table);
    return table;
  }
}

/** A custom section with the offset of the code section's contents, for a module whose bytes are not at hand later. */
export const CODE_OFFSET_SECTION = 'wasmlinux.code-offset';

/** The module with that section behind the others. */
export function withCodeOffset(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = readModule(module);
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, codeOffset(writeModule(sections)), true);
  return writeModule([...sections, { id: SECTION.custom, name: CODE_OFFSET_SECTION, payload }]);
}

/** The lines of a module; undefined when it has none. knownOffset: unless the module says it itself. insertions: see SourceLines. */
export function sourceLinesOf(
  module: WebAssembly.Module,
  knownOffset?: number,
  insertions?: readonly Insertion[],
): SourceLines | undefined {
  const section = (name: string) =>
    new Uint8Array(WebAssembly.Module.customSections(module, name)[0] ?? new ArrayBuffer(0));
  if (section('.debug_line').length === 0) return undefined;
  const told = section(CODE_OFFSET_SECTION);
  const offset = knownOffset ?? (told.length === 4 ? new DwarfCursor(told).uint(4) : undefined);
  if (offset === undefined) return undefined;
  const kept = new Map<SectionName, Uint8Array>();
  return new SourceLines(
    (name) => {
      const bytes = kept.get(name) ?? section(name);
      kept.set(name, bytes);
      return bytes;
    },
    offset,
    insertions,
  );
}
