// SPDX-License-Identifier: MIT
/**
 * An instance of vmlinux.wasm: checks that the module is of the interface that this host speaks (kernel-interface.ts), and
 * gives its exports their types.
 */

import { hostImports, kernelExports, type HostImports, type KernelExports } from './kernel-interface.ts';
import type { KernelMemory } from './kernel-memory.ts';

export interface Kernel {
  readonly exports: KernelExports;
  readonly table: WebAssembly.Table;
  readonly stackPointer: WebAssembly.Global;
}

/** The module that imports are taken from. */
const MODULE = 'host';

/** Throws an Error that names every difference between the module and the interface. */
export function instantiateKernel(module: WebAssembly.Module, memory: KernelMemory, imports: HostImports): Kernel {
  const differences = [...importDifferences(module), ...exportDifferences(module)];
  if (differences.length > 0) {
    throw new Error(`this kernel was made for another host: ${differences.join('; ')}`);
  }
  const functions: WebAssembly.ModuleImports = Object.fromEntries(
    Object.entries(imports).map(([name, implementation]) => [
      name,
      'suspends' in hostImports[name as keyof HostImports]
        ? new WebAssembly.Suspending(implementation)
        : implementation,
    ]),
  );
  const everything: WebAssembly.Imports = { [MODULE]: functions };
  for (const { module: from, name } of memoryImports(module)) {
    everything[from] = { ...everything[from], [name]: memory.memory };
  }
  const exports = new WebAssembly.Instance(module, everything).exports;
  for (const [name, { params }] of Object.entries(kernelExports)) {
    const { length } = exports[name] as (...args: never[]) => unknown;
    if (length !== params.length)
      throw new Error(`this kernel's ${name} takes ${length} arguments, not ${params.length}`);
  }
  const { __indirect_function_table: table, __stack_pointer: stackPointer } = exports;
  return {
    exports: exports as unknown as KernelExports,
    table: table as WebAssembly.Table,
    stackPointer: stackPointer as WebAssembly.Global,
  };
}

const memoryImports = (module: WebAssembly.Module) =>
  WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'memory');

/** What is not imported is not used by this kernel: only what is, and is not offered, is a difference. */
function importDifferences(module: WebAssembly.Module): string[] {
  const unknown = WebAssembly.Module.imports(module).filter(
    ({ module: from, name, kind }) =>
      kind !== 'memory' && !(from === MODULE && kind === 'function' && name in hostImports),
  );
  const differences = unknown.map(({ module: from, name, kind }) => `it imports the ${kind} ${from}.${name}`);
  const memories = memoryImports(module).length;
  return memories === 1 ? differences : [...differences, `it imports ${memories} memories instead of one`];
}

function exportDifferences(module: WebAssembly.Module): string[] {
  const found = new Set(WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`));
  const wanted = [
    ...Object.keys(kernelExports).map((name) => `function ${name}`),
    'table __indirect_function_table',
    'global __stack_pointer',
  ];
  return wanted.filter((item) => !found.has(item)).map((item) => `it does not export the ${item}`);
}
