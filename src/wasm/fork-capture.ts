// SPDX-License-Identifier: MIT
/**
 * Makes a program that calls fork able to leave all its frames and come back to them, once in the parent and once in the child:
 * no engine lets a stack be copied. Called by src/toolchain/link.ts behind all other passes.
 *
 * Only functions that can be on the stack then are rewritten (fork-callers.ts), and in them only calls that can lead there
 * (sites). The global `state` is 0, but 1 while frames are left and 2 while they come back. Who calls such a function looks at
 * it behind the call; who is called looks at its beginning:
 *
 *   before  (func $f (param $a i32) (result i32)       {code before}  local.get $x  call $g  {code behind})
 *   after   (func $f (param $a i32) (result i32)
 *             block $save
 *               block $site1 (result of $x's type)
 *                 global.get $state  if                    unlikely: come back
 *                   call $load_i32  local.set $site  call $load_i32  local.set $a
 *                   i32.const 0  br $site1  end            $g takes its own from its frame
 *                 {code before}  local.get $x
 *               end
 *               i32.const 1  local.set $site  call $g
 *               global.get $state  br_if $save             unlikely: leave
 *               {code behind}  return
 *             end
 *             local.get $a  local.get $site  call $save_i32_i32  i32.const 0)
 *
 * Of a frame the number of its site, the locals that are live there, and what lies under the call's arguments are saved, in the
 * frames memory (frames-memory.ts), whose first two words the host sets to where the next frame goes, and to its size.
 * References to exceptions can be kept in no memory. The tags of a program are known, clang's two, and what they throw is one
 * i32, the address of something aligned: that number with the tag's number in its lowest bit takes their place, and rethrowing
 * throws anew.
 */

import { Writer } from './binary.ts';
import { readBranchHints, withBranchHints } from './branch-hints.ts';
import { BLOCK_VOID } from './builder.ts';
import { readCode } from './code.ts';
import { findForkCallers } from './fork-callers.ts';
import { type ForkModule, rewriteFunction } from './fork-function.ts';
import { Unforkable } from './fork-plan.ts';
import { FRAMES_MEMORY, withFramesMemory } from './frames-memory.ts';
import { FUNCTION_TYPE, type FunctionType, readFunctionTypes, readTypeIndices, VALUE } from './function-types.ts';
import { expressionEnd, OP } from './instructions.ts';
import { EXTERNAL, readImports, SECTION, type Section, sectionReader, skipLimits } from './module.ts';
import {
  readFunctionNames,
  readGlobalNames,
  uniqueFunctionNames,
  withFunctionNames,
  withGlobalNames,
} from './names.ts';
import { withElements, withSection } from './sections.ts';

export interface ForkCaptureOptions {
  /** The import that is fork. */
  readonly module: string;
  readonly name: string;
  /** Names of functions whose indirect calls never reach it. */
  readonly sealed: ReadonlySet<string>;
  /** Those of them in which a fork traps below such a call. */
  readonly checked: ReadonlySet<string>;
}

export interface WithForkCapture {
  readonly sections: Section[];
  /** Where the instruction at an offset of the code section's contents is now. */
  readonly moved: (offset: number) => number;
}

const STATE = { normal: 0, leaving: 1, comingBack: 2 } as const;

/** What the host calls, and the state that each sets; those that take a number ignore it. */
const SWITCHES = [
  { name: 'asyncify_start_unwind', state: STATE.leaving, params: [VALUE.i32] },
  { name: 'asyncify_stop_unwind', state: STATE.normal, params: [] },
  { name: 'asyncify_start_rewind', state: STATE.comingBack, params: [VALUE.i32] },
  { name: 'asyncify_stop_rewind', state: STATE.normal, params: [] },
] as const;
const GET_STATE = 'asyncify_get_state';

/** Tags that the lowest bit tells apart. */
const MOST_TAGS = 2;

/** Where the next frame goes and where the memory ends are in the frames memory. */
const NEXT = 0;
const END = 4;

