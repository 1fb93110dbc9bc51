// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sealedFunctions } from './fork-rules.ts';

test('stdio is passed over unless the program has streams of its own', () => {
  assert.ok(sealedFunctions(new Set(['main', 'vfprintf']), false).has('vfprintf'));
  assert.ok(!sealedFunctions(new Set(['main', 'vfprintf', 'cookiewrite']), false).has('vfprintf'));
});

test("signal handlers are passed over unless the program's fork", () => {
  assert.ok(sealedFunctions(new Set(), false).has('__wasm_call_handler'));
  assert.ok(!sealedFunctions(new Set(), true).has('__wasm_call_handler'));
});
