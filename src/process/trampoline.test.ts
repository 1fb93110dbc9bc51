// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_VOID, ModuleBuilder, OP, sleb, TYPE } from '../wasm/builder.ts';
import { EntryNumber } from './entry-number.ts';
import { makeTrampoline, trampolineModule, VFORK_RETURN } from './trampoline.ts';
import { makeStackEnd } from './trap.ts';

const { i32 } = TYPE;
const CATCH_ALL = 0x02;
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
const kernelMemory = { memory, type: { minimum: 1, maximum: 1, shared: false } };

function instantiate(builder: ModuleBuilder, imports: WebAssembly.Imports): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), imports).exports;
}

/**
 * A kernel whose syscall32(nr, depth) notes that it has begun, recurses `depth` times and calls `inner`, then notes that it
 * has finished.
 */
function makeKernel(inner: WebAssembly.ImportFunction | WebAssembly.Suspending = () => {}) {
  const builder = new ModuleBuilder();
  const nothing = builder.type([], []);
  const syscall = builder.type([i32, i32], [i32]);
  const recursion = builder.type([i32], []);
  const getter = builder.type([], [i32]);
  const call = builder.importFunction('host', 'inner', nothing);
  const begun = builder.global('begun');
  const finished = builder.global('finished');
  const add = (global: number) => [OP.global_get, global, OP.i32_const, 1, OP.i32_add, OP.global_set, global];
  const recurse = 1;
  // biome-ignore format: nested as the blocks are
  builder.function(recursion, [
    OP.local_get, 0, OP.i32_eqz, OP.if, BLOCK_VOID, OP.call, call, OP.return, OP.end,
    OP.local_get, 0, OP.i32_const, 0x7f, OP.i32_add, OP.call, recurse,
  ]);
  const body = [...add(begun), OP.local_get, 1, OP.call, recurse, ...add(finished), OP.local_get, 0];
  builder.function(syscall, body, { exportName: 'syscall32' });
  builder.function(getter, [OP.i32_const, 1], { exportName: 'fork' });
  builder.function(getter, [OP.i32_const, 2], { exportName: 'vfork' });
  builder.function(getter, [OP.i32_const, 3], { exportName: 'preempt' });
  const exports = instantiate(builder, { host: { inner } });
  return exports as unknown as {
    syscall32: (nr: number, args: number) => number;
    fork: () => number;
    preempt: () => number;
    vfork: () => number;
    begun: WebAssembly.Global;
    finished: WebAssembly.Global;
  };
}

/** A program: call(nr, args) makes a system call, in a catch_all that returns 99; deep(depth) recurses, then makes one. */
function makeProgram(trampoline: { syscall32: (nr: number, args: number) => number }) {
  const builder = new ModuleBuilder();
  const syscall = builder.type([i32, i32], [i32]);
  const deep = builder.type([i32], [i32]);
  const target = builder.importFunction('env', 'wasmlinux_syscall32', syscall);
  // biome-ignore format: nested as the blocks are
  builder.function(syscall, [
    OP.block, BLOCK_VOID,
      OP.try_table, BLOCK_VOID, 1, CATCH_ALL, 0,
        OP.local_get, 0, OP.local_get, 1, OP.call, target, OP.return,
      OP.end,
    OP.end,
    OP.i32_const, ...sleb(99),
  ], { exportName: 'call' });
  // biome-ignore format: nested as the blocks are
  builder.function(deep, [
    OP.local_get, 0, OP.i32_eqz, OP.if, BLOCK_VOID, OP.i32_const, 7, OP.i32_const, 0, OP.call, target, OP.return, OP.end,
    OP.local_get, 0, OP.i32_const, 0x7f, OP.i32_add, OP.call, 2,
  ], { exportName: 'deep' });
  return instantiate(builder, { env: { wasmlinux_syscall32: trampoline.syscall32 } }) as unknown as {
    call: (nr: number, args: number) => number;
    deep: (depth: number) => number;
  };
}

const mustNotDie = (error: unknown): never => {
  throw new Error('died', { cause: error });
};

test('a system call passes its number and result through', () => {
  const trampoline = makeTrampoline(makeKernel(), kernelMemory, mustNotDie);
  assert.equal(trampoline.syscall32(42, 0), 42);
  assert.equal(trampoline.fork(), 1);
  assert.equal(trampoline.vfork(), 2);
});

/** Makes a system call at each depth around the stack's edge; the deepest one that still ran. */
function callAroundTheEdge(program: { deep: (depth: number) => number }): number {
  const runs = (depth: number) => {
    try {
      return program.deep(depth) === 7;
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error));
      return false;
    }
  };
  let fits = 0;
  let fails = 1 << 22;
  while (fails - fits > 1) {
    const depth = (fits + fails) >> 1;
    if (runs(depth)) fits = depth;
    else fails = depth;
  }
  // On to where the program itself does not get to the call any more.
  for (let depth = fits - 50; depth < fits + 3000; depth++) runs(depth);
  return fits;
}

