// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryKind, shimFunctions } from '../machine/kernel-interface.ts';
import { KernelMemory } from '../machine/kernel-memory.ts';
import { withAbiNote } from '../wasm/abi-note.ts';
import { BLOCK_VOID, ModuleBuilder, OP, sleb, TYPE } from '../wasm/builder.ts';
import { FRAMES_IMPORT, FRAMES_PAGES } from '../wasm/frames-memory.ts';
import { readModule, writeModule } from '../wasm/module.ts';
import { ForkFrames } from './fork-frames.ts';
import { EAGAIN, ModuleCache } from './module-cache.ts';
import { Program } from './program.ts';
import { SLOTS_PER_INSTANCE, Slot } from './program-instance.ts';
import { defaultLimits } from './program-shape.ts';
import { ShimFactory } from './shim.ts';
import { SlotBlocks } from './slots.ts';
import { type SpaceLimits, Spaces } from './spaces.ts';
import { makeTrampoline } from './trampoline.ts';

/** As root's files are. */
const TRUSTED = true;

const { i32 } = TYPE;

interface ProgramOptions {
  /** No abi note: may grow its memory itself. */
  readonly plain?: boolean;
  readonly pages?: number;
  readonly maximum?: number;
  /** What __stack_pointer begins with, behind a stack of 64 KiB. */
  readonly stackEnd?: number;
}

/**
 * A program that imports its memory and has __stack_pointer, __wasm_tp and no __tls_base. _start(block) stores block at 512 and
 * in its two globals.
 */
function programBytes({
  plain = false,
  pages = 2,
  maximum = 16,
  stackEnd = 0,
}: ProgramOptions = {}): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  builder.importMemory('env', 'memory', { minimum: pages, maximum, shared: false });
  builder.importFunction('env', 'wasmlinux_syscall32', builder.type([i32, i32], [i32]));
  const stackPointer = builder.global('__stack_pointer', stackEnd);
  const threadPointer = builder.global('__wasm_tp');
  const store = [OP.i32_const, ...sleb(512), OP.local_get, 0, OP.i32_store, 2, 0];
  const set = [stackPointer, threadPointer].flatMap((global) => [OP.local_get, 0, OP.global_set, global]);
  builder.function(builder.type([i32], []), [...store, ...set], { exportName: '_start' });
  const bytes = builder.finish();
  return plain ? bytes : noted(bytes);
}

/** With the mark of the linux profile. */
function noted(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const note = { version: 1, fork: 0, preemption: 0, exceptions: 0, stackSize: 65536, cards: 0 } as const;
  return writeModule(withAbiNote(readModule(bytes), note));
}

/** A machine's process side without a kernel; of a machine with 128 MiB of memory unless told. */
function makeHost(limits: Partial<SpaceLimits> = {}) {
  const memory = new KernelMemory(1 << 20);
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 4096 });
  const kernel = new ModuleBuilder();
  const none = kernel.type([], [i32]);
  kernel.function(kernel.type([i32, i32], [i32]), [OP.local_get, 0], { exportName: 'syscall32' });
  kernel.function(none, [OP.i32_const, 1], { exportName: 'preempt' });
  kernel.function(none, [OP.i32_const, 0], { exportName: 'fork' });
  kernel.function(none, [OP.i32_const, 0], { exportName: 'vfork' });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernel.finish()));
  const trampoline = makeTrampoline(exports as unknown as Parameters<typeof makeTrampoline>[0], memory, (error) => {
    throw error;
  });
  const slots = new SlotBlocks(table, SLOTS_PER_INSTANCE);
  const { memory: frames } = new ForkFrames(memory);
  const host = { table, slots, shims: new ShimFactory(memory), trampoline, frames };
  const spaces = new Spaces(host, { machineBytes: 128 << 20, ...limits });
  const slot = (id: number, index: number) => {
    const space = spaces.get(id);
    assert.ok(space);
    return table.get(space.instance.firstSlot + index) as ((...args: number[]) => number) | null;
  };
  return {
    memory,
    table,
    spaces,
    call(id: number, name: keyof typeof shimFunctions, ...args: number[]): number {
      const f = slot(id, Slot.shim + Object.keys(shimFunctions).indexOf(name));
      assert.ok(f);
      return f(...args);
    },
    enter: (id: number, ...args: number[]) => slot(id, Slot.entry)?.(...args),
  };
}

