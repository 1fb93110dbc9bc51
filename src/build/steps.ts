// SPDX-License-Identifier: MIT
/**
 * The one list of build steps, each after those it needs, and what the commands build. Add a step's const here; a step is
 * built when a target needs it, so an entry that no target needs is reachable by its name only (`npm run build -- NAME`).
 */
import { benchBusybox } from './bench-busybox.ts';
import { benchPrograms } from './bench-programs.ts';
import { busybox } from './busybox.ts';
import { cxxTests } from './cxx-tests.ts';
import { packages, testPackages } from './debian/packages.ts';
import { sourceLlvm } from './debian/source-llvm.ts';
import { sourceBusybox, sourceLinux, sourceMusl } from './debian/sources.ts';
import { guestTests } from './guest-tests.ts';
import { headers } from './headers.ts';
import { image } from './image.ts';
import { kernel, kernelDebug } from './kernel.ts';
import { libc } from './libc.ts';
import { libcxx } from './libcxx.ts';
import { page } from './page.ts';
import { session } from './session.ts';
import type { Step } from './step.ts';

export const steps: readonly Step[] = [
  packages,
  testPackages,
  sourceLinux,
  sourceMusl,
  sourceBusybox,
  sourceLlvm,
  kernel,
  kernelDebug,
  headers,
  libc,
  libcxx,
  busybox,
  session,
  image,
  page,
  guestTests,
  cxxTests,
  benchPrograms,
  benchBusybox,
];

/**
 * What a machine needs to boot: `npm start`, `./wasmlinux` and `npm test` build it. libc, because bin/wasmlinux-cc looks for it
 * in build/out: when the image was in the cache nothing else would put it there.
 */
export const bootTargets: readonly Step[] = [kernel, libc, image];

/**
 * What the tests need beside. Some look into the headers, into busybox and its source themselves: those steps are named here,
 * because one whose dependents all come from the cache is not asked for.
 */
export const testTargets: readonly Step[] = [
  ...bootTargets,
  guestTests,
  libcxx,
  cxxTests,
  headers,
  sourceBusybox,
  busybox,
  page,
  testPackages,
  benchPrograms,
];

/** What `npm run web` needs beside. */
export const webTargets: readonly Step[] = [...bootTargets, page];
