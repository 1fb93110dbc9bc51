// SPDX-License-Identifier: MIT
/**
 * What a machine is plugged into: a console and three streams. The machine calls these functions from inside the kernel and
 * they must not wait; when something changes (input arrives, output may go on) the owner calls Machine.interrupt.
 * Every byte array is a view of kernel memory: copy, never keep it.
 */

import type { HostImports } from './kernel-interface.ts';
import type { KernelMemory } from './kernel-memory.ts';

/** Linux's error numbers (asm-generic) that devices answer with, negated. */
export const Errno = { EIO: 5, EAGAIN: 11, EPIPE: 32 } as const;

/** poll(2) bits. */
export const Poll = { In: 1, Out: 4, Err: 8, Hup: 16 } as const;

export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

/** The terminal behind hvc0. */
export interface ConsoleDevice {
  /** Bytes taken; fewer than given: Irq.Console when there is room again. */
  write(bytes: Uint8Array): number;
  /** Bytes stored; 0: Irq.Console when there is input. */
  read(target: Uint8Array): number;
  size(): WindowSize | undefined;
}

/** What /dev/host/stdin, stdout, stderr or signals leads to. Results are counts or -errno; -EAGAIN: Irq.Stream when it has changed. */
export interface StreamDevice {
  /** 0: the end. */
  read?(target: Uint8Array): number;
  write?(bytes: Uint8Array): number;
  /** Poll bits. */
  poll(): number;
}

type DeviceImports = Pick<HostImports, Extract<keyof HostImports, `console_${string}` | `stream_${string}`>>;

/** The kernel's imports over a machine's devices. */
export function deviceImports(
  memory: KernelMemory,
  console: ConsoleDevice,
  streams: readonly StreamDevice[],
): DeviceImports {
  return {
    console_write: (buf, n) => console.write(memory.view(buf, n)),
    console_read: (buf, n) => console.read(memory.view(buf, n)),
    console_size: () => {
      const size = console.size();
      return size ? size.columns * 65536 + size.rows : 0;
    },
    stream_read: (stream, buf, n) => streams[stream]?.read?.(memory.view(buf, n)) ?? -Errno.EIO,
    stream_write: (stream, buf, n) => streams[stream]?.write?.(memory.view(buf, n)) ?? -Errno.EIO,
    stream_poll: (stream) => streams[stream]?.poll() ?? Poll.Err,
  };
}
