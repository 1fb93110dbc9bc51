// SPDX-License-Identifier: MIT
/** The tracer at the edges that programs rarely reach; what is usual is in tests/trace.test.ts, on the real kernel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskDescription, Tracer } from '../machine/tracer.ts';
import { EntryNumber } from '../process/entry-number.ts';
import { VFORK_RETURN } from '../process/trampoline.ts';
import type { TraceOptions } from './options.ts';
import { tracing } from './tracer.ts';

const READ = 63;
const OPENAT = 56;
const CLONE = 220;
const EXECVE = 221;
const NANOSLEEP = 407;
const SIGFRAME_FETCH = 244;
const ARGUMENTS = 64;

/** A machine whose session, task 1, has just executed its command as task 2, in a memory of one page. */
class Scene {
  readonly memory = new Uint8Array(65536);
  readonly tasks = new Map<number, TaskDescription>();
  readonly tracer: Tracer;
  text = '';

  constructor(options: Partial<TraceOptions> = {}, startsInit = false) {
    const whole = {
      follow: false,
      summary: false,
      filters: [],
      stringLimit: 32,
      verbose: false,
      toFile: false,
      ...options,
    };
    const make = tracing(whole, (text) => {
      this.text += text;
    });
    this.tracer = make({
      describe: (task) => this.tasks.get(task) ?? assert.fail(`no task ${task}`),
      follow: (task) => this.change(task, { followed: 1 }),
      memoryOf: () => this.memory,
      now: () => 0,
    });
    this.add(1, 10, 1);
    this.add(2, 20, 10);
    if (startsInit) this.startInit();
    this.run(1);
    this.call(OPENAT, 0, this.put(1000, '/run/host\0'));
    this.tracer.leave(OPENAT, 3);
    this.run(2);
    this.call(EXECVE, this.put(2000, '/bin/x\0'), 0, 0);
    this.tracer.restarted(2);
  }

  /** Process 1 reads the requests, becomes /sbin/init, and that runs a script. */
  startInit(): void {
    this.add(8, 1, 0);
    this.add(9, 2, 1);
    this.run(8);
    this.call(OPENAT, 0, this.put(1000, '/run/host\0'));
    this.tracer.leave(OPENAT, 3);
    this.call(EXECVE, this.put(2000, '/bin/absent\0'), 0, 0);
    this.tracer.leave(EXECVE, -2);
    this.call(EXECVE, this.put(2000, '/sbin/init\0'), 0, 0);
    this.tracer.restarted(8);
    this.run(9);
    this.call(EXECVE, this.put(2000, '/etc/init.d/rcS\0'), 0, 0);
    this.tracer.restarted(9);
    this.call(READ, 0, 5000, 10);
    this.tracer.leave(READ, 0);
  }

  add(task: number, pid: number, parent: number, followed = 0): void {
    this.tasks.set(task, { pid, tgid: pid, parent, space: 1, exitCode: 0, forkState: 0, followed });
  }

  change(task: number, fields: Partial<TaskDescription>): void {
    this.tasks.set(task, { ...(this.tasks.get(task) ?? assert.fail()), ...fields });
  }

  put(at: number, text: string): number {
    this.memory.set(new TextEncoder().encode(text), at);
    return at;
  }

  run(task: number): void {
    this.tracer.switched(task);
  }

  call(nr: number, ...words: readonly number[]): void {
    words.forEach((word, index) => {
      new DataView(this.memory.buffer).setUint32(ARGUMENTS + index * 4, word, true);
    });
    this.tracer.enter(nr, ARGUMENTS);
  }

  /** The command calls fork, whose import returns with its frames unwinding. */
  unwind(): void {
    this.tracer.enter(EntryNumber.fork, 0);
    this.change(2, { forkState: 1 });
    this.tracer.leave(EntryNumber.fork, 0);
  }

  /** The frames have come back to the import, which returns the result. */
  rewind(result: number): void {
    this.change(2, { forkState: 2 });
    this.tracer.enter(EntryNumber.fork, 0);
    this.change(2, { forkState: 0 });
    this.tracer.leave(EntryNumber.fork, result);
  }

  signal(number: number, result: number, handler = 1): void {
    const info = new Uint8Array(48);
    new DataView(info.buffer).setInt32(0, number, true);
    new DataView(info.buffer).setInt32(8, 128, true);
    this.tracer.signalled(info, handler, result);
  }

  /** The lines but for the first, which is the command's execve. */
  get lines(): string[] {
    return this.text.replace(/\) +=/g, ') =').split('\n').slice(1, -1);
  }
}

test('the command is traced from its execve on', () => {
  const scene = new Scene();
  assert.equal(scene.text, 'execve("/bin/x", NULL, NULL)            = 0\n');
});

test('the init that process 1 becomes is not the session: its first child is not the command', () => {
  const scene = new Scene({}, true);
  assert.equal(scene.text, 'execve("/bin/x", NULL, NULL)            = 0\n');
});

test('a task that dies in a call leaves nothing open', () => {
  const scene = new Scene();
  scene.call(READ, 0, 5000, 10);
  scene.change(2, { exitCode: 9 });
  scene.tracer.died(2);
  assert.deepEqual(scene.lines, ['read(0,  <unfinished ...>) = ?', '+++ killed by SIGKILL +++']);
  // Its address is another task's now.
  scene.add(2, 77, 1);
  scene.run(2);
  scene.call(READ, 0, 5000, 10);
  assert.equal(scene.lines.length, 2);
});

