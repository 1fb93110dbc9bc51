// SPDX-License-Identifier: MIT
/**
 * Steps `sourceMusl` and so on: what is built beside Linux (source-linux.ts), from Debian's archive. Most are the source trees
 * with Debian's patches; LLVM's are the folders that the C++ libraries are made of, as upstream has them.
 */
import type { Step } from '../step.ts';
import { packages } from './packages.ts';
import { fetchSource, type SourcePackage } from './source-package.ts';

/** Debian 12 has musl 1.2.3 and busybox 1.35, so both come from later releases of the same mirror. */
export const sourceMusl = sourceStep('sourceMusl', 'musl source', {
  name: 'musl',
  version: '1.2.5',
  releases: ['trixie', 'forky', 'sid'],
});

export const sourceBusybox = sourceStep('sourceBusybox', 'busybox source', {
  name: 'busybox',
  version: '1.37.0',
  releases: ['trixie', 'forky', 'sid'],
});

const dashSource = sourceStep('sourceDash', 'dash source', {
  name: 'dash',
  version: '0.5.12',
  releases: ['trixie', 'forky', 'sid'],
});

/** Debian's patches change what configure and Makefile.in are made of, so these are made anew. */
export const sourceDash: Step = {
  ...dashSource,
  inputs: [...dashSource.inputs, { text: 'autoreconf' }],
  async run(context) {
    await dashSource.run(context);
    await context.exec('autoreconf', ['--force', '--install'], { cwd: context.out });
  },
};

/** Not 5.2: that one calls functions through pointers of other types, which wasm traps. */
export const sourceBash = sourceStep('sourceBash', 'bash source', {
  name: 'bash',
  version: '5.3',
  releases: ['forky', 'sid'],
});

/** The version of clang in packages.json, whose libraries these are. The whole tree has 2.1 GB, these folders 38 MB. */
export const sourceLlvm = sourceStep('sourceLlvm', 'LLVM source', {
  name: 'llvm-toolchain-22',
  version: '22.1.8',
  releases: ['trixie', 'forky', 'sid'],
  folders: [
    'libcxx/include',
    'libcxx/src',
    'libcxx/vendor',
    'libcxxabi/include',
    'libcxxabi/src',
    'libunwind/include',
    'libunwind/src',
    // what libc++ shares with LLVM's own C library: conversions of numbers
    'libc/hdr',
    'libc/include',
    'libc/shared',
    'libc/src/__support',
  ],
});

/** Debian packages only this version, a release from 2012; the suite has had none since. */
export const sourcePosixTestSuite = sourceStep('sourcePosixTestSuite', 'Open POSIX Test Suite', {
  name: 'posixtestsuite',
  version: '1.5.2',
  releases: ['bookworm', 'trixie', 'sid'],
});

/* What the bench runs beside its own programs (src/build/real). */

export const sourceLua = sourceStep('sourceLua', 'lua source', {
  name: 'lua5.4',
  version: '5.4.7',
  releases: ['trixie'],
});

export const sourceQuickjs = sourceStep('sourceQuickjs', 'quickjs source', {
  name: 'quickjs',
  version: '2025.04.26',
  releases: ['trixie'],
});

/** Not Debian 13's 3.46: that one is put together by Tcl, this one by a small interpreter that it brings. */
export const sourceSqlite = sourceStep('sourceSqlite', 'sqlite source', {
  name: 'sqlite3',
  version: '3.53.4',
  releases: ['forky', 'sid'],
});

export const sourceGzip = sourceStep('sourceGzip', 'gzip source', {
  name: 'gzip',
  version: '1.13',
  releases: ['trixie', 'forky', 'sid'],
});

export const sourceMawk = sourceStep('sourceMawk', 'mawk source', {
  name: 'mawk',
  version: '1.3.4.20260302',
  releases: ['forky', 'sid'],
});

export const sourceCoreutils = sourceStep('sourceCoreutils', 'coreutils source', {
  name: 'coreutils',
  version: '9.7',
  releases: ['trixie', 'forky', 'sid'],
});

export const sourceGrep = sourceStep('sourceGrep', 'grep source', {
  name: 'grep',
  version: '3.12',
  releases: ['forky', 'sid'],
});

/* What shows that others' build systems need nothing but the compiler (src/build/unported). */

export const sourceXxhash = sourceStep('sourceXxhash', 'xxHash source', {
  name: 'xxhash',
  version: '0.8.3',
  releases: ['trixie', 'forky', 'sid'],
});

export const sourceXz = sourceStep('sourceXz', 'xz source', {
  name: 'xz-utils',
  version: '5.8.1',
  releases: ['trixie'],
});

export const sourceJansson = sourceStep('sourceJansson', 'jansson source', {
  name: 'jansson',
  version: '2.14',
  releases: ['trixie'],
});

export const sourceLcms = sourceStep('sourceLcms', 'Little CMS source', {
  name: 'lcms2',
  version: '2.16',
  releases: ['trixie'],
});

function sourceStep(name: string, title: string, wanted: SourcePackage): Step {
  return {
    name,
    title,
    // For patch, xz and bzip2.
    needs: [packages],
    inputs: [{ text: JSON.stringify(wanted) }, { path: 'src/build/debian/source-package.ts' }],
    run: (context) => fetchSource(context, wanted, context.out),
  };
}
