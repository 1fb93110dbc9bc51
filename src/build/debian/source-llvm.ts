// SPDX-License-Identifier: MIT
/**
 * Step `sourceLlvm`: of LLVM's source the folders that the C++ libraries are made of, 38 MB of 2.1 GB, as upstream has them. In a
 * file of its own, since sources.ts goes into the key of the kernel.
 */
import type { Step } from '../step.ts';
import { packages } from './packages.ts';
import { fetchSource, type SourcePackage } from './source-package.ts';

const LLVM: SourcePackage = {
  name: 'llvm-toolchain-22',
  // that of clang in packages.json
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
};

export const sourceLlvm: Step = {
  name: 'sourceLlvm',
  title: 'LLVM source',
  needs: [packages],
  inputs: [{ text: JSON.stringify(LLVM) }, { path: 'src/build/debian/source-package.ts' }],
  run: (context) => fetchSource(context, LLVM, context.out),
};
