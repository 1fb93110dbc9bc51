// SPDX-License-Identifier: MIT
/**
 * Steps `sourceLinux`, `sourceMusl`, `sourceBusybox`: what is built, from Debian's archive. musl and busybox are the source
 * trees with Debian's patches; of Linux the output is a link to the tarball that the package linux-source-6.12 installs,
 * because the tree has 1.7 GB: the kernel's builder unpacks what it needs of it (unpack-linux.ts).
 */
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Step, StepError } from '../step.ts';
import { installedVersions, packages } from './packages.ts';
import { fetchSource, type SourcePackage } from './source-package.ts';

/** Where the package linux-source-6.12 puts its only file. */
const LINUX_TARBALL = '/usr/src/linux-source-6.12.tar.xz';

/** Name of the link in the output of sourceLinux. */
export const LINUX_TARBALL_NAME = 'linux.tar.xz';

export const sourceLinux: Step = {
  name: 'sourceLinux',
  title: 'Linux source',
  needs: [packages],
  inputs: [{ path: 'src/build/debian/sources.ts' }, installedVersions('linux-source-6.12')],
  async run(context) {
    if (!existsSync(LINUX_TARBALL)) {
      throw new StepError(`the package linux-source-6.12 is installed, but ${LINUX_TARBALL} is not there`, {
        advice: 'Install it again: apt-get install --reinstall linux-source-6.12',
      });
    }
    symlinkSync(LINUX_TARBALL, join(context.out, LINUX_TARBALL_NAME));
  },
};

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
