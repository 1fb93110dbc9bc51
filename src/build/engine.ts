// SPDX-License-Identifier: MIT
/**
 * Builds steps: computes the keys of all, and runs those whose output is wanted and not in the cache. Called by command.ts.
 * What runs is decided by contents alone, so a second build runs nothing, and one that was interrupted goes on: ended steps are
 * in the cache, and the step that was running finds its work folder as it left it.
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, OutputCache } from './cache.ts';
import { run } from './exec.ts';
import { FileHashes } from './file-hashes.ts';
import { computeKeys } from './key.ts';
import { setLastOutput } from './last-output.ts';
import { takeLock } from './lock.ts';
import { StepLog } from './log.ts';
import { Progress, type Screen } from './progress.ts';
import { type Step, type StepContext, StepError } from './step.ts';

export interface BuildOptions {
  /** The checkout. */
  readonly root: string;
  /** Where to show progress; process.stderr unless told. */
  readonly screen?: Screen;
  /** The cache folder; see cacheFolder(). */
  readonly cache?: string;
  /** Ends the build: the running command gets SIGTERM. */
  readonly signal?: AbortSignal;
}

/** A failed step. Its message is complete: what failed, the end of the log, where the log is, what to do. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

/**
 * Builds the steps and all that they need; returns the output folders of the steps (and of whatever else was at hand). Throws a BuildError, with everything that the
 * user has to know, when a step fails.
 */
export async function build(targets: readonly Step[], options: BuildOptions): Promise<Map<Step, string>> {
  const folder = join(options.root, 'build');
  mkdirSync(folder, { recursive: true });
  const { dev, ino } = statSync(folder);
  const builder = `${dev.toString(16)}-${ino.toString(16)}`;
  const screen = options.screen ?? process.stderr;
  const lock = await takeLock(builder, () =>
    screen.write('another build of this checkout is running; waiting for it to end\n'),
  );
  try {
    return await new Build(targets, options, screen, builder).run();
  } finally {
    await lock.release();
  }
}

/** All steps that the targets need, each after those that it needs itself. */
export function inOrder(targets: readonly Step[]): Step[] {
  const ordered = new Set<Step>();
  const visit = (step: Step, path: readonly Step[]): void => {
    if (path.includes(step))
      throw new Error(`steps need each other: ${[...path, step].map((s) => s.name).join(' -> ')}`);
    if (ordered.has(step)) return;
    for (const needed of step.needs) visit(needed, [...path, step]);
    ordered.add(step);
  };
  for (const target of targets) visit(target, []);
  return [...ordered];
}

/** One call of build(). */
class Build {
  readonly #targets: readonly Step[];
  readonly #options: BuildOptions;
  readonly #steps: readonly Step[];
  readonly #cache: OutputCache;
  readonly #progress: Progress;
  #keys = new Map<Step, string>();
  readonly #outputs = new Map<Step, string>();

  constructor(targets: readonly Step[], options: BuildOptions, screen: Screen, builder: string) {
    this.#targets = targets;
    this.#options = options;
    this.#steps = inOrder(targets);
    this.#cache = new OutputCache(options.cache ?? cacheFolder(), builder);
    this.#progress = new Progress(screen, this.#steps.length);
  }

  async run(): Promise<Map<Step, string>> {
    // First what lies outside the cache: the keys of the others may depend on it (a compiler's version).
    for (const step of this.#steps) {
      if (step.isDone && !(await step.isDone())) await this.#runStep(step);
    }
    const files = new FileHashes(this.#options.root, join(this.#options.root, 'build', 'file-hashes.json'));
    this.#keys = await computeKeys(this.#steps, files);
    for (const target of this.#targets) await this.#ensure(target);
    return this.#outputs;
  }

  /** Has the output of a step: from the cache, else by running it after the steps that it needs. */
  async #ensure(step: Step): Promise<void> {
    if (step.isDone || this.#outputs.has(step)) return;
    const key = this.#key(step);
    let output = this.#cache.find(step.name, key);
    if (!output) {
      for (const needed of step.needs) await this.#ensure(needed);
      output = await this.#runStep(step);
    }
    this.#outputs.set(step, output);
    setLastOutput(this.#options.root, step.name, output);
  }

  #key(step: Step): string {
    const key = this.#keys.get(step);
    if (key === undefined) throw new Error(`step ${step.name} has no key yet`);
    return key;
  }

  /** Runs a step and publishes its output. */
  async #runStep(step: Step): Promise<string> {
    const { root, signal } = this.#options;
    signal?.throwIfAborted();
    const log = new StepLog(join(root, 'build', 'log', `${step.name}.log`));
    const work = join(root, 'build', step.name);
    mkdirSync(work, { recursive: true });
    const out = this.#cache.begin(step.name);
    const execute = (command: string, args: readonly string[], options: object, quiet: boolean): Promise<string> =>
      run(command, args, { cwd: work, ...options, log, quiet, ...(signal && { signal }) });
    const context: StepContext = {
      root,
      out,
      work,
      jobs: availableParallelism(),
      output: (needed) => this.#output(step, needed),
      exec: async (command, args, options = {}) => void (await execute(command, args, options, false)),
      capture: (command, args, options = {}) => execute(command, args, options, true),
      log: (line) => log.line(line),
      progress: (done, total, what) => this.#progress.update(done, total, what),
    };
    this.#progress.begin(this.#steps.indexOf(step) + 1, step.title);
    try {
      await step.run(context);
    } catch (error) {
      this.#progress.fail();
      log.line(error instanceof StepError ? error.message : String((error as Error).stack ?? error));
      signal?.throwIfAborted();
      throw new BuildError(report(step, error, log.path), { cause: error });
    } finally {
      log.close();
    }
    this.#progress.end();
    if (step.isDone) {
      rmSync(out, { recursive: true });
      return '';
    }
    return this.#cache.publish(step.name, this.#key(step));
  }

  #output(step: Step, needed: Step): string {
    const output = step.needs.includes(needed) ? this.#outputs.get(needed) : undefined;
    if (output === undefined)
      throw new Error(`step ${step.name} asks for the output of ${needed.name}, which it does not need`);
    return output;
  }
}

/** What the user reads when a step has failed. */
function report(step: Step, error: unknown, log: string): string {
  const lines = [];
  if (error instanceof StepError) lines.push(...error.tail.map((line) => `    ${line}`));
  lines.push(`${step.title} (step ${step.name}): ${(error as Error).message}`);
  lines.push(`The whole log: ${log}`);
  const advice = error instanceof StepError ? error.advice : undefined;
  lines.push(advice ?? 'When the cause is removed, give the same command again: it goes on where it stopped.');
  return lines.join('\n');
}
