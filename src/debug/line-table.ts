// SPDX-License-Identifier: MIT
/** The line table of one compilation unit (.debug_line, versions 2 to 5): which line of which file an address comes from. */
import { DwarfCursor, MalformedDwarf } from './dwarf-cursor.ts';
import { type DwarfSections, readForm, textOf } from './dwarf-sections.ts';

export interface LinePosition {
  /** As the compiler was told it; absolute, or relative to the folder in which it ran. */
  readonly file: string;
  /** From 1; 0: no line in particular. */
  readonly line: number;
}

/** From an address up to the next row's. */
interface Row {
  readonly address: number;
  readonly file: number;
  readonly line: number;
}

/** In place of a file: the sequence has ended. */
const END = -1;

/** What no compiler exceeds; memory is not to be filled with what a hostile program says. */
const MOST_FILES = 2 ** 16;
const MOST_ROWS = 2 ** 20;

/** DW_LNS_*, DW_LNE_* and DW_LNCT_*. */
const STANDARD = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  const_add_pc: 8,
  fixed_advance_pc: 9,
} as const;
const EXTENDED = { end_sequence: 1, set_address: 2 } as const;
const CONTENT = { path: 1, directory: 2 } as const;

/** The linker gives such an address to what it has left out; 0 is no function's either. */
export const isDead = (address: number) => address === 0 || address >= 0xfffffff0;

export class LineTable {
  /** By address. */
  readonly #rows: readonly Row[];
  readonly #files = new Map<number, string>();

  /** offset: where the unit's table begins in .debug_line. Throws MalformedDwarf. */
  constructor(sections: DwarfSections, offset: number) {
    const cursor = new DwarfCursor(sections('.debug_line'), offset).unit();
    const version = cursor.uint(2);
    if (version < 2 || version > 5) throw new MalformedDwarf(`line tables of version ${version} are not read`);
    if (version >= 5) cursor.skip(2);
    const programAt = cursor.uint(4) + cursor.position;
    const minimumLength = cursor.u8();
    if (version >= 4) cursor.skip(1);
    cursor.skip(1);
    const lineBase = (cursor.u8() << 24) >> 24;
    const lineRange = cursor.u8();
    const opcodeBase = cursor.u8();
    const lengths = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => cursor.u8());
    if (lineRange === 0) throw new MalformedDwarf('a line table advances by nothing');
    if (version >= 5) this.#readNames5(cursor, sections);
    else this.#readNames(cursor);
    const program = new DwarfCursor(cursor.bytes, programAt, cursor.end);
    // Of rows at one address the last counts, but where a sequence ends another may begin.
    this.#rows = runProgram(program, { minimumLength, lineBase, lineRange, opcodeBase, lengths }).sort(
      (a, b) => a.address - b.address || Number(b.file === END) - Number(a.file === END),
    );
  }

  /** The name of a file of the table's list. */
  file(index: number): string | undefined {
    return this.#files.get(index);
  }

  /** What the instruction at an address comes from. */
  position(address: number): LinePosition | undefined {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle] as Row).address <= address) low = middle + 1;
      else high = middle;
    }
    const row = this.#rows[low - 1];
    const file = row && this.#files.get(row.file);
    return file === undefined ? undefined : { file, line: row?.line ?? 0 };
  }

  /** Where a line begins, by address; undefined where the code of a sequence ends. */
  *marks(): Iterable<{ readonly address: number; readonly position: LinePosition | undefined }> {
    for (const { address, file, line } of this.#rows) {
      const name = this.#files.get(file);
      yield { address, position: name === undefined ? undefined : { file: name, line } };
    }
  }

  #readNames(cursor: DwarfCursor): void {
    const directories = [''];
    for (let name = cursor.text(); name !== ''; name = cursor.text()) directories.push(name);
    let index = 1;
    for (let name = cursor.text(); name !== ''; name = cursor.text()) {
      this.#files.set(index++, joinPath(directories[cursor.uleb()], name));
      cursor.uleb();
      cursor.uleb();
    }
  }

  #readNames5(cursor: DwarfCursor, sections: DwarfSections): void {
    const entries = () => {
      const formats = Array.from({ length: cursor.u8() }, () => [cursor.uleb(), cursor.uleb()] as const);
      const count = cursor.uleb();
      if (formats.length === 0 || count > MOST_FILES) return [];
      const list: { path: string; directory: number }[] = [];
      for (let index = 0; index < count; index++) {
        let path = '';
        let directory = 0;
        for (const [content, form] of formats) {
          const value = readForm(cursor, form);
          if (content === CONTENT.path) path = textOf(value, form, sections) ?? '';
          else if (content === CONTENT.directory && typeof value === 'number') directory = value;
        }
        list.push({ path, directory });
      }
      return list;
    };
    const directories = entries();
    for (const [index, { path, directory }] of entries().entries()) {
      // The first directory is the one in which the compiler ran.
      this.#files.set(index, joinPath(directory === 0 ? '' : directories[directory]?.path, path));
    }
  }
}

/** The path of a file in a directory, without steps on the spot or up and down again. */
function joinPath(directory: string | undefined, name: string): string {
  const path = directory && !name.startsWith('/') ? `${directory}/${name}` : name;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '.' || (part === '' && parts.length > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

interface ProgramHeader {
  readonly minimumLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many operands each standard opcode has. */
  readonly lengths: readonly number[];
}

function runProgram(cursor: DwarfCursor, header: ProgramHeader): Row[] {
  const { minimumLength, lineBase, lineRange, opcodeBase, lengths } = header;
  const rows: Row[] = [];
  let sequence: Row[] = [];
  let address = 0;
  let file = 1;
  let line = 1;
  const advance = (operations: number) => {
    address += operations * minimumLength;
  };
  const emit = () => {
    if (rows.length + sequence.length > MOST_ROWS) throw new MalformedDwarf('a line table is too long');
    sequence.push({ address, file, line });
  };
  while (!cursor.atEnd) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      advance(Math.floor(adjusted / lineRange));
      line += lineBase + (adjusted % lineRange);
      emit();
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = cursor.uleb();
        const next = cursor.position + length;
        const extended = length > 0 ? cursor.u8() : undefined;
        if (extended === EXTENDED.set_address) address = cursor.uint(length - 1);
        else if (extended === EXTENDED.end_sequence) {
          if (!isDead(sequence[0]?.address ?? 0)) {
            for (const row of sequence) rows.push(row);
            rows.push({ address, file: END, line: 0 });
          }
          sequence = [];
          address = 0;
          file = 1;
          line = 1;
        }
        cursor.skip(next - cursor.position);
        break;
      }
      case STANDARD.copy:
        emit();
        break;
      case STANDARD.advance_pc:
        advance(cursor.uleb());
        break;
      case STANDARD.advance_line:
        line += cursor.sleb();
        break;
      case STANDARD.set_file:
        file = cursor.uleb();
        break;
      case STANDARD.const_add_pc:
        advance(Math.floor((255 - opcodeBase) / lineRange));
        break;
      case STANDARD.fixed_advance_pc:
        address += cursor.uint(2);
        break;
      default:
        for (let operand = lengths[opcode - 1] ?? 0; operand > 0; operand--) cursor.uleb();
    }
  }
  return rows;
}