function makeProgram(options?: ProgramOptions, cached = true): Program {
  const program = Program.make(programBytes(options), defaultLimits, TRUSTED);
  program.cached = cached;
  return program;
}

test('a shim reaches user memory', () => {
  const { memory, spaces, call, enter } = makeHost();
  const id = spaces.create(makeProgram());
  assert.equal(enter(id, 77, 0), 0);
  assert.equal(call(id, 'load32', 512), 77);
  call(id, 'store32', 1001, 0x04030201);
  call(id, 'copy_from', 100, 1000, 6);
  assert.deepEqual([...memory.view(100, 6)], [0, 1, 2, 3, 4, 0]);
  memory.putText(200, 'linux\0', 6);
  call(id, 'copy_to', 2000, 200, 6);
  assert.equal(call(id, 'strnlen', 2000, 100), 5);
  assert.equal(call(id, 'strnlen', 2000, 5), 5);
  assert.equal(call(id, 'strnlen', 2000, 3), 3);
  call(id, 'move', 2001, 2000, 6);
  assert.equal(call(id, 'strncpy_from', 300, 2001, 100), 5);
  assert.equal(memory.cString(300), 'linux');
  assert.equal(call(id, 'strncpy_from', 400, 2001, 2), 2);
  assert.deepEqual([...memory.view(400, 3)], [0x6c, 0x69, 0]);
  call(id, 'clear', 2002, 2);
  assert.equal(call(id, 'strnlen', 2001, 100), 1);
  assert.throws(() => call(id, 'load32', 2 << 16), WebAssembly.RuntimeError);
});

test('a shim copies any number of bytes to and fro, and none beside them', () => {
  const { memory, spaces, call } = makeHost();
  const id = spaces.create(makeProgram());
  const [from, back, user] = [1000, 3000, 5003];
  for (let bytes = 0; bytes <= 130; bytes++) {
    const text = Uint8Array.from({ length: bytes }, (_, index) => index + bytes + 1);
    memory.view(from, 200).fill(0xee);
    memory.put(from + 1, text);
    memory.view(back, 200).fill(0xcc);
    // The user's side gets a border of 0xee, then the bytes within.
    call(id, 'copy_to', user - 1, from, 200);
    call(id, 'copy_to', user, back, bytes);
    call(id, 'copy_to', user, from + 1, bytes);
    call(id, 'copy_from', back + 1, user, bytes);
    assert.deepEqual([...memory.view(back, bytes + 2)], [0xcc, ...text, 0xcc], `${bytes} from`);
    call(id, 'copy_from', back, user - 1, 199);
    assert.deepEqual([...memory.view(back, bytes + 2)], [0xee, ...text, 0xee], `${bytes} to`);
  }
});

test("a shim compares user memory with the kernel's, to the last byte", () => {
  const { memory, spaces, call } = makeHost();
  const id = spaces.create(makeProgram());
  const same = () => call(id, 'same', 8192, 1024, 192);
  const kernel = memory.view(1024, 256);
  kernel.fill(7);
  call(id, 'copy_to', 8192, 1024, 256);
  assert.equal(same(), 1);
  for (const at of [0, 15, 16, 63, 64, 191]) {
    kernel[at] = 8;
    assert.equal(same(), 0, `byte ${at}`);
    kernel[at] = 7;
  }
  kernel[192] = 8;
  assert.equal(same(), 1);
});

test('the globals that a program has are saved and loaded', () => {
  const { memory, spaces, call, enter } = makeHost();
  const id = spaces.create(makeProgram());
  enter(id, 11, 0);
  call(id, 'save_globals', 64);
  assert.deepEqual([...new Uint32Array(memory.memory.buffer, 64, 3)], [11, 11, 0]);
  memory.putWords(128, [1, 2, 3]);
  call(id, 'load_globals', 128);
  call(id, 'save_globals', 64);
  assert.deepEqual([...new Uint32Array(memory.memory.buffer, 64, 3)], [1, 2, 0]);
});

test('a small machine keeps little for the next process', () => {
  const { spaces } = makeHost({ machineBytes: 2 << 20 });
  const program = makeProgram();
  const ids = Array.from({ length: 4 }, () => spaces.create(program));
  const instances = ids.map((id) => spaces.get(id)?.instance);
  for (const id of ids) spaces.release(id);
  const again = ids.map(() => spaces.get(spaces.create(program))?.instance);
  // Three quarters of a quarter of 2 MiB are three instances of 128 KiB.
  assert.equal(again.filter((instance) => instances.includes(instance)).length, 3);
});

