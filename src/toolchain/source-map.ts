// SPDX-License-Identifier: MIT
/**
 * Lines of a module as a source map (ECMA-426), the one form in which Binaryen carries them through its passes, and back to
 * DWARF, which the other tools read. Called by asyncify.ts.
 */
import { DwarfCursor } from '../debug/dwarf-cursor.ts';
import type { DwarfSections } from '../debug/dwarf-sections.ts';
import { type LinePosition, LineTable } from '../debug/line-table.ts';
import { Writer } from '../wasm/binary.ts';
import { sleb } from '../wasm/builder.ts';
import { SECTION, type Section } from '../wasm/module.ts';

/** What instructions come from, from an address of the code section up to the next mark's; undefined: nothing known. */
export interface LineMark {
  readonly address: number;
  readonly position: LinePosition | undefined;
}

/** All lines of a module's DWARF, by address, one mark for each. Throws MalformedDwarf. */
export function lineMarks(sections: DwarfSections): LineMark[] {
  const marks = new Map<number, LinePosition | undefined>();
  const cursor = new DwarfCursor(sections('.debug_line'));
  while (!cursor.atEnd) {
    const table = new LineTable(sections, cursor.position);
    cursor.unit();
    for (const { address, position } of table.marks()) {
      // Where one function ends the next may begin.
      if (position || !marks.has(address)) marks.set(address, position);
    }
  }
  return [...marks].map(([address, position]) => ({ address, position })).sort((a, b) => a.address - b.address);
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function vlq(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

function vlqs(text: string): number[] {
  const values: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of text) {
    const digit = DIGITS.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    values.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = shift = 0;
  }
  return values;
}

/** A source map of these marks; the code section's contents begin at codeOffset. */
export function toSourceMap(marks: readonly LineMark[], codeOffset: number): string {
  const sources = new Map<string, number>();
  let last = { column: 0, source: 0, line: 0 };
  const segments = marks.map(({ address, position }) => {
    const column = address + codeOffset;
    if (!position || position.line === 0) {
      const segment = vlq(column - last.column);
      last = { ...last, column };
      return segment;
    }
    const source = sources.get(position.file) ?? sources.size;
    sources.set(position.file, source);
    const line = position.line - 1;
    const segment = [column - last.column, source - last.source, line - last.line, 0].map(vlq).join('');
    last = { column, source, line };
    return segment;
  });
  return JSON.stringify({ version: 3, sources: [...sources.keys()], names: [], mappings: segments.join(',') });
}

/** The marks of a source map. */
export function fromSourceMap(text: string, codeOffset: number): LineMark[] {
  const { sources, mappings }: { sources: string[]; mappings: string } = JSON.parse(text);
  let column = 0;
  let source = 0;
  let line = 0;
  return mappings.split(',').map((segment) => {
    const [columns = 0, ...where] = vlqs(segment);
    column += columns;
    if (where.length < 2) return { address: column - codeOffset, position: undefined };
    source += where[0] ?? 0;
    line += where[1] ?? 0;
    return { address: column - codeOffset, position: { file: sources[source] ?? '', line: line + 1 } };
  });
}

/** Operands of the standard opcodes of a line table, from 1 on. */
const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const OPCODE = { extended: 0, copy: 1, advance_pc: 2, advance_line: 3, set_file: 4 } as const;
const EXTENDED = { end_sequence: 1, set_address: 2 } as const;

const word = (value: number) => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
const zeroEnded = (text: string) => new TextEncoder().encode(`${text}\0`);

/** DWARF 4 sections with these lines, as one unit: its functions have no entries, only the instructions have lines. */
export function toDwarf(marks: readonly LineMark[]): Section[] {
  const files = [...new Set(marks.flatMap(({ position }) => (position ? [position.file] : [])))];
  const numbers = new Map(files.map((file, index) => [file, index + 1]));
  const program = new Writer();
  let open: { address: number; file: number; line: number } | undefined;
  for (const { address, position } of marks) {
    if (open) program.byte(OPCODE.advance_pc).u32(address - open.address);
    if (!position) {
      if (open) program.byte(OPCODE.extended).u32(1).byte(EXTENDED.end_sequence);
      open = undefined;
      continue;
    }
    if (!open) program.byte(OPCODE.extended).u32(5).byte(EXTENDED.set_address).put(word(address));
    const before = open ?? { file: 1, line: 1 };
    const file = numbers.get(position.file) ?? 1;
    if (file !== before.file) program.byte(OPCODE.set_file).u32(file);
    if (position.line !== before.line)
      program.byte(OPCODE.advance_line).put(Uint8Array.from(sleb(position.line - before.line)));
    program.byte(OPCODE.copy);
    open = { address, file, line: position.line };
  }
  if (open) program.byte(OPCODE.advance_pc).u32(1).byte(OPCODE.extended).u32(1).byte(EXTENDED.end_sequence);

  const header = new Writer()
    .byte(1)
    .byte(1)
    .byte(1)
    .byte(0xfb)
    .byte(14)
    .byte(OPERANDS.length + 1);
  header.put(Uint8Array.from(OPERANDS)).byte(0);
  for (const file of files) header.put(zeroEnded(file)).byte(0).byte(0).byte(0);
  const headerBytes = header.byte(0).finish();
  const line = unit(new Writer().byte(4).byte(0).put(word(headerBytes.length)).put(headerBytes).put(program.finish()));
  const low = marks[0]?.address ?? 0;
  const high = (marks.at(-1)?.address ?? 0) + 1;
  // DW_TAG_compile_unit with DW_AT_name, _stmt_list, _low_pc and _high_pc
  const abbreviations = Uint8Array.of(1, 0x11, 0, 0x03, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0, 0);
  const entry = new Writer().byte(4).byte(0).put(word(0)).byte(4).byte(1);
  entry
    .put(zeroEnded(files[0] ?? ''))
    .put(word(0))
    .put(word(low))
    .put(word(high - low));
  const section = (name: string, payload: Uint8Array) => ({ id: SECTION.custom, name, payload });
  return [section('.debug_abbrev', abbreviations), section('.debug_info', unit(entry)), section('.debug_line', line)];
}

/** With its length before it. */
function unit(writer: Writer): Uint8Array {
  const bytes = writer.finish();
  return new Writer().put(word(bytes.length)).put(bytes).finish();
}
