// SPDX-License-Identifier: MIT
/**
 * Time as the kernel wants it, and the turns of the event loop: sleeping until a deadline, and giving way for one turn.
 */

/** Sleeps shorter than this (ms) are passed in turns of the event loop: a timer's floor is 1 ms. */
const SHORTEST_TIMER = 1;
/** Sleeps up to this (ms) end within microseconds of the deadline; longer ones may be late by a timer's millisecond. */
const EXACT_SLEEP = 16;
/** Sleeps that are ended without a turn of the event loop, as by the calls of the host, go on so for this long (ms) at most. */
const LONGEST_WITHOUT_TURN = 4;
/** What every host's timers can count to (ms). */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * One turn of the event loop: calls back after timers and input had their chance. Each host gives its cheapest, Node
 * setImmediate and a page a hop through a MessageChannel.
 */
export type Turn = (callback: () => void) => void;

/** Read once: where `performance` is a getter of the global object, as in Node, that would be a third of a look at the clock. */
const { performance } = globalThis;

/** Nanoseconds since the clock was made. */
export class Clock {
  readonly #origin = performance.now();

  /** Never goes back. With fractions: rounding costs a fifth of the look. */
  monotonic(): number {
    return (performance.now() - this.#origin) * 1e6;
  }

  /** Nanoseconds since 1970. */
  realtime(): number {
    return Date.now() * 1e6;
  }
}

/** One sleep at a time: until a deadline, or until woken. */
export class Sleep {
  readonly #clock: Clock;
  readonly #turn: Turn;
  #wake: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Of a sleep that ends after the turn that has been asked for. */
  #ending: (() => void) | undefined;
  /** When the event loop is known to have had a turn. */
  #turned = 0;

  constructor(clock: Clock, turn: Turn) {
    this.#clock = clock;
    this.#turn = turn;
  }

  /** deadline: on the clock; Infinity: none. */
  until(deadline: number, wake: () => void): void {
    this.#wake = wake;
    this.#wait(deadline, wake, true);
  }

  /**
   * Ends the sleep, if there is one: now, or after a turn when there was none for long. What wakes may be a microtask, and each
   * microtask may lead to the next one.
   */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    clearTimeout(this.#timer);
    if (!wake) return;
    if (this.#clock.monotonic() - this.#turned < LONGEST_WITHOUT_TURN * 1e6) wake();
    else {
      this.#ending = wake;
      this.#turn(() => {
        this.#turned = this.#clock.monotonic();
        const ending = this.#ending;
        this.#ending = undefined;
        ending?.();
      });
    }
  }

  /** Ends the sleep without waking anybody. */
  cancel(): void {
    this.#wake = undefined;
    this.#ending = undefined;
    clearTimeout(this.#timer);
  }

  #wait(deadline: number, wake: () => void, first: boolean): void {
    // A turn that was asked for can't be taken back: the sleep may have ended meanwhile.
    if (this.#wake !== wake) return;
    if (!first) this.#turned = this.#clock.monotonic();
    const left = (deadline - this.#clock.monotonic()) / 1e6;
    // At least one turn is always given: a kernel that idles with deadlines in the past must not starve the host.
    if (left <= 0 && !first) this.wake();
    else if (left < SHORTEST_TIMER) this.#turn(() => this.#wait(deadline, wake, false));
    else if (left !== Number.POSITIVE_INFINITY) {
      const wait = left < EXACT_SLEEP ? Math.floor(left) : Math.ceil(left);
      this.#timer = setTimeout(() => this.#wait(deadline, wake, false), Math.min(wait, LONGEST_TIMER));
    }
  }
}
