// SPDX-License-Identifier: MIT
/**
 * A real pseudo-terminal for tests: runs a shell command on one through script(1), which every Debian has, types into it
 * and waits for what it shows. Nothing here waits for time: every wait is for a text or for the end.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface PtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export class Pty {
  /** The status of the command; everything it has shown is in `shown` then. */
  readonly ended: Promise<number>;
  /** All that was shown so far. */
  shown = '';
  readonly #script: ChildProcessWithoutNullStreams;
  /** How much of `shown` the last waits have consumed. */
  #seen = 0;
  #isEnded = false;
  #awaited: RegExp | undefined;
  #news = Promise.withResolvers<void>();
  /** The device of the terminal: /dev/pts/N. */
  #device = '';

  /** Starts `command` (for /bin/sh) on a terminal of 80 by 24 unless told. */
  static async start(command: string, options: PtyOptions = {}): Promise<Pty> {
    const { columns = 80, rows = 24, env = {} } = options;
    const prologue = `stty cols ${columns} rows ${rows}; tty; `;
    const pty = new Pty(prologue + command, env);
    pty.#device = (await pty.waitFor(/(\/dev\/pts\/[0-9]+)\r?\n/))[1] ?? '';
    return pty;
  }

  private constructor(command: string, env: Readonly<Record<string, string>>) {
    this.#script = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
      env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm-256color', ...env },
    });
    const decoder = new TextDecoder();
    this.#script.stdout.on('data', (bytes: Buffer) => {
      this.shown += decoder.decode(bytes, { stream: true });
      this.#tell();
    });
    this.#script.stdin.on('error', () => {});
    // Also when a test has given up: the terminal closes, and all that runs on it gets SIGHUP.
    const hangUp = () => {
      this.#script.kill('SIGKILL');
      if (this.#awaited)
        process.stderr.write(`the terminal did not show ${this.#awaited} in time; it showed:\n${this.shown}\n`);
    };
    process.on('exit', hangUp);
    this.ended = once(this.#script, 'close').then(([status]) => {
      process.off('exit', hangUp);
      this.#isEnded = true;
      this.#tell();
      return status as number;
    });
  }

  type(text: string): void {
    this.#script.stdin.write(text);
  }

  /** Waits until the text appears after what earlier waits have found; throws with all that was shown if it never does. */
  async waitFor(wanted: string | RegExp): Promise<RegExpMatchArray> {
    const pattern = typeof wanted === 'string' ? new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')) : wanted;
    for (;;) {
      const found = this.shown.slice(this.#seen).match(pattern);
      if (found) {
        this.#seen += (found.index ?? 0) + found[0].length;
        return found;
      }
      if (this.#isEnded) throw new Error(`the terminal never showed ${pattern}; it showed:\n${this.shown}`);
      this.#awaited = pattern;
      await this.#news.promise;
      this.#awaited = undefined;
    }
  }

  /** Changes the window's size, as dragging its corner does: the foreground programs get SIGWINCH. */
  resize(columns: number, rows: number): void {
    execFileSync('stty', ['--file', this.#device, 'cols', String(columns), 'rows', String(rows)]);
  }

  /** Ends the command if it still runs. For the end of a test, whatever its outcome. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isEnded) this.#script.kill('SIGKILL');
    await this.ended;
  }

  #tell(): void {
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers<void>();
    resolve();
  }
}
