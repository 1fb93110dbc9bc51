// SPDX-License-Identifier: MIT
/**
 * Starts programs: a host task that is a child of the pool's process is made what was asked for, call by call, and executes the
 * program then. No program in the guest helps with that.
 */
import { BufferWriter, putStrings } from './arguments.ts';
import { checked, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_RDWR, openFile } from './descriptors.ts';
import type { HostTask } from './host-task.ts';
import { LinuxError } from './linux-error.ts';
import { Syscall } from './syscall-numbers.ts';
import type { TaskPool } from './task-pool.ts';
import type { WaitStatus } from './wait-status.ts';

const F_SETFL = 4;
const TIOCSCTTY = 0x540e;
const TIOCSWINSZ = 0x5414;
const TIOCSPTLCK = 0x40045431;
const TIOCGPTPEER = 0x5441;
const ENOENT = 2;
const EACCES = 13;
const ENOEXEC = 8;
const ENOTDIR = 20;

/** Where one of the descriptors 0, 1 and 2 leads: to a pipe, to /dev/null, or where a descriptor of the pool's process does. */
export type Stdio = 'pipe' | 'null' | number;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface SpawnRequest {
  /** The program and its arguments. A name without a slash is looked up in PATH of `env`. */
  readonly argv: readonly string[];
  /** All of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Supplementary groups; none when there is a uid. */
  readonly groups?: readonly number[];
  readonly stdio?: readonly [Stdio, Stdio, Stdio];
  /** A terminal of its own in the place of `stdio`, which it controls. */
  readonly terminal?: TerminalSize;
  /** Called with the process's number before it becomes the program: puts it into a cgroup and the like. */
  readonly prepare?: (pid: number) => Promise<void>;
}

export interface Spawned {
  /** It leads a session and a process group of its own: a signal to -pid reaches what it has started. */
  readonly pid: number;
  readonly exited: Promise<WaitStatus>;
  /** The pool's ends of its pipes, by its descriptor: O_NONBLOCK (streams.ts). */
  readonly pipes: readonly [number | undefined, number | undefined, number | undefined];
  /** The pool's end of its terminal, O_NONBLOCK. */
  readonly terminal: number | undefined;
}

/** A pipe's reading end and its writing end. */
async function makePipe(task: HostTask): Promise<readonly [number, number]> {
  const address = new BufferWriter(task).reserve(8);
  await checked('pipe2', task.call(Syscall.pipe2, address, O_CLOEXEC));
  const { buffer, byteOffset } = task.bytes;
  const view = new DataView(buffer, byteOffset + address, 8);
  return [view.getInt32(0, true), view.getInt32(4, true)];
}

/** For streams.ts. The other end of a pipe or terminal is as it was. */
async function makeNonblocking(task: HostTask, descriptor: number): Promise<void> {
  await checked('fcntl', task.call(Syscall.fcntl64, descriptor, F_SETFL, O_NONBLOCK));
}

export async function resizeTerminal(task: HostTask, terminal: number, { columns, rows }: TerminalSize): Promise<void> {
  // struct winsize: rows, columns, and a size in pixels that nobody knows.
  const size = new BufferWriter(task).words([rows | (columns << 16), 0]);
  await checked('ioctl', task.call(Syscall.ioctl, terminal, TIOCSWINSZ, size));
}

