// SPDX-License-Identifier: MIT
/**
 * Step `bash`: Debian's bash, /bin/bash of the guest. Output: bash.wasm, and support/*.wasm, programs that its test suite uses
 * (tests/suites/bash.ts).
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compiler, compilerEnvironment, compilerInputs } from './compiler.ts';
import { configuredInputs, guestProgram, makeConfigured } from './configured.ts';
import { sourceBash } from './debian/sources.ts';
import { libc } from './libc.ts';
import type { Step } from './step.ts';

/** More than a chain of function calls takes until the engine's own stack ends. */
export const BASH_STACK = 1024 * 1024;

/** What a build of bash for any machine has; also of the step nativeShells. */
export const BASH = { name: 'bash', source: sourceBash, program: 'bash', goals: ['bash'], compilations: 180 } as const;

/** musl's allocator rather than bash's own, which takes memory by sbrk; there are no message catalogues. */
export const BASH_OPTIONS: readonly string[] = ['--without-bash-malloc', '--disable-nls'];

/** Sources in bash's support folder, without .c. */
export const SUPPORT_PROGRAMS: readonly string[] = ['printenv', 'recho', 'xcase', 'zecho'];

export const bash: Step = {
  name: 'bash',
  title: 'bash',
  needs: [sourceBash, libc],
  inputs: [{ path: 'src/build/bash.ts' }, { path: 'programs/bash' }, ...configuredInputs, ...compilerInputs],
  async run(context) {
    const guest = await guestProgram(context);
    const env = { ...guest.env, CONFIG_SITE: join(context.root, 'programs', 'bash', 'config.site') };
    const options = [...guest.options, ...BASH_OPTIONS, 'CFLAGS=-O2', `LDFLAGS=-Wl,-z,stack-size=${BASH_STACK}`];
    const program = await makeConfigured(context, { ...guest, ...BASH, options, env });
    copyFileSync(program, join(context.out, 'bash.wasm'));
    mkdirSync(join(context.out, 'support'));
    for (const name of SUPPORT_PROGRAMS) {
      const source = join(context.output(sourceBash), 'support', `${name}.c`);
      await context.exec(compiler(context), [source, '-o', join(context.out, 'support', `${name}.wasm`)], {
        env: compilerEnvironment(context),
      });
    }
  },
};
