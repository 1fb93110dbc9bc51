// SPDX-License-Identifier: MIT
/**
 * A build as a command: progress on standard error, a failure explained there, Ctrl-C and SIGTERM ending it in order. npm's
 * scripts (cli.ts) and `./wasmlinux` (src/cli) share it.
 */
import { constants } from 'node:os';
import { BuildError, build } from './engine.ts';
import { root } from './root.ts';
import { type Step, StepError } from './step.ts';
import { steps } from './steps.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Builds the steps; returns the exit status: 0, 1 when a step failed (it has said why), 128+n when signal n ended it. */
export async function buildCommand(targets: readonly Step[]): Promise<number> {
  const abort = new AbortController();
  const stop = (signal: NodeJS.Signals): void => abort.abort(signal);
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    await build(targets, { root, signal: abort.signal });
    return 0;
  } catch (error) {
    if (abort.signal.aborted) {
      process.stderr.write('interrupted; the next build goes on here\n');
      return 128 + constants.signals[abort.signal.reason as NodeJS.Signals];
    }
    if (!(error instanceof BuildError || error instanceof StepError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/** The steps of these names, or an explanation when there is no such step. */
export function stepsNamed(names: readonly string[]): Step[] | string {
  const found = names.map((name) => steps.find((step) => step.name === name));
  const missing = names.filter((_, i) => !found[i]);
  if (missing.length > 0) {
    return `no such step: ${missing.join(', ')}. Steps: ${steps.map((step) => step.name).join(' ')}`;
  }
  return found.filter((step) => step !== undefined);
}
