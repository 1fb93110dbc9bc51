// SPDX-License-Identifier: MIT
/**
 * Step `sourceLinux`: a link to the tarball that the package linux-source-6.12 installs, because the tree has 1.7 GB: the kernel's
 * builder unpacks what it needs of it (unpack-linux.ts). In a file of its own, which goes into the key of the kernel.
 */
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Step, StepError } from '../step.ts';
import { installedVersions, packages } from './packages.ts';

/** Where the package linux-source-6.12 puts its only file. */
const LINUX_TARBALL = '/usr/src/linux-source-6.12.tar.xz';

/** Name of the link in the output of sourceLinux. */
export const LINUX_TARBALL_NAME = 'linux.tar.xz';

export const sourceLinux: Step = {
  name: 'sourceLinux',
  title: 'Linux source',
  needs: [packages],
  // Not this file: another source beside it must not unpack and compile Linux again.
  inputs: [{ text: LINUX_TARBALL }, installedVersions('linux-source-6.12')],
  async run(context) {
    if (!existsSync(LINUX_TARBALL)) {
      throw new StepError(`the package linux-source-6.12 is installed, but ${LINUX_TARBALL} is not there`, {
        advice: 'Install it again: apt-get install --reinstall linux-source-6.12',
      });
    }
    symlinkSync(LINUX_TARBALL, join(context.out, LINUX_TARBALL_NAME));
  },
};
