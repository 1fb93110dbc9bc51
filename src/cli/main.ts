// SPDX-License-Identifier: MIT
/** The command `wasmlinux`. launch.ts and `npm start` call it. */
import { clean } from '../build/clean.ts';
import { buildCommand, root, stepsNamed } from '../build/command.ts';
import { bootTargets } from '../build/steps.ts';

/** Carries out the command that the arguments name; resolves to the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'build': {
      const targets = rest.length > 0 ? stepsNamed(rest) : bootTargets;
      if (typeof targets === 'string') {
        console.error(targets);
        return 2;
      }
      return buildCommand(targets);
    }
    case 'clean':
      for (const folder of clean(root)) console.log(`removed ${folder}`);
      return 0;
    default:
      console.error('usage: wasmlinux build [STEP...] | clean');
      return 2;
  }
}
