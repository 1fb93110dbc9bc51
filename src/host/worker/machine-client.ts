// SPDX-License-Identifier: MIT
/**
 * A machine as the thread sees it that owns the terminal and the streams: carries bytes between the channels of the Worker in
 * which the machine runs and the given sources and sinks (protocol.ts), and says when it has ended. Each host makes it over
 * a Worker of its own kind: src/host/node/start-machine.ts, src/host/browser/start-machine.ts.
 */
import { Errno, type WindowSize } from '../../machine/devices.ts';
import { MachineEnded } from '../../machine/host-calls.ts';
import { type MachineEnd, STATUS_DEAD, STATUS_TERMINATED } from '../../machine/machine-end.ts';
import {
  type BootRequest,
  Channel,
  type FromWorker,
  type InputChannel,
  type OutputChannel,
  type ToWorker,
} from './protocol.ts';
import { hostErrno } from './host-errno.ts';
import { RemoteCaller } from './remote.ts';
import type { InputSource, OutputSink } from './streams.ts';
import type { MachineService } from '../../task/service.ts';
import type { UnwrittenTrace } from './trace-output.ts';

/** A Worker that runs machine-server.ts, as a host offers it. */
export interface MachineWorker {
  post(message: ToWorker): void;
  /** Ends it at once, whatever it is doing. */
  terminate(): Promise<void>;
  /** What holds the Worker back when it traces faster than this thread can write. */
  readonly unwrittenTrace?: UnwrittenTrace;
}

export interface MachineConnections {
  /** A missing source is empty, what is written to a missing sink is dropped. */
  readonly inputs: Partial<Record<InputChannel, InputSource>>;
  readonly outputs: Partial<Record<OutputChannel, OutputSink>>;
  /** Takes lines of the host's log. */
  readonly log?: (line: string) => void;
}

export class MachineClient {
  /** How the machine ended. All its output has left the process by then. Never rejects. */
  readonly ended: Promise<MachineEnd>;
  /** The first failure of each output that was not for want of a reader. */
  readonly outputErrors = new Map<OutputChannel, Error>();
  /** Resolves when the trace has lost its reader while the machine runs. */
  readonly traceUnread: Promise<void>;
  readonly #resolveEnded: (end: MachineEnd) => void;
  readonly #resolveTraceUnread: () => void;
  #isRunning = true;
  /** By its owner: that it ends is no failure. */
  #isTerminated = false;
  /** Of the signals on their way, oldest first. */
  readonly #signalsTaken: (() => void)[] = [];
  /** Calls methods of the machine's service, if it was booted to serve. */
  readonly service: RemoteCaller<MachineService>;
  readonly #worker: MachineWorker;
  readonly #connections: MachineConnections;
  /** Bytes that may be sent now, per input channel; a channel is in the map while its source is being read. */
  readonly #credits = new Map<InputChannel, number>();
  readonly #reading = new Set<InputChannel>();
  readonly #closed = new Set<OutputChannel>();
  /** The last write of each lane (OutputSink.lane). */
  readonly #lanes = new Map<string, Promise<void>>();
  /** How the first write of a lane has failed: an errno. */
  readonly #failures = new Map<string, number>();

  constructor(worker: MachineWorker, connections: MachineConnections) {
    this.#connections = connections;
    this.#worker = worker;
    const { promise, resolve } = Promise.withResolvers<MachineEnd>();
    this.service = new RemoteCaller((message) => this.#send(message));
    this.#resolveEnded = (end) => {
      this.#isRunning = false;
      this.service.end(new MachineEnded(end.report ?? 'the machine has ended'));
      resolve(end);
    };
    const unread = Promise.withResolvers<void>();
    this.traceUnread = unread.promise;
    this.#resolveTraceUnread = unread.resolve;
    this.ended = promise.then(async (end) => {
      await this.outputWritten();
      return end;
    });
  }

  boot(request: BootRequest): void {
    this.#send({ kind: 'boot', ...request });
  }

  resize(size: WindowSize): void {
    this.#send({ kind: 'resize', size });
  }

  /**
   * Sends a signal, by Linux's number, to the command that the machine was booted for. Resolves when the guest has it, which a
   * program that makes no system call holds up, or a kernel that is busy with others.
   */
  signal(number: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#signalsTaken.push(resolve);
    this.#send({ kind: 'signal', number });
    return promise;
  }

  /** Asks the guest for an orderly shutdown. */
  pressPowerButton(): void {
    this.#send({ kind: 'power-button' });
  }

  /** Ends the machine at once, whatever it is doing. What it has written by then is on its way out. */
  async terminate(): Promise<void> {
    this.#isTerminated = true;
    await this.#worker.terminate();
    // A page's Worker does not say that it has ended.
    this.fail('');
  }

  /** Resolves when the output that has come so far has left the process, or can't. */
  async outputWritten(): Promise<void> {
    await Promise.all(this.#lanes.values());
  }

  /** The host's: a message of the Worker's has come. */
  receive(message: FromWorker): void {
    switch (message.kind) {
      case 'output':
        for (const { channel, data } of message.pieces) this.#write(channel, data);
        break;
      case 'grant':
        this.#credits.set(message.channel, (this.#credits.get(message.channel) ?? 0) + message.bytes);
        this.#feed(message.channel);
        break;
      case 'reply':
      case 'failure':
        this.service.receive(message);
        break;
      case 'signal-taken':
        this.#signalsTaken.shift()?.();
        break;
      case 'log':
        this.#connections.log?.(message.line);
        break;
      case 'end':
        this.#resolveEnded(message.end);
        break;
    }
  }

  /** The host's: the Worker has ended by itself. What a machine says at its end comes before that, and counts. */
  fail(report: string): void {
    if (this.#isTerminated) this.#resolveEnded({ how: 'Terminated', status: STATUS_TERMINATED });
    else this.#resolveEnded({ how: 'Terminated', status: STATUS_DEAD, report });
  }

  #send(message: ToWorker): void {
    this.#worker.post(message);
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
        // A stream that has lost its reader once fails in another way afterwards.
        const errno = this.#failures.get(sink.lane) ?? hostErrno(error);
        this.#failures.set(sink.lane, errno);
        if (error instanceof Error && errno !== Errno.EPIPE) this.outputErrors.set(channel, error);
        if (channel === Channel.Trace) {
          this.#isWritten(channel, data.length);
          if (errno === Errno.EPIPE && this.#isRunning) this.#resolveTraceUnread();
        } else this.#send({ kind: 'output-end', channel, errno });
      }
    });
    this.#lanes.set(sink.lane, written);
  }

  /** So many bytes have left the process, or never will. */
  #isWritten(channel: OutputChannel, bytes: number): void {
    if (channel === Channel.Trace) this.#worker.unwrittenTrace?.written(bytes);
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
      this.#send({ kind: 'input-end', channel, errno: hostErrno(error) });
      return;
    }
    this.#reading.delete(channel);
  }
}
