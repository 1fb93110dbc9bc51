// SPDX-License-Identifier: MIT
/**
 * The lines of a module, out of its DWARF and into it again when a pass has moved its code: what else DWARF tells is not
 * moved, and left out. Called by forkable.ts.
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
