// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModuleBuilder, OP, sleb } from '../wasm/builder.ts';
import { isTrap, Signal, SignalCode, signalOfTrap } from './trap.ts';

const I32_DIV_S = 0x6d;
const I32_ATOMIC_LOAD = [0xfe, 0x10, 2, 0];

/** The error that a function with this body ends in. */
function errorOf(body: readonly number[]): Error {
  const builder = new ModuleBuilder();
  builder.memory(1, 'memory');
  builder.table(1, 'table');
  builder.function(builder.type([], []), body, { exportName: 'f' });
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish())).exports;
  try {
    (f as () => void)();
  } catch (error) {
    assert.ok(isTrap(error), String(error));
    return error;
  }
  throw new Error('it did not trap');
}

const i32 = (value: number) => [OP.i32_const, ...sleb(value)];
const traps: [string, readonly number[], number][] = [
  ['unreachable', [OP.unreachable], Signal.ILL],
  ['division by zero', [...i32(1), ...i32(0), I32_DIV_S, OP.drop], Signal.FPE],
  ['a quotient that is no number', [...i32(-(2 ** 31)), ...i32(-1), I32_DIV_S, OP.drop], Signal.FPE],
  ['NaN as an integer', [0x43, 0, 0, 0xc0, 0x7f, 0xa8, OP.drop], Signal.FPE],
  ['an access out of bounds', [...i32(-1), OP.i32_load, 0, 0, OP.drop], Signal.SEGV],
  ['a call of a null pointer', [...i32(0), OP.call_indirect, 0, 0], Signal.SEGV],
  ['a call outside the table', [...i32(9), OP.call_indirect, 0, 0], Signal.SEGV],
  ['an unaligned atomic', [...i32(1), ...I32_ATOMIC_LOAD, OP.drop], Signal.BUS],
  ['endless recursion', [OP.call, 0], Signal.SEGV],
];
for (const [name, body, signal] of traps) {
  test(`${name} is signal ${signal}`, () => assert.equal(signalOfTrap(errorOf(body)).signal, signal));
}

test('a trap tells its si_code', () => {
  const codes = traps.map(([, body]) => signalOfTrap(errorOf(body)).code);
  const { ILL_ILLOPN, FPE_INTDIV, FPE_INTOVF, FPE_FLTINV, SEGV_MAPERR, BUS_ADRALN } = SignalCode;
  const segv = Array<number>(3).fill(SEGV_MAPERR);
  assert.deepEqual(codes, [ILL_ILLOPN, FPE_INTDIV, FPE_INTOVF, FPE_FLTINV, ...segv, BUS_ADRALN, SEGV_MAPERR]);
});

test('the words of other engines are understood', () => {
  const words: [string, number][] = [
    ['integer divide by zero', Signal.FPE],
    ['invalid conversion to integer', Signal.FPE],
    ['Division by zero', Signal.FPE],
    ['Out of bounds Trunc operation', Signal.FPE],
    ['unaligned memory access', Signal.BUS],
    ['index out of bounds', Signal.SEGV],
    ['indirect call to null', Signal.SEGV],
    ['indirect call signature mismatch', Signal.SEGV],
    ['call_indirect to a signature that does not match', Signal.SEGV],
    ['Out of bounds memory access', Signal.SEGV],
    ['too much recursion', Signal.SEGV],
    ['unreachable executed', Signal.ILL],
    ['Unreachable code should not be executed', Signal.ILL],
    ['something new', Signal.ILL],
  ];
  for (const [message, signal] of words)
    assert.equal(signalOfTrap(new WebAssembly.RuntimeError(message)).signal, signal, message);
});

test('a wasm exception that nobody catches is an abort', () => {
  const tag = new WebAssembly.Tag({ parameters: [] });
  const error = new WebAssembly.Exception(tag, []) as unknown as Error;
  assert.ok(isTrap(error));
  assert.deepEqual(signalOfTrap(error), { signal: Signal.ABRT, code: 0 });
});

test('a bug of the host is no trap', () => {
  assert.equal(isTrap(new TypeError('x is not a function')), false);
  assert.equal(isTrap(new RangeError('Invalid array length')), false);
});
