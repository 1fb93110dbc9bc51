// SPDX-License-Identifier: MIT
/**
 * Which functions can be on the stack when a program calls an import, in practice env.wasmlinux_fork.
 *
 * Why: Asyncify rewrites functions so that they can leave in the middle and come back; each costs time and size. Without a
 * list it instruments whatever might reach fork, and it takes an indirect call for one that might reach anything, so that
 * whole interpreters become slow. The call graph (call-graph.ts) knows better:
 *
 *   a function is listed if it calls the import, or calls a listed function,
 *   or calls indirectly with a type that a listed function in a table has
 *
 *   before  (func $run (call $fork) ...) (func $loop (call_indirect (type $v)) ...) (func $sort (call_indirect (type $ii)) ...)
 *   after   run; loop too if a listed function of type $v is in a table; sort not
 *
 * `sealed` names functions whose indirect calls are known never to reach it (src/toolchain/fork-rules.ts gives them).
 */

import { readCallGraph } from './call-graph.ts';
import type { Section } from './module.ts';
import { uniqueFunctionNames } from './names.ts';

/** The functions of the module that can be on the stack when `module.name` is called, by their unique names (names.ts). */
export function functionsThatReach(
  sections: readonly Section[],
  module: string,
  name: string,
  sealed: ReadonlySet<string>,
): string[] {
  const graph = readCallGraph(sections);
  const wanted = graph.imports.findIndex((entry) => entry.module === module && entry.name === name);
  if (wanted < 0) return [];
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
  // a Set is walked in the order of insertion, and what is added meanwhile is walked too
  for (const callee of reached) {
    for (const caller of callers.get(callee) ?? []) reached.add(caller);
    if (graph.targets.has(callee)) {
      for (const caller of indirectCallers.get(graph.types[callee] ?? '') ?? []) reached.add(caller);
    }
  }
  reached.delete(wanted);
  return [...reached].sort((a, b) => a - b).map((index) => names[index] ?? '');
}
