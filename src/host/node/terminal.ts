// SPDX-License-Identifier: MIT
/**
 * The terminal that the command was started on, as the machine's console: bytes both ways untouched, the window's size,
 * the escape (three Ctrl-] in a row), and raw mode, which is taken back whatever happens: by restore(), by Node when the
 * process exits without it, and by a helper process when this one is killed or aborted.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';
import type { WindowSize } from '../../machine/devices.ts';
import { Keyboard } from '../worker/keyboard.ts';
import type { InputSource, OutputSink } from '../worker/streams.ts';
import { streamSink } from './standard-streams.ts';

const CTRL_C = 0x03;

/**
 * The helper's script; $0 holds the modes to go back to. It waits for a line on descriptor 3, which says that all is in order,
 * or for its end without one.
 */
const KEEPER = 'read -r _ <&3 || stty "$0"';

export class Terminal {
  /** Which of the standard descriptors are this terminal. */
  readonly descriptors: readonly (0 | 1 | 2)[];
  readonly input: InputSource;
  readonly output: OutputSink;
  readonly #stream: WriteStream;
  readonly #keyboard: Keyboard;
  /** The modes before raw mode, as stty writes them. */
  #modes: string | undefined;
  /** Runs while the terminal is in raw mode. */
  #keeper: ChildProcess | undefined;
  #onEscape: () => void = () => {};

  /** The terminal, or undefined when no standard descriptor is one. */
  static open(): Terminal | undefined {
    const descriptors = ([0, 1, 2] as const).filter((descriptor) => isatty(descriptor));
    return descriptors.length > 0 ? new Terminal(descriptors) : undefined;
  }

  private constructor(descriptors: readonly (0 | 1 | 2)[]) {
    this.descriptors = descriptors;
    const descriptor = descriptors.find((candidate) => candidate > 0) ?? 0;
    this.#stream = descriptor === 1 ? process.stdout : descriptor === 2 ? process.stderr : new WriteStream(0);
    this.output = streamSink(this.#stream, descriptor);
    this.#keyboard = new Keyboard(() => this.#onEscape());
    this.input = this.#keyboard;
  }

  get size(): WindowSize {
    return { columns: this.#stream.columns, rows: this.#stream.rows };
  }

  onResize(listener: (size: WindowSize) => void): void {
    this.#stream.on('resize', () => listener(this.size));
  }

  /**
   * Hands the keyboard to the guest, or when the process runs in the background (`wasmlinux run make &`) as soon as it is
   * brought to the front. `onEscape` is called at the third Ctrl-] in a row.
   */
  start(onEscape: () => void): void {
    if (!isatty(0)) return;
    this.#onEscape = onEscape;
    process.on('exit', () => this.restore());
    // Stopped and continued: the shell has set modes of its own in between.
    process.on('SIGCONT', () => {
      if (!isForeground()) return;
      this.restore();
      this.#takeKeyboard();
    });
    if (isForeground()) this.#takeKeyboard();
  }

  /** Types Ctrl-C: the way of a SIGINT that reached this process, because its terminal is not in raw mode. */
  interrupt(): void {
    this.#keyboard.type(Uint8Array.of(CTRL_C));
  }

  /** Gives the terminal back as it was. */
  restore(): void {
    if (!this.#keeper) return;
    process.stdin.setRawMode(false);
    (this.#keeper.stdio[3] as Writable).write('\n');
    this.#keeper = undefined;
  }

  #takeKeyboard(): void {
    this.#modes ??= stty('-g').trim();
    process.stdin.setRawMode(true);
    // libuv leaves output processing on, which would turn the line feeds of a full-screen program into CR LF.
    stty('-opost');
    // In a session of its own, so that no signal of this terminal reaches it.
    this.#keeper = spawn('/bin/sh', ['-c', KEEPER, this.#modes], {
      stdio: ['inherit', 'ignore', 'ignore', 'pipe'],
      detached: true,
    });
    if (process.stdin.listenerCount('data') === 0)
      process.stdin.on('data', (bytes: Buffer) => this.#keyboard.type(bytes));
  }
}

/** Runs stty(1) on standard input's terminal; what it prints. */
function stty(argument: string): string {
  return execFileSync('stty', [argument], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
}

/** Whether this process may set the modes of its terminal: in the background that would stop it (SIGTTOU). */
function isForeground(): boolean {
  let stat: string;
  try {
    stat = readFileSync('/proc/self/stat', 'utf8');
  } catch {
    return true; // no Linux
  }
  // proc(5): pid (comm) state ppid pgrp session tty_nr tpgid; comm may have spaces and parentheses in it.
  const [, , pgrp, , , tpgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return pgrp === tpgid;
}
