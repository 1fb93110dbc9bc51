// SPDX-License-Identifier: MIT
/**
 * What compilations see of libc, as one hash: a program's own make does not notice that the headers are others, because those of
 * the libc before still lie in the cache. For builders that use their work folder again.
 */
import { join } from 'node:path';
import { libc } from './libc.ts';
import type { StepContext } from './step.ts';

/** Hash of libc's headers and compiler flags. */
export async function libcHeaders(context: StepContext): Promise<string> {
  const list = 'find include wasmlinux.cfg -type f | sort | xargs sha256sum | sha256sum';
  return (await context.capture('sh', ['-c', list], { cwd: context.output(libc) })).slice(0, 16);
}

/** The names that libc defines: what configure scripts find in it. */
export async function libcNames(context: StepContext): Promise<string> {
  const archive = join(context.output(libc), 'lib', 'libc.a');
  const options = ['--defined-only', '--extern-only', '--just-symbol-name', '--quiet'];
  return await context.capture('llvm-nm-22', [...options, archive]);
}
