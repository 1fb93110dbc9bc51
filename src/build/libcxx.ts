// SPDX-License-Identifier: MIT
/**
 * Step `libcxx`: LLVM's C++ libraries for programs, with exceptions, threads, locales and filesystem. Output, which
 * bin/wasmlinux-c++ adds to the sysroot (src/toolchain/sysroot.ts):
 *
 *   include/c++/v1      libc++'s and libc++abi's headers, with the configuration below, and those of libcxx/include
 *   lib/                libc++.a, libc++abi.a, libunwind.a, and libwasmlinux-c++.a of libcxx/
 *   wasmlinux-c++.cfg   clang's options beside the sysroot's
 *
 * LLVM builds them with CMake, which spends longer on finding out what the system has than on compiling; what it would
 * find is CONFIGURATION, and the lists of files are those of its CMakeLists.txt.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CXX_CONFIG_FILE, CXX_FLAGS, cxxConfigFile } from '../toolchain/cxx-target.ts';
import { COMPILE_FLAGS, TOOLS } from '../toolchain/target.ts';
import { sourceLlvm } from './debian/sources.ts';
import { libc } from './libc.ts';
import { inParallel } from './parallel.ts';
import { type Step, type StepContext, StepError } from './step.ts';

/** The values of libc++'s __config_site.in; what is not here stays undefined, or 0 where it must have a value. */
const CONFIGURATION: Readonly<Record<string, string>> = {
  _LIBCPP_ABI_VERSION: '1',
  _LIBCPP_ABI_NAMESPACE: '__1',
  _LIBCPP_HAS_THREADS: '1',
  _LIBCPP_HAS_MONOTONIC_CLOCK: '1',
  _LIBCPP_HAS_TERMINAL: '1',
  _LIBCPP_HAS_MUSL_LIBC: '1',
  _LIBCPP_HAS_THREAD_API_PTHREAD: '1',
  _LIBCPP_HAS_FILESYSTEM: '1',
  _LIBCPP_HAS_RANDOM_DEVICE: '1',
  _LIBCPP_HAS_LOCALIZATION: '1',
  _LIBCPP_HAS_UNICODE: '1',
  _LIBCPP_HAS_WIDE_CHARACTERS: '1',
  // the experimental std::chrono::tzdb is in a library of its own, which is not built
  _LIBCPP_HAS_TIME_ZONE_DATABASE: '0',
  _LIBCPP_PSTL_BACKEND_STD_THREAD: '1',
  // none; ignore
  _LIBCPP_HARDENING_MODE_DEFAULT: '2',
  _LIBCPP_ASSERTION_SEMANTIC_DEFAULT: '2',
};

