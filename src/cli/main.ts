// SPDX-License-Identifier: MIT
/** The command `wasmlinux`: does what its arguments say. launch.ts and `npm start` call it. */
import { standardOutput } from '../host/node/standard-streams.ts';
import { installation } from '../installation/checkout.ts';
import type { Builder } from '../installation/installation.ts';
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
      await say(1, usage(installation.builder !== undefined));
      return 0;
    case 'version':
      await say(1, `wasmlinux ${installation.version()}\n`);
      return 0;
    case 'build': {
      const status = await builder('build').build(invocation.steps);
      if (typeof status === 'string') throw new UsageError(status);
      return status;
    }
    case 'inspect': {
      const { inspect } = await import('./inspect.ts');
      const { text, status } = inspect(invocation.settings);
      await say(1, text);
      return status;
    }
    case 'clean':
      for (const folder of await builder('clean').clean()) await say(1, `removed ${folder}\n`);
      return 0;
    case 'shell':
      return runSession(await findArtefacts(invocation.settings), invocation.settings, undefined);
    case 'run':
      return runSession(await findArtefacts(invocation.settings), invocation.settings, invocation.command);
  }
}

function builder(command: string): Builder {
  if (installation.builder) return installation.builder;
  throw new UsageError(
    `${command}: this is the npm package, which is built; a checkout of the sources has this command`,
  );
}

async function say(descriptor: 1 | 2, text: string): Promise<void> {
  await standardOutput(descriptor)
    .write(Buffer.from(text))
    .catch(() => {});
}
