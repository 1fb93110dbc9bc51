// SPDX-License-Identifier: MIT
/**
 * Where the sysroot is: libc's headers and libraries with the kernel's headers, built by src/build/libc.ts.
 *
 *   include/        musl's headers; linux/, asm/ and so on the kernel's
 *   lib/            crt1.o, libc.a, libclang_rt.builtins.a; libm.a and so on, empty
 *   wasmlinux.cfg   clang's options (target.ts)
 *
 * C++ adds a folder of its own, built by src/build/libcxx.ts, so that C programs do not wait for it.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CXX_CONFIG_FILE } from './cxx-target.ts';
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

/** $WASMLINUX_CXX, or the C++ libraries that the checkout's last build made. Throws NoSysroot. */
export function findCxx(environment: NodeJS.ProcessEnv): string {
  const folder = environment.WASMLINUX_CXX || join(CHECKOUT, 'build', 'out', 'libcxx');
  if (existsSync(join(folder, CXX_CONFIG_FILE))) return folder;
  throw new NoSysroot(
    `there are no C++ libraries in ${folder}: build them with \`npm run build -- libcxx\`, or set WASMLINUX_CXX`,
  );
}
