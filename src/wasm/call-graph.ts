// SPDX-License-Identifier: MIT
/**
 * Who calls whom in a module: for the passes that go by it (fork-callers.ts, poll-plan.ts).
 *
 * wasm checks the type of every indirect call, so the type says which functions can be meant: those of that type whose
 * reference is in a table or is taken. Passive and declared element segments count as tables, so does ref.func.
 */

import { MalformedModule, type Reader } from './binary.ts';
import { FUNCTION_TYPE } from './function-types.ts';
import { OP, skipImmediates } from './instructions.ts';
import { readLocals } from './locals.ts';
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

/** Of each type: its text. */
export function readTypeTexts(sections: readonly Section[]): string[] {
  return sectionReader(sections, SECTION.type).vector((reader) => {
    const start = reader.position;
    if (reader.byte() !== FUNCTION_TYPE) throw new MalformedModule('a type is not a function type');
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

/** What the functions that a module defines call: by direct calls, and by the types of indirect ones. */
export interface Calls {
  readonly calls: readonly number[];
  readonly indirectCalls: readonly number[];
  /** Functions whose references it takes. */
  readonly references: readonly number[];
}

/** The graph of a module whose functions' calls are known; `own` has those that it defines, in their order. */
export function callGraph(sections: readonly Section[], own: readonly Calls[]): CallGraph {
  const typeTexts = readTypeTexts(sections);
  const typeText = (index: number): string => {
    const text = typeTexts[index];
    if (text === undefined) throw new MalformedModule(`there is no type ${index}`);
    return text;
  };
  const imports = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function);
  const ownTypes = sectionReader(sections, SECTION.function).vector((reader) => typeText(reader.u32()));
  const types = imports.map(({ type }) => typeText(type)).concat(ownTypes);
  const targets = new Set<number>();
  readElements(sections, targets);
  for (const { references } of own) for (const target of references) targets.add(target);
  const none = imports.map(() => new Set<never>());
  return {
    imports,
    types,
    calls: [...none, ...own.map(({ calls }) => new Set(calls))],
    indirectCalls: [...none, ...own.map(({ indirectCalls }) => new Set(indirectCalls.map(typeText)))],
    targets,
  };
}

function readCalls(reader: Reader, end: number): Calls {
  const calls: number[] = [];
  const indirectCalls: number[] = [];
  const references: number[] = [];
  while (reader.position < end) {
    const op = reader.byte();
    if (op === OP.call || op === OP.returnCall) calls.push(reader.u32());
    else if (op === OP.callIndirect || op === OP.returnCallIndirect) {
      indirectCalls.push(reader.u32());
      reader.skipNumber();
    } else if (op === OP.refFunc) references.push(reader.u32());
    else skipImmediates(reader, op);
  }
  return { calls, indirectCalls, references };
}

export function readCallGraph(sections: readonly Section[]): CallGraph {
  const own = sectionReader(sections, SECTION.code).vector((reader) => {
    const size = reader.u32();
    const end = reader.position + size;
    readLocals(reader);
    return readCalls(reader, end);
  });
  return callGraph(sections, own);
}

/** A walk through all calls, in which each type of indirect calls is a node between callers and the functions meant. */
export interface CallWalk {
  /** Functions such that every cycle of calls goes through one of them: where the walk's back edges lead. */
  readonly heads: ReadonlySet<number>;
  /** All nodes, callees before their callers but for back edges. Numbers of functions are their indices. */
  readonly order: readonly number[];
  /** The node of each type that is called indirectly; types as CallGraph has them. */
  readonly typeNodes: ReadonlyMap<string, number>;
}

export function walkCalls(graph: CallGraph): CallWalk {
  const functions = graph.types.length;
  const typeNodes = new Map<string, number>();
  const successors: number[][] = graph.calls.map((calls) => [...calls]);
  for (const [caller, types] of graph.indirectCalls.entries()) {
    for (const type of types) {
      const node = typeNodes.get(type) ?? successors.push([]) - 1;
      typeNodes.set(type, node);
      successors[caller]?.push(node);
    }
  }
  for (const target of graph.targets) {
    const node = typeNodes.get(graph.types[target] ?? '');
    if (node !== undefined) successors[node]?.push(target);
  }

  const heads = new Set<number>();
  const order: number[] = [];
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
        order.push(node);
        path.pop();
        next.pop();
      } else if (state[successor] === NEW) enter(successor);
      else if (state[successor] === ON_PATH) {
        // A cycle through a type's node goes through the function that follows it on the path.
        heads.add(successor < functions ? successor : (path[path.lastIndexOf(successor) + 1] as number));
      }
    }
  }
  return { heads, order, typeNodes };
}
