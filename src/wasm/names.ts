// SPDX-License-Identifier: MIT
/**
 * The name section: names of functions and globals, read by passes and by what prints stack traces.
 *
 * `uniqueFunctionNames` exists because C has static functions of one name in many files and Binaryen's lists of functions
 * go by name: the second `cleanup` becomes `cleanup.2`, a function without a name `function.17`.
 */

import { Reader, Writer } from './binary.ts';
import { findCustomSection, SECTION, type Section } from './module.ts';

const SUBSECTION = { module: 0, function: 1, local: 2, label: 3, global: 7 } as const;
/** Of these the names are lists for each function. */
const BY_FUNCTION: ReadonlySet<number> = new Set([SUBSECTION.local, SUBSECTION.label]);

function readMap(sections: readonly Section[], subsection: number): Map<number, string> {
  const names = new Map<number, string>();
  const payload = findCustomSection(sections, 'name')?.payload;
  if (!payload) return names;
  const reader = new Reader(payload);
  while (!reader.atEnd) {
    const id = reader.byte();
    const content = new Reader(reader.take(reader.u32()));
    if (id === subsection) content.vector((entry) => names.set(entry.u32(), entry.text()));
  }
  return names;
}

export function readFunctionNames(sections: readonly Section[]): Map<number, string> {
  return readMap(sections, SUBSECTION.function);
}

export function readGlobalNames(sections: readonly Section[]): Map<number, string> {
  return readMap(sections, SUBSECTION.global);
}

/** The name that a compiled module has for itself; undefined when it has none, or one that can't be read. */
export function readModuleName(module: WebAssembly.Module): string | undefined {
  const [section] = WebAssembly.Module.customSections(module, 'name');
  if (!section) return undefined;
  try {
    const reader = new Reader(new Uint8Array(section));
    if (reader.byte() !== SUBSECTION.module) return undefined;
    return new Reader(reader.take(reader.u32())).text();
  } catch {
    // A custom section may hold anything.
    return undefined;
  }
}

/** One name for each of `count` functions, no two alike. */
export function uniqueFunctionNames(sections: readonly Section[], count: number): string[] {
  const given = readFunctionNames(sections);
  const used = new Set<string>();
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const name = given.get(index) ?? `function.${index}`;
    let unique = name;
    for (let copy = 2; used.has(unique); copy++) unique = `${name}.${copy}`;
    used.add(unique);
    names.push(unique);
  }
  return names;
}

/** The module with other names for its functions or globals, by index; the other names of the name section stay. */
function withMap(sections: readonly Section[], subsection: number, names: Iterable<[number, string]>): Section[] {
  const entries = [...names].sort(([a], [b]) => a - b);
  const map = new Writer().u32(entries.length);
  for (const [index, name] of entries) map.u32(index).text(name);
  const contents = map.finish();

  const reader = new Reader(findCustomSection(sections, 'name')?.payload ?? new Uint8Array());
  const before = new Writer();
  const after = new Writer();
  while (!reader.atEnd) {
    const id = reader.byte();
    const content = reader.take(reader.u32());
    if (id === subsection) continue;
    (id < subsection ? before : after).byte(id).u32(content.length).put(content);
  }
  const payload = new Writer()
    .put(before.finish())
    .byte(subsection)
    .u32(contents.length)
    .put(contents)
    .put(after.finish())
    .finish();
  return withNameSection(sections, { id: SECTION.custom, name: 'name', payload });
}

/** What the tools of LLVM, which read no module otherwise, want behind the names. */
const BEHIND_NAMES: ReadonlySet<string> = new Set(['producers', 'target_features']);

/** In the place of the old section, or as near to the end as may be. */
function withNameSection(sections: readonly Section[], section: Section): Section[] {
  const isCustom = ({ id }: Section) => id === SECTION.custom;
  const old = sections.findIndex((each) => isCustom(each) && each.name === 'name');
  if (old >= 0) return sections.with(old, section);
  const behind = sections.findIndex((each) => isCustom(each) && BEHIND_NAMES.has(each.name));
  return sections.toSpliced(behind < 0 ? sections.length : behind, 0, section);
}

/** The module with these names for its functions, by index. */
export function withFunctionNames(
  sections: readonly Section[],
  names: readonly string[] | ReadonlyMap<number, string>,
): Section[] {
  return withMap(sections, SUBSECTION.function, names.entries());
}

/** Copies a list of names, each with a number before it. */
function copyNames(reader: Reader, writer: Writer): void {
  const count = reader.u32();
  writer.u32(count);
  for (let index = 0; index < count; index++) writer.u32(reader.u32()).text(reader.text());
}

/** The module with the names of its functions, and of what is in them, for functions that have moved to other indices. */
export function withMovedFunctionNames(sections: readonly Section[], moved: (index: number) => number): Section[] {
  const named = withFunctionNames(
    sections,
    new Map([...readFunctionNames(sections)].map(([index, name]) => [moved(index), name])),
  );
  // A second one has no meaning, and may be anything.
  const names = findCustomSection(named, 'name');
  return named.map((section) => {
    if (section !== names) return section;
    const reader = new Reader(section.payload);
    const payload = new Writer();
    while (!reader.atEnd) {
      const id = reader.byte();
      const content = reader.take(reader.u32());
      const changed = BY_FUNCTION.has(id) ? moveLists(content, moved) : content;
      payload.byte(id).u32(changed.length).put(changed);
    }
    return { ...section, payload: payload.finish() };
  });
}

function moveLists(content: Uint8Array, moved: (index: number) => number): Uint8Array {
  const lists = new Reader(content).vector((reader) => {
    const index = moved(reader.u32());
    const names = new Writer();
    copyNames(reader, names);
    return { index, names: names.finish() };
  });
  const writer = new Writer().u32(lists.length);
  for (const { index, names } of lists.sort((a, b) => a.index - b.index)) writer.u32(index).put(names);
  return writer.finish();
}

/** The module with these names for its globals, by index. */
export function withGlobalNames(sections: readonly Section[], names: ReadonlyMap<number, string>): Section[] {
  return withMap(sections, SUBSECTION.global, names.entries());
}
