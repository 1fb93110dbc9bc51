// SPDX-License-Identifier: MIT
/**
 * The ABI's lists of imports, exports and globals, each in its one order: docs/abi.md as data. program-shape.ts refuses by the
 * imports' types, inspect.ts holds a module against all of it; a test compares it with the document.
 */

import { TYPE } from '../wasm/builder.ts';
import { FRAMES_IMPORT } from '../wasm/frames-memory.ts';
import { BUDGET_EXPORT } from '../wasm/safepoints.ts';
import type { FunctionType } from './entry-adapter.ts';

export interface ListedImport {
  /** Of the module "env". */
  readonly name: string;
  /** Undefined: it is a memory. */
  readonly type: FunctionType | undefined;
}

const { i32 } = TYPE;
const GIVES_A_WORD: FunctionType = { params: [], results: [i32] };

export const abiImports: readonly ListedImport[] = [
  { name: 'memory', type: undefined },
  { name: 'wasmlinux_syscall32', type: { params: [i32, i32], results: [i32] } },
  { name: 'wasmlinux_preempt', type: GIVES_A_WORD },
  { name: 'wasmlinux_vfork', type: GIVES_A_WORD },
  { name: 'wasmlinux_fork', type: GIVES_A_WORD },
  { name: FRAMES_IMPORT.name, type: undefined },
];

export interface ListedExport {
  readonly name: string;
  /** All that are allowed, as inspect.ts writes them. */
  readonly types: readonly string[];
}

const MUTABLE = 'mutable i32 global';
const MAIN = ['(i32, i32) -> i32', '() -> i32'];

export const abiExports: readonly ListedExport[] = [
  { name: 'memory', types: ['memory'] },
  { name: '__stack_pointer', types: [MUTABLE] },
  { name: '__tls_base', types: [MUTABLE] },
  { name: '__wasm_thread_entry', types: ['(i32, i32, i32, i32) -> ()'] },
  { name: '__wasm_preempt', types: ['(i32) -> ()'] },
  { name: '_start', types: ['(i32) -> ()', '() -> ()'] },
  { name: 'main', types: MAIN },
  { name: '__main_argc_argv', types: MAIN },
  { name: '__indirect_function_table', types: ['table'] },
  { name: '__wasm_tp', types: [MUTABLE] },
  { name: '__wasm_handler_entry', types: ['(i32) -> ()'] },
  { name: BUDGET_EXPORT, types: [MUTABLE] },
  { name: 'asyncify_start_unwind', types: ['(i32) -> ()'] },
  { name: 'asyncify_stop_unwind', types: ['() -> ()'] },
  { name: 'asyncify_start_rewind', types: ['(i32) -> ()'] },
  { name: 'asyncify_stop_rewind', types: ['() -> ()'] },
  { name: 'asyncify_get_state', types: ['() -> i32'] },
];

/** What a fork is doing: a variable of fork-capture.ts's functions. */
export const FORK_STATE = '__wasm_fork_state';

/** By their names in the name section, or those that they are exported by. */
export const abiGlobals: readonly string[] = [
  '__stack_pointer',
  '__tls_base',
  '__tls_size',
  '__tls_align',
  '__wasm_tp',
  BUDGET_EXPORT,
  FORK_STATE,
];
