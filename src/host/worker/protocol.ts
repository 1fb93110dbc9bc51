// SPDX-License-Identifier: MIT
/**
 * What crosses between the two threads of a host: the main one, which owns the terminal and the
 * streams (machine-client.ts), and the Worker, in which the machine runs (machine-server.ts). A guest that computes
 * without end starves the event loop of its own thread, so nothing that must always work may live in the Worker.
 *
 * Bytes flow through channels with credit. The receiver of a channel grants bytes, the sender never has more under way
 * than was granted: a slow reader outside blocks the writer inside and the other way round, as a pipe does.
 */

import type { WindowSize } from '../../machine/devices.ts';
import type { MachineEnd } from '../../machine/machine-end.ts';
import type { TraceOptions } from '../../trace/options.ts';

/** The channels: the three standard streams by their descriptor, the console, and the trace of system calls. */
export const Channel = { Stdin: 0, Stdout: 1, Stderr: 2, Console: 3, Trace: 4 } as const;
export type Channel = (typeof Channel)[keyof typeof Channel];
export type InputChannel = typeof Channel.Stdin | typeof Channel.Console;
export type OutputChannel = Exclude<Channel, typeof Channel.Stdin>;
/** The guest writes to these, with credit. What it does not know of, the trace, can't wait for credit: see trace-output.ts. */
export type GuestOutputChannel = Exclude<OutputChannel, typeof Channel.Trace>;

/** Bytes that may be under way on one channel: what a Linux pipe holds. */
export const CHANNEL_WINDOW = 65536;

/** What the machine is made of. */
export interface BootRequest {
  readonly kernel: WebAssembly.Module;
  /** cpio archives, unpacked one after the other. */
  readonly initramfs: readonly Uint8Array[];
  readonly commandLine: string;
  /** Bytes that kernel and programs have together. */
  readonly memory: number;
  /** Size of the console's window; absent when it is no terminal. */
  readonly windowSize: WindowSize | undefined;
  /** Whether it serves requests, as the library makes them: the first archive's session program must have been asked for that. */
  readonly serves?: boolean;
  /** Trace system calls into Channel.Trace. */
  readonly trace?: TraceOptions | undefined;
}

export type ToWorker =
  | ({ readonly kind: 'boot' } & BootRequest)
  /** Input for the guest; only as much as was granted. */
  | { readonly kind: 'input'; readonly channel: InputChannel; readonly data: Uint8Array }
  /** The input has ended (errno 0) or failed. */
  | { readonly kind: 'input-end'; readonly channel: InputChannel; readonly errno: number }
  /** So many bytes of output have left the process: as many more may be sent. */
  | { readonly kind: 'grant'; readonly channel: GuestOutputChannel; readonly bytes: number }
  /** Output can no longer be written: the guest's writes fail with this errno (EPIPE: nobody reads any more). */
  | { readonly kind: 'output-end'; readonly channel: GuestOutputChannel; readonly errno: number }
  | { readonly kind: 'resize'; readonly size: WindowSize }
  /** The host was sent this signal, which is for the guest's command. */
  | { readonly kind: 'signal'; readonly number: number }
  /** Ask for an orderly shutdown. */
  | { readonly kind: 'power-button' }
  /** End the machine now: of one that runs on the same thread, where there is no Worker to end. */
  | { readonly kind: 'terminate' }
  /** A method of the machine's service (src/task/service.ts) is called: a reply or a failure with this number follows. */
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  /** Nobody waits for it any more. */
  | { readonly kind: 'cancel'; readonly id: number };

/** An error, as plain data. */
export type RemoteFailure =
  | {
      readonly kind: 'linux';
      readonly errno: number;
      readonly syscall: string;
      readonly path?: string;
      readonly dest?: string;
    }
  | { readonly kind: 'other'; readonly name: string; readonly message: string };

export type FromWorker =
  /** Pieces of output in the order in which the guest wrote them, over all channels. */
  | { readonly kind: 'output'; readonly pieces: readonly OutputPiece[] }
  /** The guest wants input: so many bytes (more) may be sent. Nothing is read from the outside before it asks. */
  | { readonly kind: 'grant'; readonly channel: InputChannel; readonly bytes: number }
  /** The oldest signal that was sent is with the guest, as soon as that is scheduled. */
  | { readonly kind: 'signal-taken' }
  /** A line for the host's log: why a module was refused, and the like. */
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: RemoteFailure }
  /** The last message, after all output. */
  | { readonly kind: 'end'; readonly end: MachineEnd };

export interface OutputPiece {
  readonly channel: OutputChannel;
  readonly data: Uint8Array;
}