const I32_GT_U = 0x4b;

/** Bit of a memory argument's alignment: a memory index follows. */
const MEMARG_INDEX = 0x40;
const ALIGN_4 = 2;

const accesses: ReadonlyMap<number, { size: number; load: readonly number[]; store: readonly number[] }> = new Map([
  [VALUE.i32, { size: 4, load: [0x28], store: [0x36] }],
  [VALUE.i64, { size: 8, load: [0x29], store: [0x37] }],
  [VALUE.f32, { size: 4, load: [0x2a], store: [0x38] }],
  [VALUE.f64, { size: 8, load: [0x2b], store: [0x39] }],
  [VALUE.v128, { size: 16, load: [0xfd, 0], store: [0xfd, 11] }],
]);

function access(type: number): { size: number; load: readonly number[]; store: readonly number[] } {
  const found = accesses.get(type);
  if (!found) throw new Unforkable('it keeps a reference across a call');
  return found;
}

/** The module's part that grows while functions are rewritten: types, and functions that save and load. */
class Additions implements ForkModule {
  readonly state: number;
  readonly tags: number;
  readonly newTypes: FunctionType[] = [];
  readonly functions: { readonly name: string; readonly type: number; readonly body: Uint8Array }[] = [];
  readonly #types: readonly FunctionType[];
  readonly #firstFunction: number;
  readonly #typeIndices = new Map<string, number>();
  readonly #functionIndices = new Map<string, number>();

  constructor(state: number, tags: number, types: readonly FunctionType[], firstFunction: number) {
    this.state = state;
    this.tags = tags;
    this.#types = types;
    this.#firstFunction = firstFunction;
    for (const [index, type] of types.entries()) {
      const key = this.#key(type);
      if (!this.#typeIndices.has(key)) this.#typeIndices.set(key, index);
    }
  }

  #key({ params, results }: FunctionType): string {
    return `${params.join()}>${results.join()}`;
  }

  type(type: FunctionType): number {
    const key = this.#key(type);
    const known = this.#typeIndices.get(key);
    if (known !== undefined) return known;
    const index = this.#types.length + this.newTypes.push(type) - 1;
    this.#typeIndices.set(key, index);
    return index;
  }

  add(name: string, type: FunctionType, write: (writer: Writer) => void): number {
    const known = this.#functionIndices.get(name);
    if (known !== undefined) return known;
    const writer = new Writer();
    write(writer);
    const body = writer.byte(OP.end).finish();
    const index = this.#firstFunction + this.functions.push({ name, type: this.type(type), body }) - 1;
    this.#functionIndices.set(name, index);
    return index;
  }

