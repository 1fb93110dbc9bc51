// SPDX-License-Identifier: MIT
/**
 * Who calls whom in a module: for the passes that go by it (fork-callers.ts, safepoints.ts).
 *
 * wasm checks the type of every indirect call, so the type says which functions can be meant: those of that type whose
 * reference is in a table or is taken. Passive and declared element segments count as tables, so does ref.func.
 */

import { MalformedModule, type Reader } from './binary.ts';
import { type FunctionType, readFunctionTypes } from './function-types.ts';
import { OP, skipImmediates } from './instructions.ts';
import { EXTERNAL, type Import, readImports, SECTION, type Section, sectionReader } from './module.ts';

export interface CallGraph {
  /** The imported functions, which have the first indices. */
  readonly imports: readonly Import[];
  /** Of each function: its type as text, so that equal types are equal. */
  readonly types: readonly string[];
  /** Of each function: the functions that it calls. */
  readonly calls: readonly ReadonlySet<number>[];
  /** Of each function: the types of its indirect calls. */
  readonly indirectCalls: readonly ReadonlySet<string>[];
  /** The functions that an indirect call can reach. */
  readonly targets: ReadonlySet<number>;
}

/** A type as text, so that equal types are equal. */
export function typeText({ params, results }: FunctionType): string {
  return `${params.join()}>${results.join()}`;
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

export function readCallGraph(sections: readonly Section[]): CallGraph {
  const typeTexts = readFunctionTypes(sections).map(typeText);
  const textOf = (index: number): string => {
    const text = typeTexts[index];
    if (text === undefined) throw new MalformedModule(`there is no type ${index}`);
    return text;
  };
  const imports = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function);
  const types = imports.map(({ type }) => textOf(type));
  types.push(...sectionReader(sections, SECTION.function).vector((reader) => textOf(reader.u32())));
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
        indirectCalls[caller]?.add(textOf(reader.u32()));
        reader.skipNumber();
      } else if (op === OP.refFunc) targets.add(reader.u32());
      else skipImmediates(reader, op);
    }
  });
  return { imports, types, calls, indirectCalls, targets };
}

/**
 * Functions such that every cycle of calls goes through one of them: the targets of the back edges of a depth-first search, in
 * which each type of indirect calls is a node between the callers and the functions that can be meant.
 */
export function cycleHeads(graph: CallGraph): ReadonlySet<number> {
  const functions = graph.types.length;
  const typeNodes = new Map<string, number>();
  const successors: number[][] = graph.calls.map((calls) => [...calls]);
  const typeNode = (type: string): number => {
    let node = typeNodes.get(type);
    if (node === undefined) {
      node = successors.push([]) - 1;
      typeNodes.set(type, node);
    }
    return node;
  };
  for (const [caller, types] of graph.indirectCalls.entries()) {
    for (const type of types) successors[caller]?.push(typeNode(type));
  }
  for (const target of graph.targets) {
    const node = typeNodes.get(graph.types[target] ?? '');
    if (node !== undefined) successors[node]?.push(target);
  }

  const heads = new Set<number>();
  const NEW = 0;
  const ON_PATH = 1;
  const DONE = 2;
  const state = new Uint8Array(successors.length);
  const path: number[] = [];
  const next: number[] = [];
  const enter = (node: number): void => {
    state[node] = ON_PATH;
    path.push(node);
    next.push(0);
  };
  for (let root = 0; root < functions; root++) {
    if (state[root] !== NEW) continue;
    enter(root);
    while (path.length > 0) {
      const node = path[path.length - 1] as number;
      const successor = successors[node]?.[next[next.length - 1] as number];
      next[next.length - 1] = (next[next.length - 1] as number) + 1;
      if (successor === undefined) {
        state[node] = DONE;
        path.pop();
        next.pop();
      } else if (state[successor] === NEW) enter(successor);
      else if (state[successor] === ON_PATH) {
        // A cycle through a type's node goes through the function that follows it on the path.
        heads.add(successor < functions ? successor : (path[path.lastIndexOf(successor) + 1] as number));
      }
    }
  }
  return heads;
}
