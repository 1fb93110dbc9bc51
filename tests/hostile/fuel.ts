// SPDX-License-Identifier: MIT
/**
 * Gives a module fuel, so that it ends: each entry of a function and each turn of a loop takes one from a global, and traps when
 * none is left. Without it a mutated program that computes for ever would hold the machine's only thread, which proves nothing.
 *
 *   before  (func $f (loop $l ...))
 *   after   (func $f (take) (loop $l (take) ...))  take: if fuel = 0 then unreachable; fuel = fuel - 1
 */
import { type Reader, Writer } from '../../src/wasm/binary.ts';
import { sleb, uleb } from '../../src/wasm/builder.ts';
import { OP, skipImmediates } from '../../src/wasm/instructions.ts';
import { EXTERNAL, findSection, SECTION, type Section, sectionReader } from '../../src/wasm/module.ts';

/** Some milliseconds of work. */
const FUEL = 100_000;
const I32 = 0x7f;
const VOID = 0x40;
const I32_EQZ = 0x45;
const I32_SUB = 0x6b;

/** The vector of a section with one element more. */
function appended(sections: readonly Section[], id: number, element: Uint8Array): Section {
  const reader = sectionReader(sections, id);
  const count = reader.u32();
  const payload = new Writer()
    .u32(count + 1)
    .put(reader.bytes.subarray(reader.position))
    .put(element)
    .finish();
  return { id, name: '', payload };
}

/** The module must be valid and import no global. Throws MalformedModule when an instruction is none that passes know. */
export function withFuel(sections: readonly Section[]): Section[] {
  const fuel = sectionReader(sections, SECTION.global).u32();
  // biome-ignore format: one instruction after the other
  const take = Uint8Array.of(
    OP.globalGet, ...uleb(fuel), I32_EQZ, OP.if, VOID, OP.unreachable, OP.end,
    OP.globalGet, ...uleb(fuel), OP.i32Const, 1, I32_SUB, OP.globalSet, ...uleb(fuel),
  );
  const global = Uint8Array.of(I32, 1, OP.i32Const, ...sleb(FUEL), OP.end);
  const exported = new Writer().text('fuel').byte(EXTERNAL.global).u32(fuel).finish();
  const replaced = new Map<number, Section>([
    [SECTION.global, appended(sections, SECTION.global, global)],
    [SECTION.export, appended(sections, SECTION.export, exported)],
  ]);
  const code = sectionReader(sections, SECTION.code);
  const bodies = code.vector((reader) => withTakes(reader, take));
  const writer = new Writer().u32(bodies.length);
  for (const body of bodies) writer.u32(body.length).put(body);
  if (bodies.length > 0) replaced.set(SECTION.code, { id: SECTION.code, name: '', payload: writer.finish() });
  const result = sections.map((section) => replaced.get(section.id) ?? section);
  // Missing ones go before the first section that must follow.
  for (const id of [SECTION.export, SECTION.global] as const) {
    if (findSection(result, id)) continue;
    const at = result.findIndex((section) => section.id > id && section.id !== SECTION.tag);
    result.splice(at < 0 ? result.length : at, 0, replaced.get(id) as Section);
  }
  return result;
}

function withTakes(code: Reader, take: Uint8Array): Uint8Array {
  const end = code.u32() + code.position;
  const writer = new Writer();
  let copied = code.position;
  const copy = () => {
    writer.put(code.bytes.subarray(copied, code.position));
    copied = code.position;
  };
  for (let groups = code.u32(); groups > 0; groups--) {
    code.skipNumber();
    code.skipNumber();
  }
  copy();
  writer.put(take);
  while (code.position < end) {
    const op = code.byte();
    skipImmediates(code, op);
    if (op !== OP.loop) continue;
    copy();
    writer.put(take);
  }
  copy();
  return writer.finish();
}