  #name(what: string, types: readonly number[]): string {
    const names = Object.entries(VALUE);
    return `fork_${what}_${types.map((type) => names.find(([, value]) => value === type)?.[0]).join('_')}`;
  }

  /** Takes values, writes them to where the next frame goes, the first one at the lowest address. */
  save(types: readonly number[]): number {
    return this.add(this.#name('save', types), { params: types, results: [] }, (writer) => {
      const at = types.length;
      const size = types.reduce((sum, type) => sum + access(type).size, 0);
      writer.u32(1).u32(2).byte(VALUE.i32);
      // if (next + size > end) unreachable
      this.#word(writer, OP.firstMemory, NEXT).byte(OP.localTee).u32(at).byte(OP.i32Const).s32(size).byte(OP.i32Add);
      writer.byte(OP.localTee).u32(at + 1);
      this.#word(writer, OP.firstMemory, END).byte(I32_GT_U).byte(OP.if).byte(BLOCK_VOID).byte(OP.unreachable);
      writer.byte(OP.end);
      let offset = 0;
      for (const [index, type] of types.entries()) {
        writer.byte(OP.localGet).u32(at).byte(OP.localGet).u32(index);
        this.#access(writer, access(type).store, offset);
        offset += access(type).size;
      }
      writer
        .byte(OP.i32Const)
        .s32(0)
        .byte(OP.localGet)
        .u32(at + 1);
      this.#access(writer, access(VALUE.i32).store, NEXT);
    });
  }

  load(types: readonly number[]): number {
    return this.add(this.#name('load', types), { params: [], results: types }, (writer) => {
      const size = types.reduce((sum, type) => sum + access(type).size, 0);
      writer.u32(1).u32(1).byte(VALUE.i32);
      // next -= size
      writer.byte(OP.i32Const).s32(0);
      this.#word(writer, OP.firstMemory, NEXT).byte(OP.i32Const).s32(size).byte(OP.i32Sub);
      writer.byte(OP.localTee).u32(0);
      this.#access(writer, access(VALUE.i32).store, NEXT);
      let offset = 0;
      for (const type of types) {
        writer.byte(OP.localGet).u32(0);
        this.#access(writer, access(type).load, offset);
        offset += access(type).size;
      }
    });
  }

  #access(writer: Writer, op: readonly number[], offset: number): void {
    for (const byte of op) writer.byte(byte);
    writer
      .byte(ALIGN_4 | MEMARG_INDEX)
      .u32(FRAMES_MEMORY)
      .u32(offset);
  }

  #word(writer: Writer, op: number, address: number): Writer {
    writer.byte(OP.i32Const).s32(0);
    this.#access(writer, [op], address);
    return writer;
  }
}

/** Types of the globals and of the tables; a program imports none. */
function readContents(sections: readonly Section[]): { globals: number[]; tables: number[] } {
  if (readImports(sections).some(({ kind }) => kind === EXTERNAL.global || kind === EXTERNAL.table)) {
    throw new Unforkable('it imports a global or a table');
  }
  const globals = sectionReader(sections, SECTION.global).vector((reader) => {
    const type = reader.byte();
    reader.byte();
    reader.position = expressionEnd(reader);
    return type;
  });
  const tables = sectionReader(sections, SECTION.table).vector((reader) => {
    const type = reader.byte();
    skipLimits(reader);
    return type;
  });
  return { globals, tables };
}

/** How many tags the module has. Throws Unforkable if they are not clang's. */
function readTags(sections: readonly Section[], types: readonly FunctionType[]): number {
  const tags = sectionReader(sections, SECTION.tag).vector((reader) => {
    reader.byte();
    return reader.u32();
  });
  const throwsAddress = (type: number): boolean => types[type]?.params.join() === `${VALUE.i32}`;
  const importsTag = readImports(sections).some(({ kind }) => kind === EXTERNAL.tag);
  if (tags.length > MOST_TAGS || importsTag || !tags.every(throwsAddress)) {
    throw new Unforkable('it throws exceptions with tags other than those of C++ and longjmp');
  }
  return tags.length;
}

function functionTypeBytes({ params, results }: FunctionType): Uint8Array {
  const writer = new Writer().byte(FUNCTION_TYPE).u32(params.length);
  for (const type of params) writer.byte(type);
  writer.u32(results.length);
  for (const type of results) writer.byte(type);
  return writer.finish();
}

