// SPDX-License-Identifier: MIT
/**
 * Structures in a program's memory: where each field lies and how it is shown. The layouts are written down once, here and in
 * structs.ts; a test compares them with the headers that programs are compiled with.
 */
import type { Call } from './call.ts';
import { hex, pointer, quote } from './text.ts';
import type { UserMemory } from './user-memory.ts';

/** Something of a known size in memory. */
export interface Layout {
  readonly size: number;
  readonly show: (memory: UserMemory, address: number, call: Call) => string;
}

export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly layout: Layout;
}

export interface Structure extends Layout {
  /** As C writes it: "struct stat". */
  readonly cName: string;
  /** The headers that define it; '' when none for programs does. */
  readonly header: string;
  readonly fields: readonly Field[];
}

/** All structures, for the test. */
export const structures: Structure[] = [];

type FieldEntry = readonly [name: string, offset: number, layout: Layout];

/** A structure that is shown field by field: {a=1, b=2}. */
export function structure(header: string, cName: string, size: number, entries: readonly FieldEntry[]): Structure {
  const fields = entries.map(([name, offset, layout]) => ({ name, offset, layout }));
  const show = (memory: UserMemory, address: number, call: Call) => {
    const texts = fields.map(
      ({ name, offset, layout }) => [name, layout.show(memory, address + offset, call)] as const,
    );
    return `{${texts
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `${name}=${text}`)
      .join(', ')}}`;
  };
  const made = { header, cName, size, fields, show };
  structures.push(made);
  return made;
}

/** A number of 32 bits or less in memory, shown in a special way. */
export const word = (show: (value: number) => string): Layout => ({ size: 4, show: (m, at) => show(m.u32(at)) });
export const half = (show: (value: number) => string): Layout => ({ size: 2, show: (m, at) => show(m.u16(at)) });
export const byte = (show: (value: number) => string): Layout => ({ size: 1, show: (m, at) => show(m.u8(at)) });

export const u8 = byte(String);
export const u16 = half(String);
export const i16 = half((value) => String((value << 16) >> 16));
export const u32 = word(String);
export const i32 = word((value) => String(value | 0));
export const hex32 = word((value) => (value === 0 ? '0' : hex(value)));
export const address = word(pointer);
export const u64: Layout = { size: 8, show: (m, at) => String(m.u64(at)) };
export const i64: Layout = { size: 8, show: (m, at) => String(m.i64(at)) };

/** A field that is not worth a place: it is there for its name and size. */
export const hidden = (size: number): Layout => ({ size, show: () => '' });

/** A NUL-terminated text in an array. */
export const text = (size: number): Layout => ({
  size,
  show: (m, at, call) => {
    const bytes = m.cString(at, size)?.bytes ?? new Uint8Array();
    return quote(bytes.subarray(0, Math.max(call.limit, 32)), bytes.length > Math.max(call.limit, 32));
  },
});

export const arrayIn = (layout: Layout, count: number): Layout => ({
  size: layout.size * count,
  show: (m, at, call) =>
    `[${Array.from({ length: count }, (_, index) => layout.show(m, at + index * layout.size, call)).join(', ')}]`,
});

/** Elements that are shown of an array unless all are asked for. */
const SHOWN_ELEMENTS = 32;

/** An array of `count` elements at an address of the program's; the address itself where that can't be read. */
export function showArray(call: Call, at: number, count: number, layout: Layout): string {
  if (at === 0) return 'NULL';
  if (count === 0) return '[]';
  const { memory } = call;
  const shown = Math.min(count, call.verbose ? count : SHOWN_ELEMENTS);
  const elements: string[] = [];
  for (let i = 0; i < shown; i++) {
    const element = at + i * layout.size;
    if (!memory.has(element, layout.size)) {
      if (i === 0) return pointer(at);
      elements.push(`... /* ${pointer(element)} */`);
      return `[${elements.join(', ')}]`;
    }
    elements.push(layout.show(memory, element, call));
  }
  if (shown < count) elements.push('...');
  return `[${elements.join(', ')}]`;
}

/** What lies at an address of the program's; the address itself where that can't be read. */
export function showAt(call: Call, at: number, layout: Layout): string {
  return at !== 0 && call.memory.has(at, layout.size) ? layout.show(call.memory, at, call) : pointer(at);
}

/** A buffer of `size` bytes, cut to the call's limit. */
export function showBytes(call: Call, at: number, size: number): string {
  if (at === 0) return 'NULL';
  const shown = Math.min(size, call.limit);
  if (!call.memory.has(at, shown)) return pointer(at);
  return quote(call.memory.bytes.subarray(at, at + shown), shown < size);
}

/** A NUL-terminated text, cut to `limit` bytes. */
export function showText(call: Call, at: number, limit: number): string {
  if (at === 0) return 'NULL';
  const found = call.memory.cString(at, limit);
  return found ? quote(found.bytes, !found.whole) : pointer(at);
}
