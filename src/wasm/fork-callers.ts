// SPDX-License-Identifier: MIT
/**
 * Which functions can be on the stack when a program calls an import, in practice env.wasmlinux_fork.
 *
 * Why: Asyncify rewrites functions so that they can leave in the middle and come back; each costs time and size. Without a
 * list it instruments whatever might reach fork, and it takes an indirect call for one that might reach anything, so that
 * whole interpreters become slow. wasm checks the type of every indirect call, so the type says which functions can be meant:
 *
 *   a function is listed if it calls the import, or calls a listed function,
 *   or calls indirectly with a type that a listed function in a table has
 *
 *   before  (func $run (call $fork) ...) (func $loop (call_indirect (type $v)) ...) (func $sort (call_indirect (type $ii)) ...)
 *   after   run; loop too if a listed function of type $v is in a table; sort not
 *
 * `sealed` names functions whose indirect calls are known never to reach it (src/toolchain/fork-rules.ts gives them).
 * Passive and declared element segments count as tables, so does ref.func.
 */

import { MalformedModule, type Reader } from './binary.ts';
import { OP, skipImmediates } from './instructions.ts';
import { EXTERNAL, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { uniqueFunctionNames } from './names.ts';

interface Graph {
  /** Of each function, imported ones first: its type as text, so that equal types are equal. */
  readonly types: readonly string[];
  /** Of each function: the functions that it calls. */
  readonly calls: readonly ReadonlySet<number>[];
  /** Of each function: the types of its indirect calls. */
  readonly indirectCalls: readonly ReadonlySet<string>[];
  /** The functions that an indirect call can reach. */
  readonly targets: ReadonlySet<number>;
  /** The index of the wanted import, or -1. */
  readonly import: number;
}

function readTypes(sections: readonly Section[]): string[] {
  return sectionReader(sections, SECTION.type).vector((reader) => {
    const start = reader.position;
    if (reader.byte() !== 0x60) throw new MalformedModule('a type is not a function type');
    reader.vector(() => reader.byte());
    reader.vector(() => reader.byte());
    return reader.bytes.subarray(start, reader.position).join();
  });
}

/** Skips a constant expression and collects the functions whose references it makes. */
function readConstantExpression(reader: Reader, targets: Set<number>): void {
  for (let op = reader.byte(); op !== OP.end; op = reader.byte()) {
    if (op === OP.refFunc) targets.add(reader.u32());
    else skipImmediates(reader, op);
  }
}

const ELEMENT = { passiveOrDeclared: 1, hasTableOrDeclared: 2, expressions: 4 } as const;

function readElements(sections: readonly Section[], targets: Set<number>): void {
  sectionReader(sections, SECTION.element).vector((reader) => {
    const flags = reader.u32();
    if (!(flags & ELEMENT.passiveOrDeclared)) {
      if (flags & ELEMENT.hasTableOrDeclared) reader.u32();
      readConstantExpression(reader, targets);
    }
    if (flags & (ELEMENT.passiveOrDeclared | ELEMENT.hasTableOrDeclared)) reader.byte();
    reader.vector(() => {
      if (flags & ELEMENT.expressions) readConstantExpression(reader, targets);
      else targets.add(reader.u32());
    });
  });
}

function readGraph(sections: readonly Section[], module: string, name: string): Graph {
  const typeTexts = readTypes(sections);
  const typeText = (index: number): string => {
    const text = typeTexts[index];
    if (text === undefined) throw new MalformedModule(`there is no type ${index}`);
    return text;
  };
  const imports = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function);
  const types = imports.map(({ type }) => typeText(type));
  types.push(...sectionReader(sections, SECTION.function).vector((reader) => typeText(reader.u32())));
  const targets = new Set<number>();
  readElements(sections, targets);

  const calls = types.map(() => new Set<number>());
  const indirectCalls = types.map(() => new Set<string>());
  sectionReader(sections, SECTION.code).vector((reader, index) => {
    const caller = imports.length + index;
    const size = reader.u32();
    const end = reader.position + size;
    reader.vector(() => {
      reader.skipNumber();
      reader.byte();
    });
    while (reader.position < end) {
      const op = reader.byte();
      if (op === OP.call || op === OP.returnCall) calls[caller]?.add(reader.u32());
      else if (op === OP.callIndirect || op === OP.returnCallIndirect) {
        indirectCalls[caller]?.add(typeText(reader.u32()));
        reader.skipNumber();
      } else if (op === OP.refFunc) targets.add(reader.u32());
      else skipImmediates(reader, op);
    }
  });
  return {
    types,
    calls,
    indirectCalls,
    targets,
    import: imports.findIndex((entry) => entry.module === module && entry.name === name),
  };
}

/** The functions of the module that can be on the stack when `module.name` is called, by their unique names (names.ts). */
export function functionsThatReach(
  sections: readonly Section[],
  module: string,
  name: string,
  sealed: ReadonlySet<string>,
): string[] {
  const graph = readGraph(sections, module, name);
  if (graph.import < 0) return [];
  const names = uniqueFunctionNames(sections, graph.types.length);

  const callers = new Map<number, number[]>();
  const indirectCallers = new Map<string, number[]>();
  const add = <K>(map: Map<K, number[]>, key: K, caller: number): void => {
    const list = map.get(key);
    if (list) list.push(caller);
    else map.set(key, [caller]);
  };
  for (const [caller, callees] of graph.calls.entries()) for (const callee of callees) add(callers, callee, caller);
  for (const [caller, types] of graph.indirectCalls.entries()) {
    if (!sealed.has(names[caller] ?? '')) for (const type of types) add(indirectCallers, type, caller);
  }

  const reached = new Set<number>([graph.import]);
  // a Set is walked in the order of insertion, and what is added meanwhile is walked too
  for (const callee of reached) {
    for (const caller of callers.get(callee) ?? []) reached.add(caller);
    if (graph.targets.has(callee)) {
      for (const caller of indirectCallers.get(graph.types[callee] ?? '') ?? []) reached.add(caller);
    }
  }
  reached.delete(graph.import);
  return [...reached].sort((a, b) => a - b).map((index) => names[index] ?? '');
}