test('a recycled instance is as new: memory, globals, size', () => {
  const { memory, spaces, call, enter } = makeHost();
  const program = makeProgram();
  const first = spaces.create(program);
  const space = spaces.get(first);
  assert.ok(space);
  enter(first, 5, 0);
  assert.equal(spaces.grow(space, 65536), 3 << 16);
  call(first, 'store32', (3 << 16) - 4, 99);
  spaces.release(first);
  const second = spaces.create(program);
  assert.equal(spaces.get(second)?.instance, space.instance);
  assert.equal(spaces.get(second)?.size, 2 << 16);
  call(second, 'save_globals', 64);
  assert.deepEqual([...memory.view(64, 12)], new Array(12).fill(0));
  assert.ok(spaces.get(second)?.instance.bytes.every((byte) => byte === 0));
});

test('a stray write behind the size of a program does not reach the next one', () => {
  const { spaces, call } = makeHost();
  const program = makeProgram();
  const large = spaces.create(program);
  const space = spaces.get(large);
  assert.ok(space);
  spaces.grow(space, 2 << 16);
  spaces.release(large);
  const stray = spaces.create(program);
  call(stray, 'store32', 3 << 16, 1);
  spaces.release(stray);
  assert.equal(call(spaces.create(program), 'load32', 3 << 16), 0);
});

test('a forked space has its own copy of memory and globals', () => {
  const { memory, spaces, call, enter } = makeHost();
  const program = makeProgram();
  for (let round = 0; round < 2; round++) {
    const parent = spaces.create(program);
    enter(parent, 21, 0);
    const space = spaces.get(parent);
    assert.ok(space);
    spaces.grow(space, 65536);
    call(parent, 'store32', (3 << 16) - 4, 1234);
    const child = spaces.fork(space, space.size, 0);
    assert.equal(spaces.get(child)?.size, 3 << 16);
    assert.equal(call(child, 'load32', (3 << 16) - 4), 1234);
    call(child, 'save_globals', 64);
    assert.deepEqual([...new Uint32Array(memory.memory.buffer, 64, 2)], [21, 21]);
    call(child, 'store32', 512, 1);
    assert.equal(call(parent, 'load32', 512), 21);
    // The second round gets the instances of the first.
    spaces.release(child);
    spaces.release(parent);
  }
});

test('a child has as much of its parent as the kernel wants', () => {
  const { spaces, call } = makeHost();
  const parent = spaces.create(makeProgram());
  const space = spaces.get(parent);
  assert.ok(space);
  spaces.grow(space, 65536);
  call(parent, 'store32', (2 << 16) - 4, 12);
  call(parent, 'store32', (3 << 16) - 4, 34);
  const child = spaces.get(spaces.fork(space, 2 << 16, 0));
  assert.ok(child);
  assert.equal(child.size, 2 << 16);
  assert.equal(spaces.grow(child, 65536), 3 << 16);
  const words = new DataView(child.instance.bytes.buffer);
  assert.deepEqual([words.getUint32((2 << 16) - 4, true), words.getUint32((3 << 16) - 4, true)], [12, 0]);
});

test('a large space is forked whole, into a fresh memory and into a used one', () => {
  const { spaces, call, enter } = makeHost();
  const program = makeProgram({ maximum: 64 });
  const parent = spaces.create(program);
  enter(parent, 7, 0);
  const space = spaces.get(parent);
  assert.ok(space);
  const size = spaces.grow(space, 40 << 16);
  const marks = [0, 512, 16380, 16384, 100_000, 1 << 20, (2 << 20) + 60, size - 4];
  const check = (child: number) => {
    for (let address = 0; address < size; address += 4) {
      const expected = address === 512 ? 7 : marks.includes(address) ? address + 1 : 0;
      if (call(child, 'load32', address) !== expected) assert.fail(`at ${address}`);
    }
  };
  for (const mark of marks) if (mark !== 512) call(parent, 'store32', mark, mark + 1);
  const fresh = spaces.fork(space, space.size, 0);
  check(fresh);
  // The next child gets the memory of this one, full of rubbish and larger than its own.
  const used = spaces.get(fresh);
  assert.ok(used);
  spaces.grow(used, 65536);
  used.instance.bytes.fill(0xaa);
  spaces.release(fresh);
  const second = spaces.fork(space, space.size, 0);
  assert.equal(spaces.get(second)?.instance, used.instance);
  check(second);
  assert.equal(call(second, 'load32', size), 0);
});