test('at every depth of the stack a system call runs whole or not at all', () => {
  const kernel = makeKernel();
  const program = makeProgram(makeTrampoline(kernel, kernelMemory, mustNotDie));
  assert.ok(callAroundTheEdge(program) > 1000);
  assert.ok(kernel.begun.value > 50);
  assert.equal(kernel.begun.value, kernel.finished.value);
});

test('so it is when the optimising compiler has seen the probe', () => {
  const kernel = makeKernel();
  const program = makeProgram(makeTrampoline(kernel, kernelMemory, mustNotDie));
  for (let i = 0; i < 1_000_000; i++) program.call(1, 0);
  assert.ok(callAroundTheEdge(program) > 1000);
  assert.equal(kernel.begun.value, kernel.finished.value);
});

test('so it is on a stack of its own', async () => {
  const kernel = makeKernel();
  const { deep } = makeProgram(makeTrampoline(kernel, kernelMemory, mustNotDie));
  const promised = WebAssembly.promising(deep);
  let failed = 0;
  for (let depth = 1000; failed < 200; depth += 10) await promised(depth).catch(() => failed++);
  assert.equal(kernel.begun.value, kernel.finished.value);
});

test('a stack overflow inside the kernel passes every catch_all of a program', () => {
  const program = makeProgram(makeTrampoline(makeKernel(), kernelMemory, mustNotDie));
  assert.throws(() => program.call(1, -1), RangeError);
});

test('what JavaScript throws inside the kernel ends the machine, and the program cannot catch it', () => {
  const end = makeStackEnd();
  const failure = new Error('a bug in the host');
  let cause: unknown;
  const kernel = makeKernel(() => {
    throw failure;
  });
  const trampoline = makeTrampoline(kernel, kernelMemory, (error) => {
    cause = error;
    throw end;
  });
  const program = makeProgram(trampoline);
  assert.throws(
    () => program.call(1, 0),
    (error) => error === end,
  );
  assert.equal(cause, failure);
});

test('what ends a stack passes every catch_all of a program', () => {
  const end = makeStackEnd();
  const kernel = makeKernel(() => {
    throw end;
  });
  const program = makeProgram(makeTrampoline(kernel, kernelMemory, mustNotDie));
  assert.throws(
    () => program.call(1, 0),
    (error) => error === end,
  );
});

test('a suspended stack is ended by rejecting what it waits for', async () => {
  const end = makeStackEnd();
  let reject: (error: Error) => void = () => {};
  const inner = new WebAssembly.Suspending(() => new Promise((_, no) => (reject = no)));
  const program = makeProgram(makeTrampoline(makeKernel(inner), kernelMemory, mustNotDie));
  const stack = WebAssembly.promising(program.call)(1, 3);
  reject(end);
  await assert.rejects(stack, (error) => error === end);
});

test('a dead vfork child is unwound to the trampoline, and its parent goes on', async () => {
  let reject: (error: unknown) => void = () => {};
  const inner = new WebAssembly.Suspending(() => new Promise((_, no) => (reject = no)));
  const kernel = makeKernel(inner);
  const trampoline = makeTrampoline(kernel, kernelMemory, mustNotDie);
  const stack = WebAssembly.promising(makeProgram(trampoline).call)(1, 3);
  reject(trampoline.leaveException());
  assert.equal(await stack, VFORK_RETURN);
  assert.equal(kernel.finished.value, 0);
});

test('the closed door traps, and the kernel is not entered', () => {
  const kernel = makeKernel();
  const trampoline = makeTrampoline(kernel, kernelMemory, mustNotDie);
  trampoline.closed.value = 1;
  assert.throws(() => trampoline.syscall32(1, 0), WebAssembly.RuntimeError);
  assert.throws(() => trampoline.fork(), WebAssembly.RuntimeError);
  trampoline.closed.value = 0;
  assert.equal(trampoline.syscall32(1, 0), 1);
  assert.equal(kernel.begun.value, 1);
});

test('a machine that is not traced has a trampoline that knows of no watch', () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(trampolineModule(kernelMemory.type, false)));
  assert.deepEqual(
    imports.map(({ name }) => name),
    ['memory', 'leave', 'thrown', 'died', 'syscall32', 'preempt', 'fork', 'vfork'],
  );
});

test('a watch is told of each call before, and of its result after', async () => {
  const told: (string | number)[][] = [];
  let reject: (error: unknown) => void = () => {};
  const inner = new WebAssembly.Suspending(() => new Promise((_, no) => (reject = no)));
  const watch = {
    enter: (nr: number, args: number) => told.push(['enter', nr, args]),
    leave: (nr: number, result: number) => told.push(['leave', nr, result]),
  };
  const trampoline = makeTrampoline(makeKernel(inner), kernelMemory, mustNotDie, watch);
  trampoline.fork();
  trampoline.vfork();
  const stack = WebAssembly.promising(makeProgram(trampoline).call)(42, 3);
  reject(trampoline.leaveException());
  assert.equal(await stack, VFORK_RETURN);
  assert.deepEqual(told, [
    ['enter', EntryNumber.fork, 0],
    ['leave', EntryNumber.fork, 1],
    ['enter', EntryNumber.vfork, 0],
    ['leave', EntryNumber.vfork, 2],
    ['enter', 42, 3],
    ['leave', 42, VFORK_RETURN],
  ]);
});
