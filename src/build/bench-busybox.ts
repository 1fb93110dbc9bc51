// SPDX-License-Identifier: MIT
/**
 * Step `benchBusybox`: the guest's busybox once more, of the same source and configuration, as a static program of this machine:
 * what the shell rows of the bench are compared with. Output: busybox, and links to it named ash, sh, true and sleep.
 */
import { copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TOOLS } from '../toolchain/target.ts';
import { BUSYBOX_FLAGS, busyboxInputs, busyboxMake, makeBusybox } from './busybox.ts';
import { sourceBusybox } from './debian/sources.ts';
import type { Step } from './step.ts';

export const benchBusybox: Step = {
  name: 'benchBusybox',
  title: 'busybox of this machine',
  needs: [sourceBusybox],
  inputs: [{ path: 'src/build/bench-busybox.ts' }, ...busyboxInputs, { command: [TOOLS.clang, '--version'] }],
  async run(context) {
    const make = busyboxMake(context, [`CC=${TOOLS.clang}`, `CONFIG_EXTRA_CFLAGS=${BUSYBOX_FLAGS.join(' ')}`]);
    await makeBusybox(context, make, {}, ['busybox_unstripped']);
    copyFileSync(join(context.work, 'busybox_unstripped'), join(context.out, 'busybox'));
    for (const applet of ['ash', 'sh', 'true', 'sleep']) symlinkSync('busybox', join(context.out, applet));
  },
};
