// SPDX-License-Identifier: MIT
/**
 * The terminal that the command was started on, as the machine's console: bytes both ways untouched, the window's size,
 * the escape (three Ctrl-] in a row), and raw mode, which is taken back whatever happens: by restore(), by Node when the
 * process exits without it, and where there is POSIX by a helper process when this one is killed or aborted.
 */
import { isatty, WriteStream } from 'node:tty';
import type { WindowSize } from '../../machine/devices.ts';
import { isForeground, TerminalModes } from '../posix/terminal-modes.ts';
import { Keyboard } from '../worker/keyboard.ts';
import type { InputSource, OutputSink } from '../worker/streams.ts';
import { streamSink } from './standard-streams.ts';

const CTRL_C = 0x03;

/** A console of Windows has no modes beside Node's, and goes back to its own when its process has ended; nor has it jobs. */
const isPosix = process.platform !== 'win32';

export class Terminal {
  /** Which of the standard descriptors are this terminal. */
  readonly descriptors: readonly (0 | 1 | 2)[];
  readonly input: InputSource;
  readonly output: OutputSink;
  readonly #stream: WriteStream;
  readonly #keyboard: Keyboard;
  readonly #modes = isPosix ? new TerminalModes() : undefined;
  #isRaw = false;
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
    const mayTake = (): boolean => !isPosix || isForeground();
    process.on('exit', () => this.restore());
    // Stopped and continued: the shell has set modes of its own in between.
    process.on('SIGCONT', () => {
      if (!mayTake()) return;
      this.restore();
      this.#takeKeyboard();
    });
    if (mayTake()) this.#takeKeyboard();
  }

  /** Types Ctrl-C: the way of a SIGINT that reached this process, because its terminal is not in raw mode. */
  interrupt(): void {
    this.#keyboard.type(Uint8Array.of(CTRL_C));
  }

  /** Gives the terminal back as it was. */
  restore(): void {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    process.stdin.setRawMode(false);
    this.#modes?.left();
  }

  #takeKeyboard(): void {
    this.#isRaw = true;
    const setRawMode = (): void => void process.stdin.setRawMode(true);
    if (this.#modes) this.#modes.enter(setRawMode);
    else setRawMode();
    if (process.stdin.listenerCount('data') === 0)
      process.stdin.on('data', (bytes: Buffer) => this.#keyboard.type(bytes));
  }
}
