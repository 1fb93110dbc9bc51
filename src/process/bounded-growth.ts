// SPDX-License-Identifier: MIT
/**
 * A pass over a module that has been read and judged (program-shape.ts): what it may grow by itself, its own memory and its
 * tables, gets a maximum, so that memory.grow and table.grow answer -1 there. The engine's own limits are 4 GiB for each memory
 * and 10,000,000 slots for each of 100,000 tables.
 */

import { Writer } from '../wasm/binary.ts';
import { LIMIT, SECTION, type Section, sectionReader } from '../wasm/module.ts';
import { type Limits, type ProgramLimits, readLimits } from './program-shape.ts';

const isWithin = ({ maximum }: Limits, most: number) => maximum !== undefined && maximum <= most;

function writeLimits(writer: Writer, { minimum, maximum }: Limits, most: number): void {
  writer
    .byte(LIMIT.hasMaximum)
    .u32(minimum)
    .u32(Math.min(maximum ?? most, most));
}

/** The sections with these limits, or the same array when they keep to them. */
export function withBoundedGrowth(sections: readonly Section[], limits: ProgramLimits): readonly Section[] {
  const changed = new Map<number, Uint8Array>();
  const memory = sectionReader(sections, SECTION.memory).vector((reader) => readLimits(reader, 'memory'))[0];
  if (memory && !isWithin(memory, limits.pages)) {
    const writer = new Writer().u32(1);
    writeLimits(writer, memory, limits.pages);
    changed.set(SECTION.memory, writer.finish());
  }
  const tables = sectionReader(sections, SECTION.table).vector((reader) => ({
    type: reader.byte(),
    limits: readLimits(reader, 'table'),
  }));
  // All tables together have limits.tableSlots: what is left is shared out evenly.
  const used = tables.reduce((sum, table) => sum + table.limits.minimum, 0);
  const share = Math.floor((limits.tableSlots - used) / tables.length);
  const mostOf = (table: (typeof tables)[number]) => table.limits.minimum + share;
  if (!tables.every((table) => isWithin(table.limits, mostOf(table)))) {
    const writer = new Writer().u32(tables.length);
    for (const table of tables) writeLimits(writer.byte(table.type), table.limits, mostOf(table));
    changed.set(SECTION.table, writer.finish());
  }
  if (changed.size === 0) return sections;
  return sections.map((section) => ({ ...section, payload: changed.get(section.id) ?? section.payload }));
}
