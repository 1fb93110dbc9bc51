// SPDX-License-Identifier: MIT
/**
 * The modes of standard input's terminal, beyond Node's raw mode: output untouched, the way back after this process was killed, and
 * whose turn it is. Called by ../node/terminal.ts.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';

/**
 * The helper's script; $0 holds the modes to go back to. It waits for a line on descriptor 3, which says that all is in order,
 * or for its end without one.
 */
const KEEPER = 'read -r _ <&3 || stty "$0"';

export class TerminalModes {
  /** Those before raw mode, as stty writes them. */
  #modes: string | undefined;
  /** Runs while the terminal is in raw mode. */
  #keeper: ChildProcess | undefined;

  /** Enters raw mode by `setRawMode`. */
  enter(setRawMode: () => void): void {
    this.#modes ??= stty('-g').trim();
    setRawMode();
    // libuv leaves output processing on, which would turn the line feeds of a full-screen program into CR LF.
    stty('-opost');
    // In a session of its own, so that no signal of this terminal reaches it.
    this.#keeper = spawn('/bin/sh', ['-c', KEEPER, this.#modes], {
      stdio: ['inherit', 'ignore', 'ignore', 'pipe'],
      detached: true,
    });
  }

  /** Raw mode has been left in order. */
  left(): void {
    (this.#keeper?.stdio[3] as Writable | undefined)?.write('\n');
    this.#keeper = undefined;
  }
}

/** Runs stty(1) on standard input's terminal; what it prints. */
function stty(argument: string): string {
  return execFileSync('stty', [argument], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
}

/** Whether this process may set the modes of its terminal: in the background that would stop it (SIGTTOU). */
export function isForeground(): boolean {
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
