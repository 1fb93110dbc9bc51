// SPDX-License-Identifier: MIT
/**
 * What C++ programs have beside target.ts: flags of the compiler and the linker, and their libraries. For the libraries' build
 * (src/build/libcxx.ts) and the driver (cc.ts).
 */

/** Beside COMPILE_FLAGS. */
export const CXX_FLAGS: readonly string[] = ['-fwasm-exceptions'];

/** Beside LINK_FLAGS: functions of libc that a C++ program has in another form, see libcxx/. */
export const CXX_LINK_FLAGS: readonly string[] = ['--wrap=__libc_start_main', '--wrap=pthread_create', '--wrap=exit'];

/** Beside LTO_FLAGS. */
export const CXX_LTO_FLAGS: readonly string[] = ['-mllvm', '-wasm-enable-eh'];

/** Each uses those after it. */
export const CXX_LIBRARIES = ['libwasmlinux-c++.a', 'libc++.a', 'libc++abi.a', 'libunwind.a'] as const;

/** Of the C++ libraries' folder: clang's --config file beside the sysroot's. */
export const CXX_CONFIG_FILE = 'wasmlinux-c++.cfg';

export function cxxConfigFile(): string {
  const lines = [
    '# Written by the build from src/toolchain/cxx-target.ts.',
    '-stdlib++-isystem <CFGDIR>/include/c++/v1',
    ...CXX_FLAGS,
  ];
  return `${lines.join('\n')}\n`;
}
