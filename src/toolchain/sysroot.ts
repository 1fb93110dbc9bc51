// SPDX-License-Identifier: MIT
/**
 * Where the sysroot is: libc's headers and libraries with the kernel's headers, built by src/build/libc.ts.
 *
 *   include/        musl's headers; linux/, asm/ and so on the kernel's
 *   lib/            crt1.o, libc.a, libclang_rt.builtins.a; libm.a and so on, empty
 *   wasmlinux.cfg   clang's options (target.ts)
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG_FILE } from './target.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

export class NoSysroot extends Error {
  override readonly name = 'NoSysroot';
}

/** $WASMLINUX_SYSROOT, or what the checkout's last build made. Throws NoSysroot. */
export function findSysroot(environment: NodeJS.ProcessEnv): string {
  const folder = environment.WASMLINUX_SYSROOT || join(CHECKOUT, 'build', 'out', 'libc');
  if (existsSync(join(folder, CONFIG_FILE))) return folder;
  throw new NoSysroot(`there is no libc in ${folder}: build it with \`npm run build\`, or set WASMLINUX_SYSROOT`);
}