/** The module, made forkable. Throws Unforkable. */
export function withForkCapture(sections: readonly Section[], options: ForkCaptureOptions): WithForkCapture {
  const types = readFunctionTypes(sections);
  const functions = readTypeIndices(sections);
  const { globals, tables } = readContents(sections);
  const tags = readTags(sections, types);
  const names = uniqueFunctionNames(sections, functions.length);
  const callers = findForkCallers(sections, options.module, options.name, options.sealed);
  const additions = new Additions(globals.length, tags, types, functions.length);

  const hints = readBranchHints(sections);
  const moves: (readonly [number, number])[] = [];
  const code = new Writer();
  const reader = sectionReader(sections, SECTION.code);
  const count = reader.u32();
  const bodies: Uint8Array[] = [];
  const imported = functions.length - count;
  /** Moves of each function's instructions, from its body. */
  const moved: (readonly (readonly [number, number])[])[] = [];
  for (let own = 0; own < count; own++) {
    const index = imported + own;
    const size = reader.u32();
    const start = reader.position;
    const end = start + size;
    const isChecked = options.checked.has(names[index] ?? '');
    if (!callers.functions.has(index) && !isChecked) {
      bodies.push(reader.take(size));
      moved.push([[start, 0]]);
      continue;
    }
    const type = types[functions[index] ?? 0] as FunctionType;
    const locals = [...type.params];
    for (let groups = reader.u32(); groups > 0; groups--) {
      const length = reader.u32();
      const local = reader.byte();
      for (let i = 0; i < length; i++) locals.push(local);
    }
    try {
      const rewritten = rewriteFunction(
        {
          code: readCode(reader, end, types, type.results),
          bytes: reader.bytes,
          locals,
          parameters: type.params.length,
          results: type.results,
          globals,
          tables,
          types,
          functions,
          isSite: (instruction) => callers.mayReach(index, instruction),
          isChecked,
          hints: new Map((hints.get(index) ?? []).map(({ offset, likely }) => [start + offset, likely])),
        },
        additions,
      );
      bodies.push(rewritten.body);
      moved.push([[start, 0], ...rewritten.moves]);
      hints.set(index, [...rewritten.hints]);
    } catch (error) {
      if (error instanceof Unforkable) throw new Unforkable(`${names[index]}: ${error.message}`);
      throw error;
    }
  }
  addSwitches(additions);

  code.u32(count + additions.functions.length);
  for (const [own, body] of [...bodies, ...additions.functions.map((added) => added.body)].entries()) {
    code.u32(body.length);
    for (const [from, to] of moved[own] ?? []) moves.push([from, code.length + to]);
    code.put(body);
  }
  const exported = additions.functions.flatMap(({ name }, index) =>
    name.startsWith('asyncify_')
      ? [
          new Writer()
            .text(name)
            .byte(EXTERNAL.function)
            .u32(functions.length + index)
            .finish(),
        ]
      : [],
  );
  let result = withFramesMemory(sections);
  result = withElements(result, SECTION.type, additions.newTypes.map(functionTypeBytes));
  result = withElements(
    result,
    SECTION.function,
    additions.functions.map(({ type }) => new Writer().u32(type).finish()),
  );
  result = withElements(result, SECTION.global, [Uint8Array.of(VALUE.i32, 1, OP.i32Const, STATE.normal, OP.end)]);
  result = withElements(result, SECTION.export, exported);
  result = withSection(result, SECTION.code, code.finish());
  result = withBranchHints(result, hints);
  const functionNames = readFunctionNames(sections);
  if (functionNames.size > 0) {
    for (const [index, { name }] of additions.functions.entries()) functionNames.set(functions.length + index, name);
    result = withFunctionNames(result, functionNames);
    result = withGlobalNames(result, readGlobalNames(sections).set(additions.state, '__wasm_fork_state'));
  }
  return { sections: result, moved: mover(moves) };
}

function addSwitches(additions: Additions): void {
  for (const { name, state, params } of SWITCHES) {
    additions.add(name, { params, results: [] }, (writer) => {
      writer.u32(0).byte(OP.i32Const).s32(state).byte(OP.globalSet).u32(additions.state);
    });
  }
  additions.add(GET_STATE, { params: [], results: [VALUE.i32] }, (writer) => {
    writer.u32(0).byte(OP.globalGet).u32(additions.state);
  });
}

/** What stands between two offsets has moved as what stands at the first. */
function mover(moves: readonly (readonly [number, number])[]): (offset: number) => number {
  return (offset) => {
    let low = 0;
    for (let high = moves.length; high - low > 1; ) {
      const middle = (low + high) >>> 1;
      if ((moves[middle]?.[0] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    const [from, to] = moves[low] ?? [0, 0];
    return offset - from + to;
  };
}