/** A template of CMake's as the header that it stands for. */
function configured(template: string): string {
  return template
    .replace(/^#cmakedefine01 (\w+)$/gm, (_, name: string) => `#define ${name} ${CONFIGURATION[name] ?? '0'}`)
    .replace(/^#cmakedefine (\w+).*$/gm, (_, name: string) =>
      name in CONFIGURATION ? `#define ${name} ${CONFIGURATION[name]}` : `/* #undef ${name} */`,
    )
    .replace(/^@\w+@$/gm, '');
}

interface Library {
  readonly name: string;
  /** Below LLVM's source, or below the checkout. */
  readonly sources: readonly string[];
  readonly ours?: true;
  readonly without: readonly string[];
  readonly flags: readonly string[];
}

const LIBRARIES: readonly Library[] = [
  {
    name: 'libc++',
    sources: ['libcxx/src/*.cpp', 'libcxx/src/filesystem/*.cpp', 'libcxx/src/ryu/*.cpp'],
    // __muloi4, which compiler-rt has too
    without: ['int128_builtins.cpp'],
    flags: ['-std=c++26', '-DLIBCXX_BUILDING_LIBCXXABI', '-D_LIBCPP_REMOVE_TRANSITIVE_INCLUDES'],
  },
  {
    name: 'libc++abi',
    sources: ['libcxxabi/src/*.cpp'],
    // operator new and delete are libc++'s
    without: ['cxa_noexception.cpp', 'stdlib_new_delete.cpp'],
    flags: ['-std=c++23', '-D_LIBCXXABI_BUILDING_LIBRARY', '-DHAVE___CXA_THREAD_ATEXIT_IMPL'],
  },
  {
    name: 'libunwind',
    sources: ['libunwind/src/Unwind-wasm.c'],
    without: [],
    flags: ['-std=c17', '-D_LIBUNWIND_HIDE_SYMBOLS'],
  },
  { name: 'libwasmlinux-c++', sources: ['libcxx/*.cpp', 'libcxx/*.s'], ours: true, without: [], flags: ['-std=c++17'] },
];

function installHeaders(context: StepContext, source: string): string {
  const headers = join(context.out, 'include', 'c++', 'v1');
  cpSync(join(source, 'libcxx', 'include'), headers, {
    recursive: true,
    filter: (path) => !/(?:CMakeLists\.txt|\.in)$/.test(path),
  });
  for (const name of ['cxxabi.h', '__cxxabi_config.h'])
    cpSync(join(source, 'libcxxabi', 'include', name), join(headers, name));
  cpSync(join(context.root, 'libcxx', 'include'), headers, { recursive: true });
  const template = readFileSync(join(source, 'libcxx', 'include', '__config_site.in'), 'utf8');
  writeFileSync(join(headers, '__config_site'), configured(template));
  cpSync(
    join(source, 'libcxx', 'vendor', 'llvm', 'default_assertion_handler.in'),
    join(headers, '__assertion_handler'),
  );
  return headers;
}

export const libcxx: Step = {
  name: 'libcxx',
  title: 'C++ libraries',
  needs: [sourceLlvm, libc],
  inputs: [
    { path: 'libcxx' },
    { path: 'src/build/libcxx.ts' },
    { path: 'src/build/parallel.ts' },
    { path: 'src/toolchain/cxx-target.ts' },
    { path: 'src/toolchain/target.ts' },
    { command: [TOOLS.clang, '--version'] },
  ],
  async run(context) {
    const source = context.output(sourceLlvm);
    const headers = installHeaders(context, source);
    const common = [
      `--sysroot=${context.output(libc)}`,
      ...COMPILE_FLAGS,
      ...CXX_FLAGS,
      '-nostdinc++',
      ...['-isystem', headers],
      ...['libcxx/src', 'libcxxabi/include', 'libunwind/include', 'libc'].map((name) => `-I${join(source, name)}`),
      '-O2',
      '-DNDEBUG',
      '-D_LIBCPP_BUILDING_LIBRARY',
      '-fvisibility=hidden',
      '-fvisibility-inlines-hidden',
      '-w',
      '-Qunused-arguments',
    ];
    const tasks: (() => Promise<void>)[] = [];
    const archives = new Map<string, string[]>();
    let done = 0;
    for (const library of LIBRARIES) {
      const files = globSync([...library.sources], { cwd: library.ours ? context.root : source })
        .filter((file) => !library.without.includes(basename(file)))
        .sort();
      if (files.length === 0) throw new StepError(`LLVM's source has no ${library.sources.join(', ')}`);
      const folder = join(context.work, library.name);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      const objects = files.map((file) => join(folder, `${basename(file)}.o`));
      archives.set(library.name, objects);
      for (const [index, file] of files.entries()) {
        tasks.push(async () => {
          const path = join(library.ours ? context.root : source, file);
          const args = [...common, ...library.flags, '-c', path, '-o', objects[index] ?? ''];
          await context.exec(TOOLS.clang, args);
          context.progress(++done, tasks.length, file);
        });
      }
    }
    await inParallel(context.jobs, tasks);
    mkdirSync(join(context.out, 'lib'));
    for (const [name, objects] of archives)
      await context.exec(TOOLS.ar, ['rcsD', join(context.out, 'lib', `${name}.a`), ...objects]);
    writeFileSync(join(context.out, CXX_CONFIG_FILE), cxxConfigFile());
  },
};
