// SPDX-License-Identifier: MIT
/**
 * Generates asm/host.h, the kernel's C view of the border between kernel and host, from src/machine/kernel-interface.ts.
 *
 * The kernel step writes the text into the object tree before it calls make. Imports carry their wasm module and name as
 * attributes and exports their name, so the link needs no list of either: a host function that the interface does not
 * know is an undefined symbol, and an export that the kernel does not define is missed by the machine.
 */

import {
  type Crossing,
  EntryKind,
  ForkState,
  Halt,
  HostCall,
  hostCallFields,
  hostImports,
  hostSpaceFields,
  hostTaskFields,
  Irq,
  kernelExports,
  SwitchFlag,
  shimFunctions,
  type WasmKind,
} from '../machine/kernel-interface.ts';

/** The C type of each kind. An import's `ptr` is const so that it takes any address; the host may write there all the same. */
const parameterTypes: Record<WasmKind, string> = {
  ptr: 'const void *',
  uptr: 'unsigned long ',
  task: 'struct task_struct *',
  slot: 'unsigned long ',
  u32: 'u32 ',
  i32: 's32 ',
  errno: 's32 ',
  f64: 'double ',
};

/** What the host passes to the kernel is the kernel's own memory: not const. */
const exportParameterTypes: Record<WasmKind, string> = { ...parameterTypes, ptr: 'void *' };

const upperSnake = (camel: string): string => camel.replace(/(?<=[a-z0-9])[A-Z]/g, '_$&').toUpperCase();
const snake = (camel: string): string => upperSnake(camel).toLowerCase();

function resultType(kind: WasmKind | 'void'): string {
  return kind === 'void' ? 'void ' : exportParameterTypes[kind];
}

function parameterList(params: Crossing['params'], types: Record<WasmKind, string>): string {
  return params.length === 0 ? 'void' : params.map(([name, kind]) => types[kind] + name).join(', ');
}

/** Breaks a sentence into lines of a block comment. */
function comment(text: string, marks: readonly string[]): string {
  const words = [...text.split(' '), ...marks.map((mark) => `[${mark}]`)];
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + word.length > 74) {
      lines.push(line);
      line = '';
    }
    line += (line === '' ? '' : ' ') + word;
  }
  lines.push(line);
  return lines.length === 1 ? `/* ${line} */` : `/*\n${lines.map((l) => ` * ${l}`).join('\n')}\n */`;
}

function constants(prefix: string, values: Record<string, number>): string {
  return Object.entries(values)
    .map(([name, value]) => `#define ${prefix}_${upperSnake(name)} ${value}`)
    .join('\n');
}

function importDeclaration(name: string, crossing: Crossing): string {
  const marks = [crossing.suspends ? 'suspends' : '', crossing.noreturn ? 'does not return' : ''].filter(
    (m) => m !== '',
  );
  return [
    comment(crossing.doc, marks),
    `__attribute__((import_module("host"), import_name("${name}")${crossing.noreturn ? ', noreturn' : ''}))`,
    `extern ${resultType(crossing.result)}host_${name}(${parameterList(crossing.params, parameterTypes)});`,
  ].join('\n');
}

function exportDeclaration(name: string, crossing: Crossing): string {
  return [
    comment(crossing.doc, []),
    `__attribute__((export_name("${name}")))`,
    `extern ${resultType(crossing.result)}wasm_${name}(${parameterList(crossing.params, exportParameterTypes)});`,
  ].join('\n');
}

function shimFunction(name: string, index: number, params: readonly WasmKind[], result: WasmKind | 'void'): string {
  const names = params.map((_, i) => `a${i}`);
  const declared = params.map((kind, i) => `${parameterTypes[kind]}${names[i]}`);
  const pointer = `${resultType(result).trim()} (*)(${params.map((kind) => parameterTypes[kind].trim()).join(', ') || 'void'})`;
  return [
    `static __always_inline ${resultType(result)}shim_${name}(${['unsigned long shim', ...declared].join(', ')})`,
    '{',
    `\t${result === 'void' ? '' : 'return '}((${pointer})(shim + ${index}))(${names.join(', ')});`,
    '}',
  ].join('\n');
}

/** The text of asm/host.h. */
export function kernelHeader(): string {
  const shim = Object.entries(shimFunctions).map(([name, { params, result }], index) =>
    shimFunction(name, index, params, result),
  );
  return `/* SPDX-License-Identifier: GPL-2.0 */
/* Generated from src/machine/kernel-interface.ts: edit that file. */
#ifndef _ASM_WASM_HOST_H
#define _ASM_WASM_HOST_H

#include <linux/types.h>

struct task_struct;

/* Why the machine stops: host_halt(how, ...) */
${constants('HOST_HALT', Halt)}

/* Interrupt lines: wasm_interrupt(bits) */
${constants('HOST_IRQ', Irq)}

/* host_switch_to(..., flags, ...) */
${constants('HOST_SWITCH', SwitchFlag)}

/* host_space.entry_kind */
${constants('HOST_ENTRY', EntryKind)}

/* host_task.fork_state */
${constants('HOST_FORK', ForkState)}

/* What the host says of a new address space */
struct host_space {
${hostSpaceFields.map((field) => `\tu32 ${snake(field)};`).join('\n')}
};

/* What the kernel says of a task */
struct host_task {
${hostTaskFields.map((field) => `\tu32 ${snake(field)};`).join('\n')}
};

/* What the host wants a task of its own to do */
struct host_call {
${hostCallFields.map((field) => `\tu32 ${snake(field)};`).join('\n')}
};

/* host_call.nr, beside the numbers of system calls */
${constants('HOST_CALL', HostCall)}

/* Imports: what the host does for the kernel */

${Object.entries<Crossing>(hostImports)
  .map(([name, crossing]) => importDeclaration(name, crossing))
  .join('\n\n')}

/* Exports: what the host calls; defined in arch/wasm */

${Object.entries<Crossing>(kernelExports)
  .map(([name, crossing]) => exportDeclaration(name, crossing))
  .join('\n\n')}

/*
 * The two-memory functions of an address space, host_space.shim: calls through
 * the table, wasm to wasm.
 */

${shim.join('\n\n')}

#endif
`;
}
