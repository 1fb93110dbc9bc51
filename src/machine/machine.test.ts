// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signal } from '../process/trap.ts';
import { ModuleBuilder, OP, sleb, TYPE } from '../wasm/builder.ts';
import type { ConsoleDevice, StreamDevice } from './devices.ts';
import { Halt, hostImports, Irq, kernelExports } from './kernel-interface.ts';
import { startMachine } from './machine.ts';
import type { MachineEnd } from './machine-end.ts';

type Body = (host: (name: keyof typeof hostImports, ...args: readonly number[]) => number[]) => readonly number[];

const F64 = 0x7c as typeof TYPE.i32;
const MEMORY = 1 << 20;
/** The first of the tasks that fake kernels have: their addresses are 1 KiB apart. */
const TASK = 1024;
const SCRATCH = 4096;
const wasmType = (kind: string) => (kind === 'f64' ? F64 : TYPE.i32);

/** A kernel whose exports do what `bodies` say, and else nothing. */
function makeKernel(
  bodies: Partial<Record<keyof typeof kernelExports, Body>>,
  change?: (builder: ModuleBuilder) => void,
) {
  const builder = new ModuleBuilder();
  builder.importMemory('host', 'memory', { minimum: 1, maximum: 65536, shared: false });
  const typeOf = ({ params, result }: { params: readonly (readonly string[])[]; result: string }) =>
    builder.type(
      params.map(([, kind]) => wasmType(kind ?? '')),
      result === 'void' ? [] : [wasmType(result)],
    );
  const indices = new Map<string, number>();
  for (const [name, crossing] of Object.entries(hostImports)) {
    indices.set(name, builder.importFunction('host', name, typeOf(crossing)));
  }
  change?.(builder);
  builder.table(8, '__indirect_function_table');
  builder.global('__stack_pointer');
  /** Calls an import with i32 constants. */
  const host: Parameters<Body>[0] = (name, ...args) => [
    ...args.flatMap((arg) => [OP.i32_const, ...sleb(arg)]),
    OP.call,
    indices.get(name) ?? -1,
  ];
  for (const [name, crossing] of Object.entries(kernelExports)) {
    const nothing = crossing.result === 'void' ? [] : [OP.i32_const, ...sleb(name === 'scratch' ? SCRATCH : 0)];
    builder.function(typeOf(crossing), bodies[name as keyof typeof kernelExports]?.(host) ?? nothing, {
      exportName: name,
    });
  }
  return new WebAssembly.Module(builder.finish());
}

const quietConsole: ConsoleDevice = { write: (bytes) => bytes.length, read: () => 0, size: () => undefined };
const turn = setImmediate;
const closedStream: StreamDevice = { poll: () => 0 };

function boot(kernel: WebAssembly.Module, console: ConsoleDevice = quietConsole) {
  return startMachine({
    kernel,
    initramfs: [],
    commandLine: 'quiet',
    memory: MEMORY,
    console,
    streams: [closedStream, closedStream, closedStream],
    turn,
  });
}

const run = (kernel: WebAssembly.Module): Promise<MachineEnd> => boot(kernel).ended;
const idleForever = [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f, OP.call, Object.keys(hostImports).indexOf('idle')];

test('the status of exit is the machine status', async () => {
  const end = await run(makeKernel({ start: (host) => host('halt', Halt.Exit, 7, 0) }));
  assert.deepEqual(end, { how: 'Exit', status: 7 });
});

test('poweroff is status 0', async () => {
  const end = await run(makeKernel({ start: (host) => host('halt', Halt.PowerOff, 0, 0) }));
  assert.deepEqual(end, { how: 'PowerOff', status: 0 });
});

test('a panic is status 70 with its message', async () => {
  const message = [OP.i32_const, ...sleb(100), OP.i32_const, ...sleb(0x696e), OP.i32_store, 0, 0];
  const { status, report } = await run(
    makeKernel({ start: (host) => [...message, ...host('halt', Halt.Panic, 0, 100)] }),
  );
  assert.equal(status, 70);
  assert.equal(report, 'ni\n  in start');
});

test('the command line lies in the last page, the archives before it', async () => {
  const written: string[] = [];
  const kernel = makeKernel({
    start: (host) => [
      // console_write(initrd, initrd_len), console_write(cmdline, cmdline_len)
      ...[OP.local_get, 1, OP.local_get, 2, ...host('console_write'), OP.drop],
      ...[OP.local_get, 3, OP.local_get, 4, ...host('console_write'), OP.drop],
      ...host('halt', Halt.PowerOff, 0, 0),
    ],
  });
  const machine = startMachine({
    kernel,
    initramfs: [Uint8Array.of(1, 2, 3), Uint8Array.of(4)],
    commandLine: 'quiet',
    memory: MEMORY,
    console: { ...quietConsole, write: (bytes) => written.push(String(bytes)) },
    streams: [closedStream, closedStream, closedStream],
    turn,
  });
  await machine.ended;
  assert.deepEqual(written, ['1,2,3,0,4,0,0,0', String(new TextEncoder().encode('quiet'))]);
});

test('a trap is told to the kernel, with its signal', async () => {
  const kernel = makeKernel({
    start: () => [OP.unreachable],
    fault_entry: (host) => [OP.i32_const, Halt.Exit, OP.local_get, 0, OP.i32_const, 0, ...host('halt')],
  });
  assert.equal((await run(kernel)).status, Signal.ILL);
});