/** Both ends of a new terminal. */
async function makeTerminal(task: HostTask, size: TerminalSize): Promise<readonly [number, number]> {
  const ours = await openFile(task, '/dev/ptmx', O_RDWR | O_NOCTTY | O_CLOEXEC);
  const locked = new BufferWriter(task).words([0]);
  await checked('ioctl', task.call(Syscall.ioctl, ours, TIOCSPTLCK, locked));
  const its = await checked(
    'ioctl',
    task.call(Syscall.ioctl, ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
    '/dev/ptmx',
  );
  await resizeTerminal(task, ours, size);
  await makeNonblocking(task, ours);
  return [ours, its];
}

/** What of a process's descriptors is whose: three that it gets, and what the pool keeps or closes. */
interface Wiring {
  readonly its: readonly [number, number, number];
  readonly pipes: Spawned['pipes'];
  readonly terminal: number | undefined;
  /** The pool's copies of what only the process is to have. */
  readonly toClose: readonly number[];
}

async function wire(task: HostTask, request: SpawnRequest): Promise<Wiring> {
  if (request.terminal) {
    const [ours, its] = await makeTerminal(task, request.terminal);
    return { its: [its, its, its], pipes: [undefined, undefined, undefined], terminal: ours, toClose: [its] };
  }
  const its: number[] = [];
  const pipes: (number | undefined)[] = [];
  const toClose: number[] = [];
  for (const [fd, stdio] of (request.stdio ?? ['null', 'null', 'null']).entries()) {
    let ours: number | undefined;
    let own: number;
    if (stdio === 'pipe') {
      const [reading, writing] = await makePipe(task);
      [own, ours] = fd === 0 ? [reading, writing] : [writing, reading];
      await makeNonblocking(task, ours);
      toClose.push(own);
    } else if (stdio === 'null') {
      own = await openFile(task, '/dev/null', O_RDWR | O_CLOEXEC);
      toClose.push(own);
    } else own = stdio;
    its.push(own);
    pipes.push(ours);
  }
  return { its, pipes, terminal: undefined, toClose } as unknown as Wiring;
}

/** Makes the process what is asked for; all that is left is to execute the program. */
async function setUp(task: HostTask, request: SpawnRequest, { its, terminal }: Wiring): Promise<void> {
  const { uid, gid, groups, cwd } = request;
  await checked('setsid', task.call(Syscall.setsid));
  // Above 2, so none is overwritten before it is used.
  for (const [fd, source] of its.entries()) await checked('dup3', task.call(Syscall.dup3, source, fd, 0));
  if (terminal !== undefined) await checked('ioctl', task.call(Syscall.ioctl, 0, TIOCSCTTY, 0));
  if (groups ?? uid) {
    const list = new BufferWriter(task).words(groups ?? []);
    await checked('setgroups', task.call(Syscall.setgroups, groups?.length ?? 0, list));
  }
  if (gid !== undefined) await checked('setresgid', task.call(Syscall.setresgid, gid, gid, gid));
  if (uid !== undefined) await checked('setresuid', task.call(Syscall.setresuid, uid, uid, uid));
  if (cwd !== undefined) {
    const path = new BufferWriter(task).string(cwd);
    await checked('chdir', task.call(Syscall.chdir, path), cwd);
  }
}

/** Executes a file, as a shell script when it is none of the kernel's formats. Returns with the errno when that fails. */
async function executeFile(task: HostTask, path: string, argv: readonly string[], env: readonly string[]) {
  const execute = async (file: string, args: readonly string[]): Promise<number> => {
    const put = putStrings(task, file, args, env);
    return -(await task.call(Syscall.execve, put.path, put.argv, put.envp));
  };
  const errno = await execute(path, argv);
  if (errno !== ENOEXEC || (await isModule(task, path))) return errno;
  return execute('/bin/sh', ['sh', path, ...argv.slice(1)]);
}

/** A module that the kernel refuses is no script. */
async function isModule(task: HostTask, path: string): Promise<boolean> {
  const file = await openFile(task, path, O_CLOEXEC).catch(() => -1);
  if (file < 0) return false;
  const address = new BufferWriter(task).reserve(4);
  const length = await task.call(Syscall.read, file, address, 4);
  await task.call(Syscall.close, file);
  return length === 4 && String(task.bytes.subarray(address, address + 4)) === '0,97,115,109';
}

/** As execvp(3). Returns 0, or the errno. */
async function execute(task: HostTask, { argv, env }: SpawnRequest): Promise<number> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const name = argv[0] ?? '';
  if (name.includes('/')) return executeFile(task, name, argv, variables);
  let errno = ENOENT;
  for (const folder of name === '' ? [] : (env.PATH ?? '').split(':')) {
    const failed = await executeFile(task, `${folder || '.'}/${name}`, argv, variables);
    if (failed === 0) return 0;
    if (failed !== ENOENT && failed !== ENOTDIR && failed !== EACCES) return failed;
    if (failed === EACCES) errno = EACCES;
  }
  return errno;
}

/** Starts a program. Throws LinuxError when it can't be, with the syscall that failed; nothing is left of it then. */
export async function spawn(pool: TaskPool, request: SpawnRequest): Promise<Spawned> {
  const wiring = await pool.use((task) => wire(task, request));
  const close = (descriptors: readonly (number | undefined)[]) =>
    pool.use(async (task) => {
      for (const descriptor of descriptors) {
        if (descriptor !== undefined) await task.call(Syscall.close, descriptor);
      }
    });
  try {
    const child = await pool.child();
    try {
      await setUp(child.task, request, wiring);
      await request.prepare?.(child.pid);
      const errno = await execute(child.task, request);
      if (errno !== 0) throw new LinuxError(errno, 'execve', request.argv[0]);
    } catch (error) {
      void child.task.call(Syscall.exit_group, 127).catch(() => {});
      await child.exited;
      throw error;
    } finally {
      child.release();
    }
    await close(wiring.toClose);
    return { pid: child.pid, exited: child.exited, pipes: wiring.pipes, terminal: wiring.terminal };
  } catch (error) {
    await close([...wiring.toClose, ...wiring.pipes, wiring.terminal]);
    throw error;
  }
}