test('the unused part of the stack is not copied, and nobody sees what was there', () => {
  const { spaces, call } = makeHost();
  const program = makeProgram({ stackEnd: 70000 });
  const parent = spaces.create(program);
  const space = spaces.get(parent);
  assert.ok(space);
  // The stack is [4464, 70000).
  const marks = [4460, 8192, 30000, 40000, 69996, 70000, 80000];
  const there = (id: number) => marks.filter((mark) => call(id, 'load32', mark) !== 0);
  for (const mark of marks) call(parent, 'store32', mark, 1);
  for (let round = 0; round < 2; round++) {
    const child = spaces.fork(space, space.size, 36000);
    assert.deepEqual(there(child), [4460, 40000, 69996, 70000, 80000]);
    spaces.get(child)?.instance.bytes.fill(0xaa);
    spaces.release(child);
  }
  for (const elsewhere of [0, 5000, 70001, 100_000]) {
    assert.deepEqual(there(spaces.fork(space, space.size, elsewhere)), marks, `stack pointer ${elsewhere}`);
  }
});

test('exec is not given a large instance, fork the one that fits', () => {
  const { spaces } = makeHost();
  const program = makeProgram({ maximum: 256 });
  const grown = (more: number) => {
    const id = spaces.create(program);
    const space = spaces.get(id);
    assert.ok(space);
    spaces.grow(space, more << 16);
    return { id, space };
  };
  const large = grown(100);
  const small = grown(1);
  const parent = grown(98);
  spaces.release(small.id);
  spaces.release(large.id);
  assert.equal(spaces.get(spaces.fork(parent.space, parent.space.size, 0))?.instance, large.space.instance);
  assert.equal(spaces.get(spaces.create(program))?.instance, small.space.instance);
  spaces.release(parent.id);
  assert.notEqual(spaces.get(spaces.create(program))?.instance, parent.space.instance);
});

test('what has been idle for longest makes room', () => {
  const { spaces } = makeHost({ machineBytes: 2 << 20 });
  const [first, second] = [makeProgram(), makeProgram()];
  const old = Array.from({ length: 3 }, () => spaces.create(first));
  const instances = old.map((id) => spaces.get(id)?.instance);
  const young = spaces.create(second);
  const instance = spaces.get(young)?.instance;
  for (const id of old) spaces.release(id);
  spaces.release(young);
  assert.equal(spaces.get(spaces.create(second))?.instance, instance);
  const again = old.map(() => spaces.get(spaces.create(first))?.instance);
  assert.deepEqual(
    instances.map((one) => again.includes(one)),
    [false, true, true],
  );
});

test('a space grows to the maximum of its memory and no further', () => {
  const { spaces } = makeHost();
  const id = spaces.create(makeProgram());
  const space = spaces.get(id);
  assert.ok(space);
  assert.equal(spaces.grow(space, 14 << 16), 16 << 16);
  assert.equal(spaces.grow(space, 65536), 0);
  assert.equal(spaces.grow(space, 0xffff0000), 0);
});

test('a plain program has a memory of exactly its size, and what it grows itself is its own', () => {
  const { spaces, call } = makeHost();
  const program = makeProgram({ plain: true });
  const first = spaces.create(program);
  const space = spaces.get(first);
  assert.ok(space);
  assert.equal(call(first, 'memory_size'), 2 << 16);
  space.instance.memory.grow(1);
  assert.equal(call(first, 'memory_size'), 3 << 16);
  assert.equal(spaces.grow(space, 65536), 4 << 16);
  spaces.release(first);
  const second = spaces.create(program);
  assert.equal(call(second, 'memory_size'), 2 << 16);
});

