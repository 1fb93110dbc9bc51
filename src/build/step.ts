// SPDX-License-Identifier: MIT
/**
 * What a build step is: the contract between the engine (engine.ts) and the builders (one file each, listed in steps.ts).
 *
 * A step turns inputs into an output folder. The folder is kept in the cache under a key: a hash of the contents of all that
 * goes in. So a step runs only when something that it depends on has changed, on whatever checkout or branch.
 */

/** Something that goes into a step's key. A builder names its own source file too: how a thing is built is an input. */
export type Input =
  /** A file or folder, relative to the checkout; of a folder all files but tests (*.test.ts) and Markdown. */
  | { readonly path: string }
  /** A literal, for instance a wanted version. */
  | { readonly text: string }
  /** What a command prints, for instance the version of a compiler. It must end at once and with status 0. */
  | { readonly command: readonly [string, ...string[]] };

export interface ExecOptions {
  /** The step's work folder unless told. */
  readonly cwd?: string;
  /** Added to the small, fixed environment that every command gets (see exec.ts). */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; closed unless told. */
  readonly input?: string | Uint8Array;
  /** Sees each line of standard output and error as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface StepContext {
  /** The top of the checkout. */
  readonly root: string;
  /** Empty folder; becomes the step's cached output when run() returns. */
  readonly out: string;
  /** Folder of this step that survives between runs, also failed ones: incremental builds live there. */
  readonly work: string;
  /** How many commands may run at once: the machine's processors. */
  readonly jobs: number;
  /** The folder with the output of a needed step. */
  output(step: Step): string;
  /** Runs a command, its output going to the step's log. Throws a StepError with the log's last lines when it fails. */
  exec(command: string, args: readonly string[], options?: ExecOptions): Promise<void>;
  /** Runs a command and returns its standard output. Throws as exec() does. */
  capture(command: string, args: readonly string[], options?: ExecOptions): Promise<string>;
  /** A line for the step's log. */
  log(line: string): void;
  /** Tells how far the step is: `done` of `total` (0 when unknown), and what it is doing now. */
  progress(done: number, total: number, what: string): void;
}

export interface Step {
  /** The name in commands, folders and logs: `libc`. */
  readonly name: string;
  /** The name for people: `musl libc`. */
  readonly title: string;
  /** Steps whose outputs this one uses; their keys go into its key. */
  readonly needs: readonly Step[];
  readonly inputs: readonly Input[];
  /**
   * For a step whose result lies outside the cache (installed packages): whether it is there. Such a step has no output
   * folder, is looked at in every build, and before the keys of the steps that need it are computed.
   */
  readonly isDone?: () => Promise<boolean>;
  /** Builds. Whatever it leaves in `context.out` is the result; a StepError is for the user to read. */
  run(context: StepContext): Promise<void>;
}

/** A failure that is explained to the user: a sentence, what to do next, and the end of a command's output if there is any. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly advice: string | undefined;
  readonly tail: readonly string[];

  constructor(message: string, details: { readonly advice?: string; readonly tail?: readonly string[] } = {}) {
    super(message);
    this.advice = details.advice;
    this.tail = details.tail ?? [];
  }
}
