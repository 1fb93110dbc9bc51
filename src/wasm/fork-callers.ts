// SPDX-License-Identifier: MIT
/**
 * Which functions can be on the stack when a program calls an import, in practice env.wasmlinux_fork.
 *
 * Why: fork-capture.ts rewrites these functions so that they can be left in the middle and come back to, which costs time and
 * size; an indirect call that is taken for one that might reach anything makes whole interpreters slow. The call graph
 * (call-graph.ts) knows better:
 *
 *   a function is listed if it calls the import, or calls a listed function,
 *   or calls indirectly with a type that a listed function in a table has
 *
 *   before  (func $run (call $fork) ...) (func $loop (call_indirect (type $v)) ...) (func $sort (call_indirect (type $ii)) ...)
 *   after   run; loop too if a listed function of type $v is in a table; sort not
 *
 * `sealed` names functions whose indirect calls are known never to reach it (src/toolchain/fork-rules.ts gives them).
 */

import { readCallGraph, readTypeTexts } from './call-graph.ts';
import type { Instruction } from './code.ts';
import { OP } from './instructions.ts';
import type { Section } from './module.ts';
import { uniqueFunctionNames } from './names.ts';

export interface ForkCallers {
  /** The functions that can be on the stack when the import is called. */
  readonly functions: ReadonlySet<number>;
  /** May the import be reached by this call in this function? */
  readonly mayReach: (caller: number, call: Pick<Instruction, 'op' | 'value'>) => boolean;
}

/** Who can be on the stack when `module.name` is called; `sealed` has names as uniqueFunctionNames gives them. */
export function findForkCallers(
  sections: readonly Section[],
  module: string,
  name: string,
  sealed: ReadonlySet<string>,
): ForkCallers {
  const graph = readCallGraph(sections);
  const wanted = graph.imports.findIndex((entry) => entry.module === module && entry.name === name);
  if (wanted < 0) return { functions: new Set(), mayReach: () => false };
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

  const reached = new Set<number>([wanted]);
  const reachedTypes = new Set<string>();
  // a Set is walked in the order of insertion, and what is added meanwhile is walked too
  for (const callee of reached) {
    for (const caller of callers.get(callee) ?? []) reached.add(caller);
    if (!graph.targets.has(callee)) continue;
    const type = graph.types[callee] ?? '';
    reachedTypes.add(type);
    for (const caller of indirectCallers.get(type) ?? []) reached.add(caller);
  }
  const typeTexts = readTypeTexts(sections);
  const functions = new Set([...reached].filter((index) => index !== wanted).sort((a, b) => a - b));
  return {
    functions,
    mayReach: (caller, { op, value }) => {
      if (op === OP.call || op === OP.returnCall) return reached.has(value);
      if (op !== OP.callIndirect && op !== OP.returnCallIndirect) return false;
      return reachedTypes.has(typeTexts[value] ?? '') && !sealed.has(names[caller] ?? '');
    },
  };
}
