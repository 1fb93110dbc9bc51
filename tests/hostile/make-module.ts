// SPDX-License-Identifier: MIT
/** Makes the modules of modules.ts: small programs from text, and what no text can say, byte by byte. */
import { withAbiNote } from '../../src/wasm/abi-note.ts';
import { Writer } from '../../src/wasm/binary.ts';
import { readModule, SECTION, type Section, writeModule } from '../../src/wasm/module.ts';
import { assemble } from '../harness/wat.ts';

export const SYSCALL = '(import "env" "wasmlinux_syscall32" (func $syscall (param i32 i32) (result i32)))';
export const FORK = '(import "env" "wasmlinux_fork" (func $fork (result i32)))';
export const VFORK = '(import "env" "wasmlinux_vfork" (func $vfork (result i32)))';
export const MEMORY = '(memory (export "memory") 1)';

export const start = (body: string, locals = '') => `(func (export "_start") (param i32) ${locals} ${body})`;
export const plain = (body: string, more = '') => assemble(`(module ${SYSCALL} ${MEMORY} ${more} ${start(body)})`);
export const bare = (fields: string) => assemble(`(module ${fields})`);
/** With the mark of the linux profile. */
export function linux(fields: string): Uint8Array {
  const note = { version: 1, fork: 1, preemption: 0, exceptions: 0, stackSize: 65536, cards: 0 } as const;
  return writeModule(withAbiNote(readModule(bare(fields)), note));
}

export const getppid = '(drop (call $syscall (i32.const 173) (i32.const 0)))';
export const exit = (status: string) =>
  `(i32.store (i32.const 1024) ${status}) (drop (call $syscall (i32.const 94) (i32.const 1024)))`;
/** exit_group(0) when the value is the expected one, else 1. */
export const check = (value: string, expected: number) => exit(`(i32.ne ${value} (i32.const ${expected}))`);

export const working = plain(exit('(i32.const 0)'));

export function isWhole(bytes: Uint8Array): boolean {
  return (
    WebAssembly.validate(Uint8Array.from(bytes)) &&
    WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(bytes))).length === 2
  );
}

export function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

export const section = (id: number, payload: readonly number[] = []): Section => ({
  id,
  name: '',
  payload: Uint8Array.from(payload),
});
export function custom(name: string, payload: readonly number[]): Section {
  return { id: SECTION.custom, name, payload: Uint8Array.from(payload) };
}
export function sections(change: (all: Section[]) => Section[]): Uint8Array {
  return writeModule(change(readModule(working)));
}

/** A program of the linux profile with this note, `times` times. */
export function noted(note: readonly number[], times = 1): Uint8Array {
  const program = bare(`${SYSCALL} (import "env" "memory" (memory 1 4)) ${start(exit('(i32.const 0)'))}`);
  return writeModule([...readModule(program), ...new Array(times).fill(custom('wasmlinux.abi', note))]);
}

/** A program whose memory's limits have these flags. */
export function limits(flags: number): Uint8Array {
  return sections((all) =>
    all.map((one) => (one.id === SECTION.memory ? section(SECTION.memory, [1, flags, 1, 0]) : one)),
  );
}

export function twoMemories(): Uint8Array {
  return sections((all) =>
    all.map((one) => (one.id === SECTION.memory ? section(SECTION.memory, [2, 0, 1, 0, 1]) : one)),
  );
}

/** With a struct type before the others. */
export function garbageCollected(): Uint8Array {
  const module = readModule(bare(`${MEMORY} (func (export "_start"))`));
  return writeModule(
    module.map((one) => (one.id === SECTION.type ? section(SECTION.type, [2, 0x60, 0, 0, 0x5f, 1, 0x7f, 1]) : one)),
  );
}

/** `loops` loops, each of which changes one of `count` locals. */
export function manyLocals(count: number, loops: number): Uint8Array {
  const code = new Writer().u32(1).u32(count).byte(0x7f);
  for (let i = 0; i < loops; i++) {
    code.byte(0x03).byte(0x40); // loop
    code
      .byte(0x20)
      .u32(i % count)
      .byte(0x45)
      .byte(0x21)
      .u32((i * 7) % count); // local.get, i32.eqz, local.set
    code.byte(0x0b);
  }
  return withBody(code.byte(0x0b).finish());
}

export function manyFunctions(count: number): Uint8Array {
  const types = new Writer().u32(count);
  const bodies = new Writer().u32(count);
  for (let i = 0; i < count; i++) {
    types.byte(0);
    bodies.byte(2).byte(0).byte(0x0b);
  }
  const module = readModule(bare(`${MEMORY} (func (export "_start"))`));
  const payloads = new Map<number, Uint8Array>([
    [SECTION.function, types.finish()],
    [SECTION.code, bodies.finish()],
  ]);
  return writeModule(module.map((one) => ({ ...one, payload: payloads.get(one.id) ?? one.payload })));
}

/** A program that dies in a function of this name. */
export function namedFunctions(name: string): Uint8Array {
  const names = new Writer().u32(1).u32(0).text(name).finish();
  const payload = new Writer().byte(1).u32(names.length).put(names).finish();
  const module = readModule(bare(`${MEMORY} (func (export "_start") unreachable)`)).filter(
    ({ id }) => id !== SECTION.custom,
  );
  return writeModule([...module, { id: SECTION.custom, name: 'name', payload }]);
}

/** Blocks inside each other. */
export function nestedBlocks(depth: number): Uint8Array {
  const code = new Writer().byte(0);
  for (let i = 0; i < depth; i++) code.byte(0x02).byte(0x40);
  for (let i = 0; i <= depth; i++) code.byte(0x0b);
  return withBody(code.finish());
}

/** A program whose one function has this body. */
function withBody(body: Uint8Array): Uint8Array {
  const payload = new Writer().u32(1).u32(body.length).put(body).finish();
  const module = readModule(bare(`${MEMORY} (func (export "_start"))`));
  return writeModule(module.map((one) => (one.id === SECTION.code ? { ...one, payload } : one)));
}
