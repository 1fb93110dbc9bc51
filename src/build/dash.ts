// SPDX-License-Identifier: MIT
/** Step `dash`: Debian's dash, /bin/sh of the guest. Output: dash.wasm. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilerInputs } from './compiler.ts';
import { configuredInputs, guestProgram, makeConfigured } from './configured.ts';
import { sourceDash } from './debian/sources.ts';
import { libc } from './libc.ts';
import type { Step } from './step.ts';

/** Enough for dash's own limit of 1,000 function calls in one another, of the largest frames it has. */
export const DASH_STACK = 512 * 1024;

/** What a build of dash for any machine has; also of the step nativeShells. */
export const DASH = { name: 'dash', source: sourceDash, program: 'src/dash', compilations: 34 } as const;

export const dash: Step = {
  name: 'dash',
  title: 'dash',
  needs: [sourceDash, libc],
  inputs: [{ path: 'src/build/dash.ts' }, ...configuredInputs, ...compilerInputs],
  async run(context) {
    const guest = await guestProgram(context);
    const options = [...guest.options, 'CFLAGS=-O2', `LDFLAGS=-Wl,-z,stack-size=${DASH_STACK}`];
    const program = await makeConfigured(context, { ...guest, ...DASH, options });
    copyFileSync(program, join(context.out, 'dash.wasm'));
  },
};
