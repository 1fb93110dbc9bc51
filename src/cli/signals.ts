// SPDX-License-Identifier: MIT
/**
 * What a signal to this process does: it is the command's, as if that were the process. Where there is no command but a login
 * shell on the terminal, or the command does not end, it ends this process. Called by session.ts.
 */
import type { MachineClient } from '../host/worker/machine-client.ts';
import { signalNumber } from '../trace/constants/signals.ts';

/** Those that a shell, timeout(1), a service manager or docker send to end, reload or ask a program. */
const PASSED_ON = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
type PassedOn = (typeof PASSED_ON)[number];

/** Linux's, for the guest: other systems have numbers of their own, or no such signal. */
const numberOf = (signal: PassedOn): number => signalNumber(signal) as number;

/** The second of one of these ends this process, whatever the command makes of them. (Two SIGHUPs let a server reload twice.) */
const INSISTENT: readonly PassedOn[] = ['SIGINT', 'SIGTERM'];
/** Milliseconds in which two of these are one: timeout(1) sends each signal twice, to the process and to its group. */
const SAME = 100;
/** Milliseconds after which a machine whose guest has not taken a signal is held by others who compute, and ends by it. */
const UNHEARD = 2000;
/** So many SIGINTs end a machine that takes no notice of Ctrl-C, as so many Ctrl-] do. */
const LAST_INTERRUPT = 3;

export interface SignalOptions {
  /** It has a command, not a login shell. */
  readonly hasCommand: boolean;
  /** Types Ctrl-C on the terminal, if there is one: SIGINT comes that way when it is not in raw mode. */
  readonly interrupt: (() => void) | undefined;
  /** What must be done before this process dies of a signal. */
  readonly beforeDeath: () => Promise<unknown> | undefined;
}

export class Signals {
  readonly #machine: MachineClient;
  readonly #options: SignalOptions;
  /** When the last of each kind came. */
  readonly #last = new Map<PassedOn, number>();
  #interrupts = 0;

  constructor(machine: MachineClient, options: SignalOptions) {
    this.#machine = machine;
    this.#options = options;
    for (const signal of PASSED_ON) process.on(signal, () => this.#received(signal));
  }

  /** Dies of the signal, if it is one that was passed on, that a command with this status has died of. */
  async followIn(status: number): Promise<void> {
    const signal = PASSED_ON.find((name) => numberOf(name) === status - 128);
    if (signal && this.#last.has(signal)) await this.#die(signal);
  }

  #received(signal: PassedOn): void {
    const { hasCommand, interrupt } = this.#options;
    if (signal === 'SIGINT' && interrupt) {
      if (++this.#interrupts < LAST_INTERRUPT) interrupt();
      else void this.#die(signal);
      return;
    }
    const now = performance.now();
    const last = this.#last.get(signal);
    const isSecond = last !== undefined && INSISTENT.includes(signal);
    if (isSecond && now - last < SAME) return;
    this.#last.set(signal, now);
    if (!hasCommand || isSecond) {
      void this.#die(signal);
      return;
    }
    const taken = this.#machine.signal(numberOf(signal));
    const unheard = setTimeout(() => this.#die(signal), UNHEARD);
    taken.then(() => clearTimeout(unheard));
  }

  /** Does not resolve. */
  async #die(signal: PassedOn): Promise<never> {
    await this.#options.beforeDeath();
    process.removeAllListeners(signal);
    // Nothing dies of a signal on Windows.
    if (process.platform === 'win32') process.exit(128 + numberOf(signal));
    process.kill(process.pid, signal);
    return new Promise(() => {});
  }
}