test('a call that the kernel makes again after a signal without a handler', () => {
  const scene = new Scene();
  scene.call(READ, 0, 5000, 1);
  scene.signal(20, -512, 0);
  scene.memory[5000] = 0x61;
  scene.tracer.leave(READ, 1);
  scene.call(NANOSLEEP, 0, 0, 0, 0);
  scene.signal(18, -516, 0);
  scene.tracer.leave(NANOSLEEP, 0);
  assert.deepEqual(scene.lines, [
    'read(0, 0x1388, 1) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
    '--- SIGTSTP {si_signo=SIGTSTP, si_code=SI_KERNEL} ---',
    '--- stopped by SIGTSTP ---',
    'read(0, "a", 1) = 1',
    'clock_nanosleep_time64(CLOCK_REALTIME, 0, NULL, NULL) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)',
    '--- SIGCONT {si_signo=SIGCONT, si_code=SI_KERNEL} ---',
    'restart_syscall(<... resuming interrupted clock_nanosleep_time64 ...>) = 0',
  ]);
});

test('a signal that is dropped after a call has succeeded does not show the call twice', () => {
  const scene = new Scene();
  scene.call(READ, 0, 5000, 0);
  scene.signal(17, 0, 0);
  scene.tracer.leave(READ, 0);
  assert.equal(scene.lines.filter((line) => line.startsWith('read')).length, 1);
});

test('a handler runs: libc fetches the frame, and nothing of that is shown', () => {
  const scene = new Scene();
  scene.call(READ, 0, 5000, 0);
  scene.signal(2, -4);
  scene.tracer.leave(READ, -4096);
  scene.tracer.enter(SIGFRAME_FETCH, 6000);
  scene.tracer.leave(SIGFRAME_FETCH, 0);
  assert.deepEqual(scene.lines, [
    'read(0, 0x1388, 0) = -1 EINTR (Interrupted system call)',
    '--- SIGINT {si_signo=SIGINT, si_code=SI_KERNEL} ---',
  ]);
});

test('a vfork child that is killed gives the stack back without a word of its own', () => {
  const scene = new Scene({ follow: true });
  scene.tracer.enter(EntryNumber.vfork, 0);
  scene.add(3, 30, 20, 1);
  scene.run(3);
  scene.tracer.leave(EntryNumber.vfork, 0);
  scene.call(READ, 0, 5000, 1);
  scene.change(3, { exitCode: 9 });
  scene.tracer.died(3);
  scene.run(2);
  scene.tracer.leave(READ, VFORK_RETURN);
  scene.tracer.enter(245, 0);
  scene.tracer.leave(245, 30);
  assert.deepEqual(scene.lines, [
    'vfork( <unfinished ...>',
    '[pid    30] read(0,  <unfinished ...>) = ?',
    '[pid    30] +++ killed by SIGKILL +++',
    '<... vfork resumed>) = 30',
  ]);
});

test('who leaves a core report is said to', () => {
  const scene = new Scene();
  scene.change(2, { exitCode: 0x80 | 6 });
  scene.tracer.died(2);
  assert.deepEqual(scene.lines, ['+++ killed by SIGABRT (core dumped) +++']);
});

test('a fork is one call, though its import is called twice in both processes', () => {
  const scene = new Scene({ follow: true });
  scene.unwind();
  scene.rewind(30);
  scene.add(3, 30, 20, 1);
  scene.change(3, { forkState: 2 });
  scene.run(3);
  scene.tracer.enter(EntryNumber.fork, 0);
  scene.change(3, { forkState: 0 });
  scene.tracer.leave(EntryNumber.fork, 0);
  assert.deepEqual(scene.lines, ['fork() = 30']);
});

test('so is one in a signal handler, though libc tells the kernel in between', () => {
  const scene = new Scene();
  scene.unwind();
  scene.tracer.enter(246, 5000);
  scene.change(2, { forkState: 2 });
  scene.tracer.leave(246, 0);
  scene.rewind(30);
  assert.deepEqual(scene.lines, ['fork() = 30']);
});

test('a clone that copies the process is one call, though libc forks to make it', () => {
  const scene = new Scene({ follow: true });
  scene.call(CLONE, 17, 0, 0);
  scene.tracer.leave(CLONE, -4099);
  scene.unwind();
  scene.rewind(30);
  assert.equal(scene.lines.length, 1);
  assert.match(scene.lines[0] ?? '', /^clone\(.*\) = 30$/);
});

test('wild addresses are shown as they are', () => {
  const scene = new Scene();
  scene.call(OPENAT, -100, 0xfffffff0, 0);
  scene.tracer.leave(OPENAT, -14);
  scene.tracer.enter(READ, 0xfffffffc);
  scene.tracer.leave(READ, -14);
  scene.call(1000, 1);
  scene.tracer.leave(1000, -38);
  assert.deepEqual(scene.lines.slice(0, 2), [
    'openat(AT_FDCWD, 0xfffffff0, O_RDONLY) = -1 EFAULT (Bad address)',
    'read(0, NULL, 0) = -1 EFAULT (Bad address)',
  ]);
  assert.match(scene.lines[2] ?? '', /^syscall_0x3e8\(0x1, .*\) = -1 ENOSYS \(Function not implemented\)$/);
});
