// SPDX-License-Identifier: MIT
/**
 * A module as its list of sections, and the sections that more than one pass looks into: imports, exports, the name
 * section. A pass takes sections and returns sections; what it does not touch stays byte for byte.
 */

import { MalformedModule, Reader, Writer } from './binary.ts';

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

export const EXTERNAL = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** Bits of a memory's or table's limits byte. */
export const LIMIT = { hasMaximum: 1, shared: 2, wide: 4, customPageSize: 8 } as const;

export interface Section {
  readonly id: number;
  /** Of a custom section: its name; else empty. */
  readonly name: string;
  /** What follows the section's size, and the name if it has one. */
  readonly payload: Uint8Array;
}

/** Each is an object; linkers make some twenty. */
const MOST_SECTIONS = 10_000;

const MAGIC = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** Splits a module into its sections. Throws MalformedModule if it is none. */
export function readModule(bytes: Uint8Array): Section[] {
  const reader = new Reader(bytes);
  const magic = reader.take(MAGIC.length);
  if (!MAGIC.every((byte, index) => magic[index] === byte))
    throw new MalformedModule('this is not a WebAssembly module');
  const sections: Section[] = [];
  while (!reader.atEnd) {
    if (sections.length === MOST_SECTIONS) throw new MalformedModule(`it has more than ${MOST_SECTIONS} sections`);
    const id = reader.byte();
    const content = new Reader(reader.take(reader.u32()));
    const name = id === SECTION.custom ? content.text() : '';
    sections.push({ id, name, payload: content.bytes.subarray(content.position) });
  }
  return sections;
}

export function writeModule(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const writer = new Writer().put(MAGIC);
  for (const section of sections) {
    const content = new Writer();
    if (section.id === SECTION.custom) content.text(section.name);
    const bytes = content.put(section.payload).finish();
    writer.byte(section.id).u32(bytes.length).put(bytes);
  }
  return writer.finish();
}

/** Where the contents of the code section begin in the module, which DWARF's addresses count from; 0 without code. */
export function codeOffset(bytes: Uint8Array): number {
  const code = readModule(bytes).find(({ id }) => id === SECTION.code);
  return code ? code.payload.byteOffset - bytes.byteOffset : 0;
}

export function findSection(sections: readonly Section[], id: number): Section | undefined {
  return sections.find((section) => section.id === id);
}

export function findCustomSection(sections: readonly Section[], name: string): Section | undefined {
  return sections.find((section) => section.id === SECTION.custom && section.name === name);
}

/** A reader over a section's payload; of a missing section, over an empty vector. */
export function sectionReader(sections: readonly Section[], id: number): Reader {
  return new Reader(findSection(sections, id)?.payload ?? Uint8Array.of(0));
}

export interface Import {
  readonly module: string;
  readonly name: string;
  /** One of EXTERNAL. */
  readonly kind: number;
  /** Of a function its type's index, else 0. */
  readonly type: number;
  /** Of a memory: where in the section's payload its limits byte is, else 0. */
  readonly limitsAt: number;
}

export function skipLimits(reader: Reader): void {
  const flags = reader.byte();
  reader.skipNumber();
  if (flags & LIMIT.hasMaximum) reader.skipNumber();
  if (flags & LIMIT.customPageSize) reader.skipNumber();
}

export function readImports(sections: readonly Section[]): Import[] {
  return sectionReader(sections, SECTION.import).vector((reader) => {
    const module = reader.text();
    const name = reader.text();
    const kind = reader.byte();
    let type = 0;
    let limitsAt = 0;
    switch (kind) {
      case EXTERNAL.function:
        type = reader.u32();
        break;
      case EXTERNAL.table:
        reader.skipNumber();
        skipLimits(reader);
        break;
      case EXTERNAL.memory:
        limitsAt = reader.position;
        skipLimits(reader);
        break;
      case EXTERNAL.global:
        reader.skipNumber();
        reader.byte();
        break;
      case EXTERNAL.tag:
        reader.byte();
        reader.skipNumber();
        break;
      default:
        throw new MalformedModule(`import ${module}.${name} is of an unknown kind, ${kind}`);
    }
    return { module, name, kind, type, limitsAt };
  });
}

export interface Export {
  readonly name: string;
  /** One of EXTERNAL. */
  readonly kind: number;
  readonly index: number;
}

export function readExports(sections: readonly Section[]): Export[] {
  return sectionReader(sections, SECTION.export).vector((reader) => ({
    name: reader.text(),
    kind: reader.byte(),
    index: reader.u32(),
  }));
}
