// SPDX-License-Identifier: MIT
/**
 * What a build shows: on a terminal one line that is redrawn (which step, how far, what now, how long), elsewhere one plain line
 * an event. The engine calls it; nothing else writes to the terminal during a build.
 */

/** Where the lines go: process.stderr, or a test's list. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A terminal's line is redrawn at most so often, and at least each second for the clock in it. */
const REDRAW_MS = 100;
const CLOCK_MS = 1000;
/** Without a terminal, a step says how far it is each time it has done another such part. */
const PLAIN_PART = 0.25;
/** A guess of the time that is left needs so much of the way behind it. */
const GUESS_AFTER_MS = 3000;
const GUESS_AFTER_PART = 0.05;

const ERASE_LINE = '\r\x1b[K';

export class Progress {
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #steps: number;
  #place = 0;
  #title = '';
  #began = 0;
  #done = 0;
  #total = 0;
  #what = '';
  #drawnAt = 0;
  #plainPart = 0;
  /** Where and when the present run from 0 to `total` was first seen: a step may have several, and may go on from an earlier one. */
  #from = { part: 0, at: 0 };
  #clock: NodeJS.Timeout | undefined;

  /** `steps` is how many steps there are in all, `now` a clock in milliseconds. */
  constructor(screen: Screen, steps: number, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#steps = steps;
    this.#now = now;
  }

  /** A step begins; `place` counts from 1. */
  begin(place: number, title: string): void {
    this.#place = place;
    this.#title = title;
    this.#began = this.#now();
    this.#done = 0;
    this.#total = 0;
    this.#what = '';
    this.#plainPart = 0;
    if (this.#screen.isTTY) {
      this.#draw();
      this.#clock = setInterval(() => this.#draw(), CLOCK_MS).unref();
    } else {
      this.#screen.write(`${this.#head()} ...\n`);
    }
  }

  update(done: number, total: number, what: string): void {
    const before = this.#part();
    const sameRun = total === this.#total;
    this.#done = done;
    this.#total = total;
    this.#what = what;
    const now = this.#part();
    if (!sameRun || now < before) {
      this.#from = { part: now, at: this.#now() };
      this.#plainPart = Math.floor(now / PLAIN_PART);
    }
    if (this.#screen.isTTY) {
      if (this.#now() - this.#drawnAt >= REDRAW_MS) this.#draw();
      return;
    }
    const part = Math.floor(now / PLAIN_PART);
    if (part > this.#plainPart && now < 1) this.#screen.write(`${this.#head()}  ${this.#state()}\n`);
    this.#plainPart = Math.max(part, this.#plainPart);
  }

  /** The step has ended well. */
  end(): void {
    this.#finish(`${this.#head()}  done in ${minutes(this.#now() - this.#began)}`);
  }

  /** The step has failed. */
  fail(): void {
    this.#finish(`${this.#head()}  failed after ${minutes(this.#now() - this.#began)}`);
  }

  /** A line on its own, above the step's. */
  note(text: string): void {
    this.#screen.write(this.#screen.isTTY ? `${ERASE_LINE}${text}\n` : `${text}\n`);
    if (this.#clock) this.#draw();
  }

  #finish(line: string): void {
    clearInterval(this.#clock);
    this.#clock = undefined;
    this.#screen.write(this.#screen.isTTY ? `${ERASE_LINE}${line}\n` : `${line}\n`);
  }

  /** How much of the present run is done, 0 to 1. */
  #part(): number {
    return this.#total > 0 ? Math.min(1, this.#done / this.#total) : 0;
  }

  #head(): string {
    return `[${this.#place}/${this.#steps}] ${this.#title}`;
  }

  #state(): string {
    const part = this.#part();
    const words = [];
    if (this.#total > 0) words.push(`${Math.floor(part * 100)} %`);
    words.push(minutes(this.#now() - this.#began));
    const elapsed = this.#now() - this.#from.at;
    const way = part - this.#from.part;
    if (elapsed >= GUESS_AFTER_MS && way >= GUESS_AFTER_PART) {
      words.push(`about ${minutes((elapsed / way) * (1 - part))} left`);
    }
    if (this.#what) words.push(this.#what);
    return words.join('  ');
  }

  #draw(): void {
    this.#drawnAt = this.#now();
    const line = `${this.#head()}  ${this.#state()}`;
    // A line that wraps can't be erased.
    this.#screen.write(`${ERASE_LINE}${line.slice(0, (this.#screen.columns || 80) - 1)}`);
  }
}

/** 75,000 ms as `1:15`. */
export function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
