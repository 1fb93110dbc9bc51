// SPDX-License-Identifier: MIT
/** The command `wasmlinux`: does what its arguments say. launch.ts and `npm start` call it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../build/root.ts';
import { standardOutput } from '../host/node/standard-streams.ts';
import { STATUS_DEAD } from '../machine/machine-end.ts';
import { type Invocation, parseInvocation, usage } from './arguments.ts';
import { BuildFailed, findArtefacts } from './artefacts.ts';
import { runSession } from './session.ts';
import { STATUS_USAGE, UsageError } from './usage-error.ts';

/**
 * Carries out the command that the arguments name; resolves to the exit status. The caller ends the process with it by
 * process.exit(): input that the guest never asked for would keep it alive.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await carryOut(parseInvocation(args, process.env));
  } catch (error) {
    if (error instanceof UsageError) {
      await say(2, `wasmlinux: ${error.message}\n`);
      return STATUS_USAGE;
    }
    if (error instanceof BuildFailed) return error.status;
    await say(2, `wasmlinux: ${error instanceof Error ? error.stack : error}\n`);
    return STATUS_DEAD;
  }
}

async function carryOut(invocation: Invocation): Promise<number> {
  switch (invocation.kind) {
    case 'help':
      await say(1, usage);
      return 0;
    case 'version':
      await say(1, `wasmlinux ${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`);
      return 0;
    case 'build': {
      const { buildCommand, stepsNamed } = await import('../build/command.ts');
      const { bootTargets } = await import('../build/steps.ts');
      const targets = invocation.steps.length > 0 ? stepsNamed(invocation.steps) : bootTargets;
      if (typeof targets === 'string') throw new UsageError(targets);
      return buildCommand(targets);
    }
    case 'inspect': {
      const { inspect } = await import('./inspect.ts');
      const { text, status } = inspect(invocation.settings);
      await say(1, text);
      return status;
    }
    case 'clean': {
      const { clean } = await import('../build/clean.ts');
      for (const folder of clean(root)) await say(1, `removed ${folder}\n`);
      return 0;
    }
    case 'shell':
      return runSession(await findArtefacts(invocation.settings), invocation.settings, undefined);
    case 'run':
      return runSession(await findArtefacts(invocation.settings), invocation.settings, invocation.command);
  }
}

async function say(descriptor: 1 | 2, text: string): Promise<void> {
  await standardOutput(descriptor)
    .write(Buffer.from(text))
    .catch(() => {});
}
