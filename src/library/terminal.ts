// SPDX-License-Identifier: MIT
/** A program's terminal, in the shape of what is wired to xterm.js: text out by a callback, keys in by a call. Made by Linux.terminal. */
import type { WaitStatus } from '../task/wait-status.ts';
import type { LinuxProcess } from './process.ts';

/** As much of xterm.js's Terminal as is used. */
export interface TerminalView {
  readonly cols: number;
  readonly rows: number;
  write(data: Uint8Array, done: () => void): void;
  onData(listener: (data: string) => void): { dispose(): void };
  onResize(listener: (size: { cols: number; rows: number }) => void): { dispose(): void };
}

export class LinuxTerminal {
  readonly process: LinuxProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array | string> | undefined;

  constructor(process: LinuxProcess) {
    this.process = process;
    this.#keys = process.stdin?.getWriter();
  }

  get exited(): Promise<WaitStatus> {
    return this.process.exited;
  }

  /** Types. */
  write(data: string | Uint8Array): void {
    // When the program has ended there is nobody to type to.
    this.#keys?.write(data).catch(() => {});
  }

  resize(size: { readonly cols: number; readonly rows: number }): Promise<void> {
    return this.process.resize({ columns: size.cols, rows: size.rows });
  }

  /** Calls `listener` with what the program writes, until it ends; no sooner again than its promise, if it gives one, resolves. */
  async onData(listener: (data: Uint8Array<ArrayBuffer>) => void | Promise<void>): Promise<void> {
    const reader = this.process.stdout?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) await listener(part.value);
  }

  /** Wires an xterm.js terminal to it: output at the view's pace, keys, sizes. Resolves when the program has ended. */
  async attach(view: TerminalView): Promise<WaitStatus> {
    await this.resize(view);
    const wires = [
      view.onData((data) => this.write(data)),
      view.onResize((size) => void this.resize(size).catch(() => {})),
    ];
    try {
      await this.onData((data) => new Promise((resolve) => view.write(data, resolve)));
      return await this.exited;
    } finally {
      for (const wire of wires) wire.dispose();
    }
  }
}
