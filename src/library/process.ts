// SPDX-License-Identifier: MIT
/** A program that runs in a machine, as its user on the outside has it: web streams, its end, signals. Made by Linux.spawn. */
import type { RemoteCaller } from '../host/worker/remote.ts';
import type { Started } from '../task/programs.ts';
import type { MachineService } from '../task/service.ts';
import type { TerminalSize } from '../task/spawn.ts';
import type { WaitStatus } from '../task/wait-status.ts';
import { signalNumber } from '../trace/constants/signals.ts';

/** "SIGINT" and the like: kill(2). */
export type SignalName = `SIG${string}`;

type Service = RemoteCaller<MachineService>;

export class LinuxProcess {
  /** In the machine's first pid namespace. It leads a session and a process group of its own. */
  readonly pid: number;
  /** How it ended. Rejects when the machine ends before. */
  readonly exited: Promise<WaitStatus>;
  /** Closing it is the end of the program's input. Writing waits until the program's pipe has room. Absent unless a pipe or a terminal. */
  readonly stdin: WritableStream<Uint8Array | string> | undefined;
  /** Read only as fast as it is read from: the program waits meanwhile. With a terminal all of its output is here. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  readonly #service: Service;
  readonly #terminal: number | undefined;

  constructor(service: Service, { pid, pipes, terminal }: Started) {
    this.#service = service;
    this.pid = pid;
    this.#terminal = terminal;
    this.exited = service.call('wait', [pid]);
    // Who does not look at it need not hear of the machine's end here.
    this.exited.catch(() => {});
    if (terminal === undefined) {
      const [stdin, stdout, stderr] = pipes;
      this.stdin = stdin === undefined ? undefined : writable(service, stdin, true);
      this.stdout = stdout === undefined ? undefined : readable(service, stdout);
      this.stderr = stderr === undefined ? undefined : readable(service, stderr);
    } else {
      this.stdin = writable(service, terminal, false);
      this.stdout = readable(service, terminal);
      this.stderr = undefined;
    }
  }

  /** Sends a signal to it and to all of its process group, as a terminal does. No error when it has ended. */
  async kill(signal: SignalName = 'SIGTERM'): Promise<void> {
    const number = signalNumber(signal);
    if (number === undefined)
      throw new TypeError(`there is no signal "${signal}"; they have names as SIGINT and SIGKILL`);
    try {
      await this.#service.call('kill', [-this.pid, number]);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** Tells it, with SIGWINCH, the new size of its terminal. Throws TypeError when it has none. */
  async resize(size: TerminalSize): Promise<void> {
    if (this.#terminal === undefined) throw new TypeError(`process ${this.pid} has no terminal; spawn it with "tty"`);
    await this.#service.call('resize', [this.#terminal, size]);
  }
}

/** Closes the descriptors of streams that nobody has any more: a program's error output that was never looked at. */
const forgotten = new FinalizationRegistry<() => void>((close) => close());

/** A descriptor of the pool's process, closed once. */
class Descriptor {
  readonly number: number;
  readonly #service: Service;
  #isOpen = true;

  constructor(service: Service, number: number) {
    this.#service = service;
    this.number = number;
  }

  readonly close = async (): Promise<void> => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#service.call('close', [this.number]);
  };

  closeWith(stream: object): void {
    forgotten.register(stream, () => void this.close().catch(() => {}));
  }
}

/** A request for each pull, and none ahead of that. */
function readable(service: Service, number: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const descriptor = new Descriptor(service, number);
  const stop = new AbortController();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const bytes = await service.call('read', [number], stop.signal);
        if (bytes.length > 0) {
          controller.enqueue(bytes);
          return;
        }
        controller.close();
        await descriptor.close();
      },
      async cancel(reason) {
        stop.abort(reason);
        await descriptor.close();
      },
    },
    { highWaterMark: 0 },
  );
  descriptor.closeWith(stream);
  return stream;
}

/** closes: whether the descriptor is this stream's alone. */
function writable(service: Service, number: number, closes: boolean): WritableStream<Uint8Array | string> {
  const descriptor = new Descriptor(service, number);
  const encoder = new TextEncoder();
  const close = async (): Promise<void> => {
    if (closes) await descriptor.close();
  };
  const stream = new WritableStream<Uint8Array | string>({
    async write(chunk, controller) {
      const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
      await service.call('write', [number, bytes], controller.signal);
    },
    close,
    abort: close,
  });
  if (closes) descriptor.closeWith(stream);
  return stream;
}