test('a kernel that traps on a trap is dead, and the report says where', async () => {
  const kernel = makeKernel({
    start: () => [OP.unreachable],
    fault_entry: () => [OP.i32_const, ...sleb(-1), OP.i32_load, 2, 0, OP.drop],
  });
  const { status, report } = await run(kernel);
  assert.equal(status, 70);
  assert.match(report ?? '', /out of bounds/);
  assert.match(report ?? '', / in fault_entry$/);
});

test('a failure of a device ends the machine', async () => {
  const console: ConsoleDevice = {
    ...quietConsole,
    size: () => {
      throw new Error('the window is gone');
    },
  };
  const { status, report } = await boot(makeKernel({ start: (host) => [...host('console_size'), OP.drop] }), console)
    .ended;
  assert.equal(status, 70);
  assert.match(report ?? '', /the window is gone/);
});

test('a kernel that returns from its start is dead', async () => {
  assert.equal((await run(makeKernel({}))).status, 70);
});

test('an interrupt wakes the idle kernel and names its line', async () => {
  const kernel = makeKernel({
    start: () => idleForever,
    interrupt: (host) => [OP.i32_const, Halt.Exit, OP.local_get, 0, OP.i32_const, 0, ...host('halt')],
  });
  const machine = boot(kernel);
  machine.interrupt(Irq.Stream);
  machine.powerButton();
  assert.equal((await machine.ended).status, Irq.Stream | Irq.PowerButton);
});

test('idle ends at its deadline', async () => {
  const deadline = [0x44, ...new Uint8Array(Float64Array.of(3e6).buffer)];
  const idle = [OP.call, Object.keys(hostImports).indexOf('idle')];
  const kernel = makeKernel({ start: (host) => [...deadline, ...idle, ...host('halt', Halt.PowerOff, 0, 0)] });
  const begin = performance.now();
  assert.equal((await run(kernel)).how, 'PowerOff');
  assert.ok(performance.now() - begin >= 3);
});

test('a machine that sleeps can be terminated, and hears no interrupt afterwards', async () => {
  const machine = boot(makeKernel({ start: () => idleForever, interrupt: () => [OP.unreachable] }));
  machine.terminate(130);
  machine.interrupt(Irq.Console);
  assert.deepEqual(await machine.ended, { how: 'Terminated', status: 130 });
});

test('yield_turn lets the event loop have its turn', async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await run(makeKernel({ start: (host) => [...host('yield_turn'), ...host('halt', Halt.PowerOff, 0, 0)] }));
  assert.ok(turned);
});

test('tasks are switched, started and finished', async () => {
  // Task 0 starts task 5, which dies and switches back; task 0 then exits.
  const kernel = makeKernel({
    start: (host) => [...host('switch_to', 0, 5 * TASK, 1, 0), ...host('halt', Halt.Exit, 3, 0)],
    task_entry: (host) => [OP.local_get, 0, OP.i32_const, 0, OP.i32_const, 2, OP.i32_const, 0, ...host('switch_to')],
  });
  assert.equal((await run(kernel)).status, 3);
});

test("a vfork child that dies on its parent's stack gives it back", async () => {
  // What a kernel does: the helper stack (vfork_entry) switches to the child, which is resumed on the lent stack, dies there and
  // switches back; the helper gives the stack back. Without a trampoline above, the exception reaches the bottom of the stack.
  const kernel = makeKernel({
    start: (host) => [...host('vfork_begin', TASK), ...host('switch_to', 2 * TASK, TASK, 2, TASK), OP.unreachable],
    vfork_entry: (host) => [
      ...host('vfork_lend', 2 * TASK, TASK),
      ...host('switch_to', TASK, 2 * TASK, 0, 0),
      ...host('vfork_back', TASK, 64),
    ],
    fault_entry: (host) => [OP.i32_const, Halt.Exit, OP.local_get, 0, OP.i32_const, 0, ...host('halt')],
  });
  assert.equal((await run(kernel)).status, Signal.ABRT);
});

test('many machines run at once, each with its own end', async () => {
  const kernel = makeKernel({
    start: () => idleForever,
    interrupt: (host) => [OP.i32_const, Halt.Exit, OP.local_get, 0, OP.i32_const, 0, ...host('halt')],
  });
  const machines = Array.from({ length: 20 }, () => boot(kernel));
  for (const [index, machine] of machines.entries()) machine.interrupt(index + 1);
  const ends = await Promise.all(machines.map(({ ended }) => ended));
  assert.deepEqual(
    ends.map(({ status }) => status),
    machines.map((_, index) => index + 1),
  );
});

test('a kernel of another interface is refused, and every difference is named', () => {
  const module = makeKernel({}, (builder) => {
    builder.importFunction('host', 'teleport', builder.type([], []));
  });
  assert.throws(() => boot(module), /imports the function host\.teleport/);
  const empty = new WebAssembly.Module(new ModuleBuilder().finish());
  assert.throws(() => boot(empty), /imports 0 memories.*export the function start.*global __stack_pointer/);
});

test('an initramfs that does not fit is refused', () => {
  const options = { kernel: makeKernel({}), commandLine: '', memory: MEMORY, console: quietConsole, turn };
  const initramfs = [new Uint8Array(MEMORY)];
  assert.throws(
    () => startMachine({ ...options, initramfs, streams: [closedStream, closedStream, closedStream] }),
    /do not hold/,
  );
});
