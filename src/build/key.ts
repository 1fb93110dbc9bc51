// SPDX-License-Identifier: MIT
/**
 * The key of a step: a hash over its name, the contents of its inputs and the keys of the steps that it needs. Two builds with
 * one key have one result, so the key is the name of the output in the cache (cache.ts).
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { FileHashes } from './file-hashes.ts';
import { type Step, StepError } from './step.ts';

/** 80 bits: no collision among any number of builds that a machine will see. */
const KEY_HEX_DIGITS = 20;

const execFileText = promisify(execFile);

/** Computes the keys of all steps, which must be sorted so that needed steps come first. Runs each distinct command once. */
export async function computeKeys(steps: readonly Step[], files: FileHashes): Promise<Map<Step, string>> {
  const outputs = await commandOutputs(steps);
  const keys = new Map<Step, string>();
  for (const step of steps) {
    const hash = createHash('sha256');
    hash.update(`step ${step.name}\n`);
    for (const input of step.inputs) {
      if ('path' in input) hash.update(`${pathLines(step, input.path, files).join('\n')}\n`);
      else if ('text' in input) hash.update(`text ${input.text.length} ${input.text}\n`);
      else hash.update(`command ${input.command.join(' ')}\n${outputs.get(input.command.join('\0'))}\n`);
    }
    for (const needed of step.needs) hash.update(`needs ${needed.name} ${keys.get(needed)}\n`);
    keys.set(step, hash.digest('hex').slice(0, KEY_HEX_DIGITS));
  }
  files.save();
  return keys;
}

function pathLines(step: Step, path: string, files: FileHashes): string[] {
  try {
    return files.lines(path);
  } catch (error) {
    throw new StepError(`step ${step.name}: can't read its input ${path}: ${(error as Error).message}`);
  }
}

/** Every command of every step, all at once since each takes some milliseconds. */
async function commandOutputs(steps: readonly Step[]): Promise<Map<string, string>> {
  const commands = new Map<string, readonly [string, ...string[]]>();
  for (const input of steps.flatMap((step) => step.inputs)) {
    if ('command' in input) commands.set(input.command.join('\0'), input.command);
  }
  return new Map(
    await Promise.all(
      [...commands].map(async ([id, [command, ...args]]): Promise<[string, string]> => {
        try {
          return [id, (await execFileText(command, args, { env: { ...process.env, LC_ALL: 'C' } })).stdout];
        } catch (error) {
          throw new StepError(`can't run ${command} ${args.join(' ')}: ${(error as Error).message}`);
        }
      }),
    ),
  );
}
