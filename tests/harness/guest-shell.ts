// SPDX-License-Identifier: MIT
/**
 * The guest's shell on a terminal, for tests: what is typed at its prompt, and what it shows of that. A key for a running job
 * is typed when the job has said that it runs; before that the shell would read it.
 */
import assert from 'node:assert/strict';
import { Pty } from './pty.ts';

const PROMPT = /# $/;

/**
 * A command line with the program whose start is waited for; in a pipeline that must be the last one, which the shell forks last.
 */
export interface Job {
  readonly program: string;
  readonly before?: string;
  readonly after?: string;
}

export class GuestShell {
  readonly pty: Pty;

  /** Runs a command of the host that boots to a shell, and waits for its first prompt. */
  static async start(command = './wasmlinux'): Promise<GuestShell> {
    const shell = new GuestShell(await Pty.start(command));
    await shell.prompt();
    return shell;
  }

  private constructor(pty: Pty) {
    this.pty = pty;
  }

  /** Waits until the shell has shown its prompt, and so reads keys again. */
  async prompt(): Promise<void> {
    await this.pty.waitFor(PROMPT);
  }

  /** Types a line at the prompt, waits for what it must show, and for the next prompt. */
  async run(line: string, shows: string | RegExp): Promise<void> {
    this.pty.type(`${line}\n`);
    await this.pty.waitFor(shows);
    await this.prompt();
  }

  /** Begins a job in the foreground and waits until its program runs, which it says on a line that no echo is. */
  async begin({ program, before = '', after = '' }: Job): Promise<void> {
    this.pty.type(`${before} sh -c 'echo running >&2; exec ${program}' ${after}\n`);
    await this.pty.waitFor('\r\nrunning\r\n');
  }

  /** Stops the job in the foreground. */
  async stop(): Promise<void> {
    this.pty.type('\x1a');
    await this.pty.waitFor('Stopped');
    await this.prompt();
  }

  /** Brings the job that was stopped back to the foreground, where it reads what is typed next. */
  async resume(): Promise<void> {
    this.pty.type('fg\n');
    await this.pty.waitFor('fg\r\nsh -c');
  }

  /** Leaves the shell, and with it the machine, whose status is then the shell's. */
  async leave(): Promise<void> {
    this.pty.type('exit\n');
    assert.equal(await this.pty.ended, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pty[Symbol.asyncDispose]();
  }
}
