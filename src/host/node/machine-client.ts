// SPDX-License-Identifier: MIT
/**
 * A machine as the main thread sees it: starts the Worker that it runs in (machine-worker.ts), carries bytes between its
 * channels and the given sources and sinks (protocol.ts), and says when it has ended. Callers: src/cli, the tests.
 */
import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { WindowSize } from '../../machine/devices.ts';
import { type MachineEnd, STATUS_DEAD } from '../../machine/machine-end.ts';
import { PendingOutput } from './pending-output.ts';
import {
  type BootRequest,
  Channel,
  type FromWorker,
  type InputChannel,
  type OutputChannel,
  type SharedState,
  type ToWorker,
} from './protocol.ts';
import type { InputSource, OutputSink } from './standard-streams.ts';
import { UnwrittenTrace } from './trace-output.ts';

export interface MachineConnections {
  /** A missing source is empty, what is written to a missing sink is dropped. */
  readonly inputs: Partial<Record<InputChannel, InputSource>>;
  readonly outputs: Partial<Record<OutputChannel, OutputSink>>;
  /** Takes lines of the host's log. */
  readonly log?: (line: string) => void;
}

export interface MachineOptions extends MachineConnections {
  /** Makes what is booted. Called once the Worker is being started, so that both threads work at the same time. */
  readonly boot: () => BootRequest;
}

export class MachineClient {
  /** How the machine ended. All its output has left the process by then. Never rejects. */
  readonly ended: Promise<MachineEnd>;
  /** The first failure of each output that was not for want of a reader. */
  readonly outputErrors = new Map<OutputChannel, Error>();
  readonly #worker: Worker;
  readonly #pending = new PendingOutput();
  readonly #unwrittenTrace = new UnwrittenTrace();
  readonly #connections: MachineConnections;
  /** Bytes that may be sent now, per input channel; a channel is in the map while its source is being read. */
  readonly #credits = new Map<InputChannel, number>();
  readonly #reading = new Set<InputChannel>();
  readonly #closed = new Set<OutputChannel>();
  /** The last write of each lane (OutputSink.lane). */
  readonly #lanes = new Map<string, Promise<void>>();

  constructor(options: MachineOptions) {
    this.#connections = options;
    this.#worker = new Worker(new URL(import.meta.resolve('./machine-worker.ts')), {
      workerData: {
        pending: this.#pending.memory,
        unwrittenTrace: this.#unwrittenTrace.memory,
      } satisfies SharedState,
    });
    const { promise, resolve } = Promise.withResolvers<MachineEnd>();
    this.ended = promise.then(async (end) => {
      await this.outputWritten();
      return end;
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message, resolve));
    this.#worker.on('error', (error: unknown) => {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      resolve({ how: 'Terminated', status: STATUS_DEAD, report: `the machine's host has failed: ${what}` });
    });
    this.#worker.on('exit', () => {
      // After the last message, and before terminate() resolves.
      for (const { channel, data } of this.#pending.take()) this.#write(channel, data);
      resolve({ how: 'Terminated', status: STATUS_DEAD, report: "the machine's thread has ended without a word" });
    });
    this.#send({ kind: 'boot', ...options.boot() });
  }

  resize(size: WindowSize): void {
    this.#send({ kind: 'resize', size });
  }

  /** Asks the guest for an orderly shutdown. */
  pressPowerButton(): void {
    this.#send({ kind: 'power-button' });
  }

  /** Ends the machine at once, whatever it is doing. What it has written by then is on its way out. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Resolves when the output that has come so far has left the process, or can't. */
  async outputWritten(): Promise<void> {
    await Promise.all(this.#lanes.values());
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWorker, end: (end: MachineEnd) => void): void {
    switch (message.kind) {
      case 'output':
        for (const { channel, data } of message.pieces) this.#write(channel, data);
        break;
      case 'grant':
        this.#credits.set(message.channel, (this.#credits.get(message.channel) ?? 0) + message.bytes);
        this.#feed(message.channel);
        break;
      case 'log':
        this.#connections.log?.(message.line);
        break;
      case 'end':
        end(message.end);
        break;
    }
  }

  #write(channel: OutputChannel, data: Uint8Array): void {
    const sink = this.#connections.outputs[channel];
    if (!sink || this.#closed.has(channel)) {
      this.#isWritten(channel, data.length);
      return;
    }
    const before = this.#lanes.get(sink.lane) ?? Promise.resolve();
    const written = before.then(async () => {
      if (this.#closed.has(channel)) {
        this.#isWritten(channel, data.length);
        return;
      }
      try {
        await sink.write(data);
        this.#isWritten(channel, data.length);
      } catch (error) {
        this.#closed.add(channel);
        const errno = errnoOf(error);
        if (error instanceof Error && errno !== constants.errno.EPIPE) this.outputErrors.set(channel, error);
        if (channel === Channel.Trace) this.#isWritten(channel, data.length);
        else this.#send({ kind: 'output-end', channel, errno });
      }
    });
    this.#lanes.set(sink.lane, written);
  }

  /** So many bytes have left the process, or never will. */
  #isWritten(channel: OutputChannel, bytes: number): void {
    if (channel === Channel.Trace) this.#unwrittenTrace.written(bytes);
    else this.#send({ kind: 'grant', channel, bytes });
  }

  /** Reads the source as long as the guest has room. */
  async #feed(channel: InputChannel): Promise<void> {
    if (this.#reading.has(channel)) return;
    this.#reading.add(channel);
    const source = this.#connections.inputs[channel];
    try {
      for (let credit = this.#credits.get(channel) ?? 0; credit > 0; credit = this.#credits.get(channel) ?? 0) {
        const data = source ? await source.read() : null;
        if (!data) {
          this.#send({ kind: 'input-end', channel, errno: 0 });
          return;
        }
        this.#credits.set(channel, (this.#credits.get(channel) ?? 0) - data.length);
        this.#send({ kind: 'input', channel, data });
      }
    } catch (error) {
      this.#send({ kind: 'input-end', channel, errno: errnoOf(error) });
      return;
    }
    this.#reading.delete(channel);
  }
}

/** Linux's number for a failure. The guest's numbers are those of asm-generic, as the host's are on every Linux below 35. */
function errnoOf(error: unknown): number {
  const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : 0;
  return errno < 0 ? -errno : constants.errno.EIO;
}
