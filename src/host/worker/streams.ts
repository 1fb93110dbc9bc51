// SPDX-License-Identifier: MIT
/**
 * The outer ends of a machine's channels, whatever they are: a process's standard streams, a terminal, a page. Implemented by
 * the hosts, used by MachineClient. A failure is an Error whose `code` is Linux's name, as Node's are; any other
 * error is EIO.
 */

/** Where a channel's input comes from. */
export interface InputSource {
  /** The next bytes, null at the end; rejects when reading fails. Called again only when the last call has settled. */
  read(): Promise<Uint8Array | null>;
}

/** Where a channel's output goes. */
export interface OutputSink {
  /** Resolves when the bytes have left; rejects when they can't be written (EPIPE: nobody reads). */
  write(bytes: Uint8Array): Promise<void>;
  /** Sinks with one lane write to one file: their writes are done one after the other, in the order of the calls. */
  readonly lane: string;
}
