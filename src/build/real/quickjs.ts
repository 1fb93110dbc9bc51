// SPDX-License-Identifier: MIT
/** quickjs, with a module `process` of our own that can fork. See real-program.ts. */
import { TOOLS } from '../../toolchain/target.ts';
import { sourceQuickjs } from '../debian/sources.ts';
import type { RealProgram } from './real-program.ts';

export const quickjs: RealProgram = {
  name: 'Quickjs',
  file: 'quickjs.ts',
  source: sourceQuickjs,
  programs: { qjs: 'qjs' },
  hasConfigure: false,
  goals: () => [
    'qjs',
    // The prefix makes a compiler of scripts for this machine, which the program for another one is made with.
    'CROSS_PREFIX=cross-',
    `HOST_CC=${TOOLS.clang}`,
    'HOST_LIBS=-lm -ldl -lpthread',
    // Without the lines of the source, which would keep a forkable program from being inlined.
    'CFLAGS_OPT=$(CFLAGS) -O2 -g0 -w',
  ],
  // LDFLAGS would reach the program of this machine too.
  linkVariable: 'EXTRA_LIBS',
  // Its own limit of 1 MiB, and what is beyond it.
  stack: 2 * 1024 * 1024,
  binding: { file: 'quickjs-process.c', include: '.', wraps: 'js_init_module_os' },
  forks: true,
  compilations: 16,
};
