// SPDX-License-Identifier: MIT
/**
 * The one list of build steps, each after those it needs, and what the commands build. Add a step's const here; a step is
 * built when a target needs it, so an entry that no target needs is reachable by its name only (`npm run build -- NAME`).
 */
import { bash } from './bash.ts';
import { benchBusybox } from './bench-busybox.ts';
import { benchPrograms } from './bench-programs.ts';
import { busybox } from './busybox.ts';
import { conformancePrograms } from './conformance-programs.ts';
import { cxxTests } from './cxx-tests.ts';
import { dash } from './dash.ts';
import { packages, testPackages } from './debian/packages.ts';
import { sourceLinux } from './debian/source-linux.ts';
import {
  sourceBash,
  sourceBusybox,
  sourceCoreutils,
  sourceDash,
  sourceGrep,
  sourceGzip,
  sourceJansson,
  sourceLcms,
  sourceLlvm,
  sourceLua,
  sourceMawk,
  sourceMusl,
  sourcePosixTestSuite,
  sourceQuickjs,
  sourceSqlite,
  sourceXxhash,
  sourceXz,
} from './debian/sources.ts';
import { guestTests } from './guest-tests.ts';
import { headers } from './headers.ts';
import { image } from './image.ts';
import { kernel, kernelDebug } from './kernel.ts';
import { libc } from './libc.ts';
import { libcxx } from './libcxx.ts';
import { nativeShells } from './native-shells.ts';
import { packageStep } from './package.ts';
import { page } from './page.ts';
import { benchSqlite, nativePrograms, realPrograms } from './real/steps.ts';
import { session } from './session.ts';
import type { Step } from './step.ts';
import { unportedPrograms } from './unported.ts';

export const steps: readonly Step[] = [
  packages,
  testPackages,
  sourceLinux,
  sourceMusl,
  sourceBusybox,
  sourceDash,
  sourceBash,
  sourceLlvm,
  sourcePosixTestSuite,
  sourceCoreutils,
  sourceGrep,
  sourceGzip,
  sourceLua,
  sourceMawk,
  sourceQuickjs,
  sourceSqlite,
  sourceXxhash,
  sourceXz,
  sourceJansson,
  sourceLcms,
  kernel,
  kernelDebug,
  headers,
  libc,
  libcxx,
  busybox,
  dash,
  bash,
  session,
  image,
  page,
  packageStep,
  guestTests,
  cxxTests,
  benchPrograms,
  benchBusybox,
  nativeShells,
  ...realPrograms,
  ...nativePrograms,
  conformancePrograms,
  unportedPrograms,
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
  packageStep,
];

/** What `npm run conformance` needs beside. */
export const conformanceTargets: readonly Step[] = [...bootTargets, conformancePrograms];

/** What `npm run programs` needs beside: the suites' sources, and the shells of this machine. */
export const suiteTargets: readonly Step[] = [
  ...testTargets,
  sourceBash,
  bash,
  benchBusybox,
  nativeShells,
  unportedPrograms,
  benchSqlite,
];

/** What `npm run web` needs beside. */
export const webTargets: readonly Step[] = [...bootTargets, page];
