// SPDX-License-Identifier: MIT
/**
 * What a process and all that it starts may use together: a control group of its own (Linux's
 * Documentation/admin-guide/cgroup-v2.rst). Made before the process executes its program, gone with the last of its processes.
 */
import { BufferWriter } from './arguments.ts';
import { AT_FDCWD, checked, O_CLOEXEC, openFile, writeControl } from './descriptors.ts';
import { withDescriptor } from './file-calls.ts';
import { readWhole } from './file-contents.ts';
import type { HostTask } from './host-task.ts';
import { LinuxError } from './linux-error.ts';
import { Syscall } from './syscall-numbers.ts';
import type { TaskPool } from './task-pool.ts';

const ROOT = '/sys/fs/cgroup';
const AT_REMOVEDIR = 0x200;
const POLLPRI = 2;
const EBUSY = 16;
const ESRCH = 3;
/** Of cpu.max, in microseconds. */
const PERIOD = 100_000;

export interface ResourceLimits {
  /** Bytes of memory, of the kernel's on their behalf too: who needs more is killed. */
  readonly memory?: number;
  /** Processes and threads at a time: fork fails with EAGAIN. */
  readonly processes?: number;
  /** Part of the processor's time: 0.5 is half of it. */
  readonly cpu?: number;
}

export class ResourceGroup {
  readonly #pool: TaskPool;
  readonly #path: string;

  private constructor(pool: TaskPool, path: string) {
    this.#pool = pool;
    this.#path = path;
  }

  /** name: of the group, no other's. Throws LinuxError, or RangeError for a limit that is none. */
  static async make(pool: TaskPool, name: string, limits: ResourceLimits): Promise<ResourceGroup> {
    const files = Object.entries({
      'memory.max': limits.memory === undefined ? undefined : whole('memory', limits.memory),
      'pids.max': limits.processes === undefined ? undefined : whole('processes', limits.processes),
      'cpu.max': limits.cpu === undefined ? undefined : `${whole('cpu', Math.ceil(limits.cpu * PERIOD))} ${PERIOD}`,
    });
    const path = `${ROOT}/${name}`;
    await pool.use(async (task) => {
      await writeControl(task, `${ROOT}/cgroup.subtree_control`, '+cpu +memory +pids');
      await checked('mkdirat', task.call(Syscall.mkdirat, AT_FDCWD, new BufferWriter(task).string(path), 0o755), path);
      for (const [file, value] of files) {
        if (value !== undefined) await writeControl(task, `${path}/${file}`, value);
      }
    });
    return new ResourceGroup(pool, path);
  }

  async add(pid: number): Promise<void> {
    await this.#pool.use((task) => writeControl(task, `${this.#path}/cgroup.procs`, String(pid)));
  }

  /** Kills all of it, also what has left the process group. */
  async kill(): Promise<void> {
    await this.#pool.use((task) => writeControl(task, `${this.#path}/cgroup.kill`, '1'));
  }

  /** Kills what is left, and removes the group. */
  async remove(): Promise<void> {
    await this.kill();
    await this.#removeEmpty();
  }

  /** Lets what is left be without a limit, and removes the group. */
  async dissolve(): Promise<void> {
    await this.#pool.use(async (task) => {
      const left = (): Promise<Uint8Array> =>
        withDescriptor(task, `${this.#path}/cgroup.procs`, O_CLOEXEC, (procs) => readWhole(task, procs));
      for (let procs = await left(); procs.length > 0; procs = await left()) {
        for (const pid of new TextDecoder().decode(procs).trim().split('\n')) {
          await writeControl(task, `${ROOT}/cgroup.procs`, pid).catch((error: unknown) => {
            if (!(error instanceof LinuxError && error.errno === ESRCH)) throw error;
          });
        }
      }
    });
    await this.#removeEmpty();
  }

  /** Waits until the last process has gone. */
  async #removeEmpty(): Promise<void> {
    await this.#pool.use(async (task) => {
      const events = await openFile(task, `${this.#path}/cgroup.events`, O_CLOEXEC);
      try {
        while ((await this.#unlink(task)) === -EBUSY) {
          // struct pollfd; the file tells of each change until it is read again.
          const poll = new BufferWriter(task).words([events, POLLPRI]);
          await task.call(Syscall.ppoll_time64, poll, 1, 0, 0, 0);
          await task.call(Syscall.read, events, task.buffer, task.bufferBytes);
        }
      } finally {
        await task.call(Syscall.close, events);
      }
    });
  }

  #unlink(task: HostTask): Promise<number> {
    return task.call(Syscall.unlinkat, AT_FDCWD, new BufferWriter(task).string(this.#path), AT_REMOVEDIR);
  }
}

function whole(limit: string, value: number): string {
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new RangeError(`the limit "${limit}" must be above 0, not ${value}`);
  return String(value);
}
