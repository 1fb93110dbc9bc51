// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { MalformedModule } from '../wasm/binary.ts';
import { inspectModule } from './inspect.ts';

const inspect = (text: string) => inspectModule(new Uint8Array(assemble(text)));

const PLAIN = `(module
  (import "env" "wasmlinux_syscall32" (func (param i32 i32) (result i32)))
  (memory (export "memory") 2)
  (global $__stack_pointer (mut i32) (i32.const 66576))
  (func (export "__main_argc_argv") (param i32 i32) (result i32) i32.const 0))`;

test('a plain program that follows the ABI', () => {
  const { profile, memory, imports, exports, globals, note, problems } = inspect(PLAIN);
  assert.deepEqual(
    { profile, memory, imports, exports, globals, note, problems },
    {
      profile: 'plain',
      memory: { initial: 2, maximum: undefined },
      imports: [{ name: 'env.wasmlinux_syscall32', type: '(i32, i32) -> i32' }],
      exports: [
        { name: 'memory', type: 'memory' },
        { name: '__main_argc_argv', type: '(i32, i32) -> i32' },
      ],
      globals: [{ name: '__stack_pointer', type: 'mutable i32 global' }],
      note: undefined,
      problems: [],
    },
  );
});

/** A program of the linux profile, but for what is given. */
const linux = (imports: string, rest: string) => `(module
  (import "env" "memory" (memory 2 16384))
  ${imports}
  (func (export "_start") (param i32))
  ${rest})`;
const NO_NOTE = 'it has no wasmlinux.abi: link it with wasmlinux-cc';

for (const [what, text, expected] of [
  ['without a note', linux('', ''), [NO_NOTE]],
  [
    'with a mutable global of its own',
    linux('', '(global $counter (mut i32) (i32.const 0))'),
    ['its mutable global counter is not in the list', NO_NOTE],
  ],
  [
    'with imports in another order',
    linux(
      `(import "env" "wasmlinux_preempt" (func (result i32)))
       (import "env" "wasmlinux_syscall32" (func (param i32 i32) (result i32)))`,
      '',
    ),
    ['its import env.wasmlinux_syscall32 stands behind others that have to follow it', NO_NOTE],
  ],
  [
    'with an import that is not offered',
    linux('(import "env" "printf" (func))', ''),
    ['not executed: it imports env.printf, which the kernel does not offer', NO_NOTE],
  ],
  [
    'with an export of another type',
    linux('', '(func (export "__wasm_handler_entry"))'),
    ['its export __wasm_handler_entry is () -> (), not (i32) -> ()', NO_NOTE],
  ],
  [
    'with a rest of a global offset table',
    linux('', '(global $GOT.func.internal.puts i32 (i32.const 1))'),
    ['it has GOT.func.internal.puts, of a global offset table', NO_NOTE],
  ],
] as const) {
  test(`a program ${what}`, () => assert.deepEqual(inspect(text).problems, expected));
}

test('what is no module, or none that an engine takes, is refused', () => {
  assert.throws(() => inspectModule(new TextEncoder().encode('#!/bin/sh\n')), MalformedModule);
  assert.throws(
    () => inspectModule(new Uint8Array(assemble('(module (func (result i32)))').slice(0, -1))),
    MalformedModule,
  );
});