test('a fork whose memory the engine refuses leaves nothing behind', () => {
  const { spaces } = makeHost();
  const program = makeProgram();
  const parent = spaces.get(spaces.create(program));
  const idle = spaces.create(program);
  const memory = spaces.get(idle)?.instance.memory;
  assert.ok(parent && memory);
  spaces.release(idle);
  assert.ok(spaces.grow(parent, 4 << 16));
  const used = spaces.census.tableSlots;
  memory.grow = () => {
    throw new RangeError('refused');
  };
  assert.throws(() => spaces.fork(parent, parent.size, 0), RangeError);
  memory.grow = WebAssembly.Memory.prototype.grow;
  const { spaces: count, idleInstances, tableSlots } = spaces.census;
  assert.deepEqual(
    { count, idleInstances, tableSlots },
    { count: 1, idleInstances: 0, tableSlots: used - SLOTS_PER_INSTANCE },
  );
  assert.ok(spaces.get(spaces.fork(parent, parent.size, 0)));
});

test('a module with its own memory and a main is entered at main', () => {
  const builder = new ModuleBuilder();
  builder.memory(1, 'memory');
  builder.function(builder.type([i32, i32], [i32]), [OP.local_get, 0, OP.local_get, 1, OP.i32_add], {
    exportName: '__main_argc_argv',
  });
  const { spaces, enter, call } = makeHost();
  const program = Program.make(builder.finish(), defaultLimits, TRUSTED);
  assert.equal(program.shape.entry.kind, EntryKind.Main);
  const id = spaces.create(program);
  assert.equal(spaces.get(id)?.size, 65536);
  assert.equal(enter(id, 2, 40), 42);
  call(id, 'store32', 8, 3);
  const space = spaces.get(id);
  assert.ok(space);
  assert.equal(call(spaces.fork(space, space.size, 0), 'load32', 8), 3);
});

const STATE = 1;
for (const [what, body, isUsedAgain] of [
  ['whose state is 0', [OP.global_get, 0], true],
  ['that is in the middle of unwinding', [OP.global_get, STATE], false],
  ['that calls the kernel when it is asked for its state', [OP.i32_const, 1, OP.i32_const, 0, OP.call, 0], false],
  ['that traps then', [OP.unreachable], false],
  ['that never answers', [OP.loop, BLOCK_VOID, OP.br, 0, OP.end, OP.i32_const, 0], false],
] as const) {
  test(`an instance ${what} is ${isUsedAgain ? '' : 'not '}used again`, () => {
    const builder = new ModuleBuilder();
    builder.importMemory('env', 'memory', { minimum: 1, maximum: 1, shared: false });
    const frames = { minimum: FRAMES_PAGES, maximum: FRAMES_PAGES, shared: false };
    builder.importMemory(FRAMES_IMPORT.module, FRAMES_IMPORT.name, frames);
    builder.importFunction('env', 'wasmlinux_syscall32', builder.type([i32, i32], [i32]));
    builder.global();
    builder.global();
    const type = (takes: boolean) => builder.type(takes ? [i32] : [], []);
    const setState = [OP.i32_const, 1, OP.global_set, STATE];
    for (const [name, takes] of [
      ['_start', true],
      ['asyncify_start_unwind', true],
      ['asyncify_stop_unwind', false],
      ['asyncify_start_rewind', true],
      ['asyncify_stop_rewind', false],
    ] as const) {
      builder.function(type(takes), name === '_start' ? setState : [], { exportName: name });
    }
    builder.function(builder.type([], [i32]), body, { exportName: 'asyncify_get_state' });
    const program = Program.make(noted(builder.finish()), defaultLimits, TRUSTED);
    program.cached = true;
    assert.ok(program.shape.canFork);
    const { spaces, enter } = makeHost();
    const first = spaces.create(program);
    const instance = spaces.get(first)?.instance;
    enter(first, 0, 0);
    spaces.release(first);
    assert.equal(spaces.get(spaces.create(program))?.instance === instance, isUsedAgain);
  });
}

test('an evicted program leaves nothing in the table', () => {
  const { table, spaces } = makeHost();
  const program = makeProgram();
  const id = spaces.create(program);
  const first = spaces.get(id)?.instance.firstSlot ?? 0;
  spaces.release(id);
  assert.notEqual(table.get(first), null);
  spaces.evict(program);
  for (let slot = first; slot < first + SLOTS_PER_INSTANCE; slot++) assert.equal(table.get(slot), null);
});

