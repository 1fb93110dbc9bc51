// SPDX-License-Identifier: MIT
/**
 * Step `nativeShells`: the guest's dash and bash once more, of the same sources, as static programs of this machine: what the
 * shell rows of the bench and bash's test suite are compared with. Output: dash, bash, and support/*, as of the step bash.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TOOLS } from '../toolchain/target.ts';
import { BASH, BASH_OPTIONS, SUPPORT_PROGRAMS } from './bash.ts';
import { configuredInputs, makeConfigured } from './configured.ts';
import { DASH } from './dash.ts';
import { sourceBash, sourceDash } from './debian/sources.ts';
import type { Step } from './step.ts';

export const nativeShells: Step = {
  name: 'nativeShells',
  title: 'shells of this machine',
  needs: [sourceDash, sourceBash],
  inputs: [
    ...['native-shells', 'dash', 'bash'].map((name) => ({ path: `src/build/${name}.ts` })),
    ...configuredInputs,
    { command: [TOOLS.clang, '--version'] },
  ],
  async run(context) {
    const options = [`CC=${TOOLS.clang}`, 'CFLAGS=-O2', 'LDFLAGS=-static'];
    const dash = await makeConfigured(context, { ...DASH, options, env: {} });
    copyFileSync(dash, join(context.out, 'dash'));
    const bash = await makeConfigured(context, { ...BASH, options: [...options, ...BASH_OPTIONS], env: {} });
    copyFileSync(bash, join(context.out, 'bash'));
    mkdirSync(join(context.out, 'support'));
    for (const name of SUPPORT_PROGRAMS) {
      const source = join(context.output(sourceBash), 'support', `${name}.c`);
      await context.exec(TOOLS.clang, [source, '-o', join(context.out, 'support', name)]);
    }
  },
};