test('programs that run have so many bytes of modules together', () => {
  const { spaces } = makeHost({ mostModuleBytes: programBytes().length * 2 });
  const programs = Array.from({ length: 3 }, () => makeProgram({}, false)) as [Program, Program, Program];
  const first = spaces.create(programs[0]);
  const again = spaces.create(programs[0]);
  spaces.create(programs[1]);
  assert.throws(() => spaces.create(programs[2]), RangeError);
  spaces.release(first);
  assert.throws(() => spaces.create(programs[2]), RangeError);
  spaces.release(again);
  spaces.create(programs[2]);
});

test('slots are used again', () => {
  const { table, spaces } = makeHost();
  const program = makeProgram({}, false);
  const firstId = spaces.create(program);
  const first = spaces.get(firstId)?.instance.firstSlot;
  spaces.release(firstId);
  const { length } = table;
  for (let i = 0; i < 500; i++) {
    const id = spaces.create(program);
    assert.equal(spaces.get(id)?.instance.firstSlot, first);
    spaces.release(id);
  }
  assert.equal(table.length, length);
});

function makeCache(capacity: number) {
  const lines: string[] = [];
  const evicted: Program[] = [];
  const cache = new ModuleCache({
    limits: defaultLimits,
    capacity,
    log: (line) => lines.push(line),
    onEvict: (program) => evicted.push(program),
  });
  const load = (bytes: Uint8Array, key: string, isTrusted = TRUSTED) => {
    const handle = cache.begin(bytes.length, isTrusted);
    assert.equal(cache.append(handle, bytes.subarray(0, 5)), 0);
    assert.equal(cache.append(handle, bytes.subarray(5)), 0);
    let result: number;
    do result = cache.commit(handle, key);
    while (result === -EAGAIN);
    return result;
  };
  return { cache, lines, evicted, load };
}

test('a module is found again under its key', () => {
  const { cache, load } = makeCache(1 << 20);
  const handle = load(programBytes(), 'a');
  const again = cache.lookup('a');
  assert.notEqual(again, 0);
  assert.equal(cache.program(again), cache.program(handle));
  assert.equal(cache.lookup('b'), 0);
  assert.notEqual(load(programBytes(), ''), 0);
  assert.equal(cache.lookup(''), 0);
});

test('the module that was not used for the longest time is forgotten first', () => {
  const [a, b, c] = [1, 2, 3].map((pages) => programBytes({ pages })) as [Uint8Array, Uint8Array, Uint8Array];
  // Each is kept as it came, too, and has a key.
  const { cache, load, evicted } = makeCache((a.length * 2 + 1024) * 2);
  const oldest = load(a, 'a');
  load(b, 'b');
  cache.lookup('a');
  load(c, 'c');
  assert.equal(cache.lookup('b'), 0);
  assert.notEqual(cache.lookup('a'), 0);
  assert.equal(evicted.length, 1);
  // A handle holds its program all the same.
  assert.notEqual(cache.program(oldest), undefined);
});

test('contents that were given polls are found again in another file', () => {
  const { cache, load, evicted } = makeCache(1 << 20);
  const first = cache.program(load(programBytes(), 'a', false));
  assert.ok(first);
  assert.equal(cache.program(load(programBytes(), 'copy', false)), first);
  assert.equal(cache.program(load(programBytes(), '', false)), first);
  // Its word may count for more there.
  assert.notEqual(cache.program(load(programBytes(), 'of root', true)), first);
  const other = programBytes();
  other[other.length - 1] = (other.at(-1) ?? 0) + 1;
  assert.notEqual(cache.program(load(other, 'another last byte', false)), first);
  // The file has other contents now.
  assert.notEqual(cache.program(load(programBytes({ pages: 3 }), 'a', false)), first);
  assert.equal(cache.program(cache.lookup('copy')), first);
  assert.deepEqual(evicted, []);
  load(programBytes({ pages: 3 }), 'copy', false);
  assert.deepEqual(evicted, [first]);
  assert.equal(first.cached, false);
});

test('a program has no more keys than are kept', () => {
  const { cache, load, evicted } = makeCache(10 * 1024);
  const first = cache.program(load(programBytes(), 'first', false));
  for (let i = 0; i < 20; i++) assert.equal(cache.program(load(programBytes(), `copy ${i}`, false)), first);
  assert.equal(cache.lookup('first'), 0);
  assert.equal(cache.program(cache.lookup('copy 19')), first);
  assert.deepEqual(evicted, []);
});

test('a large module is given polls in pieces, between which others run', () => {
  const builder = new ModuleBuilder();
  builder.memory(1, 'memory');
  const type = builder.type([], []);
  const spin = [OP.loop, BLOCK_VOID, OP.br, 0, OP.end];
  builder.function(type, spin, { exportName: '_start' });
  for (let i = 0; i < 50_000; i++) builder.function(type, spin, {});
  const bytes = builder.finish();
  const { cache } = makeCache(1 << 30);
  const begin = () => {
    const handle = cache.begin(bytes.length, false);
    assert.equal(cache.append(handle, bytes), 0);
    return handle;
  };
  const handle = begin();
  let pieces = 0;
  while (cache.commit(handle, 'large') === -EAGAIN) pieces++;
  assert.ok(pieces > 20, `${pieces} pieces`);
  assert.notEqual(cache.lookup('large'), 0);
  // Who is killed meanwhile leaves nothing.
  const other = programBytes();
  const aborted = cache.begin(other.length, false);
  cache.append(aborted, other);
  assert.equal(cache.commit(aborted, 'killed'), -EAGAIN);
  cache.abort(aborted);
  assert.equal(cache.commit(aborted, 'killed'), -22);
  assert.equal(cache.lookup('killed'), 0);
});

test('a load that is not whole is no module', () => {
  const { cache } = makeCache(1 << 20);
  const bytes = programBytes();
  const handle = cache.begin(bytes.length, TRUSTED);
  cache.append(handle, bytes.subarray(1));
  assert.equal(cache.commit(handle, 'a'), -22);
  assert.equal(cache.append(handle, bytes), -22);
});

test('modules that can be no program are refused with one line', () => {
  const { lines, load } = makeCache(1 << 20);
  const hostile: [RegExp, (builder: ModuleBuilder) => void][] = [
    [/imports env\.open_socket/, (b) => b.importFunction('env', 'open_socket', b.type([], []))],
    [/imports wasi\.wasmlinux_fork/, (b) => b.importFunction('wasi', 'wasmlinux_fork', b.type([], [i32]))],
    [/wasmlinux_syscall32 with a wrong type/, (b) => b.importFunction('env', 'wasmlinux_syscall32', b.type([], []))],
    [/20000 pages/, (b) => b.memory(20000, 'memory')],
    [/no memory/, () => {}],
    [/does not export its memory/, (b) => b.memory(1, 'ram')],
    [/neither _start nor main/, (b) => b.memory(1, 'memory')],
    [
      /_start has a type/,
      (b) => {
        b.memory(1, 'memory');
        b.function(b.type([i32, i32, i32], []), [], { exportName: '_start' });
      },
    ],
    [
      /slots/,
      (b) => {
        b.memory(1, 'memory');
        b.table(5_000_000, 'table');
        b.function(b.type([], []), [], { exportName: '_start' });
      },
    ],
  ];
  for (const [line, build] of hostile) {
    lines.length = 0;
    const builder = new ModuleBuilder();
    build(builder);
    assert.equal(load(builder.finish(), 'x'), -8);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', line);
  }
  lines.length = 0;
  assert.equal(load(new TextEncoder().encode('#!/bin/sh\n'), 'x'), -8);
  assert.equal(lines.length, 1);
});

test('a module with 64-bit addresses is refused', () => {
  const bytes = programBytes();
  // The limits' flags follow the import's name and kind.
  const at = Buffer.from(bytes).indexOf('memory') + 'memory'.length + 1;
  bytes[at] = 5;
  const { lines, load } = makeCache(1 << 20);
  assert.equal(load(bytes, 'x'), -8);
  assert.match(lines[0] ?? '', /64-bit|not run/);
});

test('modules that are being read have so many bytes together', () => {
  const { cache } = makeCache(1 << 20);
  const most = defaultLimits.moduleBytes;
  const first = cache.begin(most, TRUSTED);
  assert.ok(first > 0);
  assert.equal(cache.begin(1000, TRUSTED), -12);
  cache.abort(first);
  assert.ok(cache.begin(1000, TRUSTED) > 0);
});

test('a module that is larger than any may be is refused before it is read', () => {
  const { cache, lines } = makeCache(1 << 20);
  assert.equal(cache.begin(0xffffffff, TRUSTED), -8);
  assert.match(lines[0] ?? '', /bytes/);
});
