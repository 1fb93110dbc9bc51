// SPDX-License-Identifier: MIT
/**
 * Step `image`: what the kernel unpacks. initramfs.cpio is our root file system: programs/base/root, dash as /bin/sh, bash,
 * busybox under all its other names, and /sbin/session. root-boot.cpio is what a machine with another root begins with: the session program as process 1.
 * Not compressed: the kernel would take longer to unpack them than the host takes to read them.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CpioEntry, cpioArchive, directory, file, symbolicLink } from '../image/cpio.ts';
import { layout, permissions, rootBootLayout } from '../image/layout.ts';
import { bash } from './bash.ts';
import { busybox } from './busybox.ts';
import { dash } from './dash.ts';
import { session } from './session.ts';
import type { Step } from './step.ts';

/** The files of a folder, each folder before what lies in it. */
function filesOf(folder: string): CpioEntry[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => {
    const path = join(folder, name);
    const stat = statSync(path);
    if (stat.isDirectory()) return directory(name);
    const usual = (stat.mode & 0o100) !== 0 ? 0o755 : 0o644;
    return file(name, readFileSync(path), permissions[name] ?? usual);
  });
}

/** Links from the applets' paths to the one program. */
function appletLinks(links: string): CpioEntry[] {
  return links
    .split('\n')
    .filter((path) => path !== '')
    .map((path) => symbolicLink(path.slice(1), '/bin/busybox'));
}

export const image: Step = {
  name: 'image',
  title: 'root file system',
  needs: [busybox, dash, bash, session],
  inputs: [{ path: 'src/build/image.ts' }, { path: 'src/image' }, { path: 'programs/base/root' }],
  run: async (context) => {
    const programs = context.output(busybox);
    const sessionProgram = readFileSync(join(context.output(session), 'session.wasm'));
    const entries = new Map<string, CpioEntry>();
    for (const entry of [
      ...layout,
      ...filesOf(join(context.root, 'programs', 'base', 'root')),
      file('bin/busybox', readFileSync(join(programs, 'busybox.wasm')), 0o755),
      file('bin/dash', readFileSync(join(context.output(dash), 'dash.wasm')), 0o755),
      symbolicLink('bin/sh', 'dash'),
      file('bin/bash', readFileSync(join(context.output(bash), 'bash.wasm')), 0o755),
      ...appletLinks(readFileSync(join(programs, 'links'), 'utf8')),
      symbolicLink('init', '/sbin/session'),
      file('sbin/session', sessionProgram, 0o755),
      file('usr/share/udhcpc/default.script', readFileSync(join(programs, 'udhcpc.script')), 0o755),
    ]) {
      // The first of a name counts: a folder of programs/base/root that the layout has too keeps the layout's owner and
      // permissions, and busybox's sh is not linked.
      if (!entries.has(entry.path)) entries.set(entry.path, entry);
    }
    writeFileSync(join(context.out, 'initramfs.cpio'), cpioArchive([...entries.values()]));
    const rootBoot = [...rootBootLayout, file('init', sessionProgram, 0o755)];
    writeFileSync(join(context.out, 'root-boot.cpio'), cpioArchive(rootBoot));
  },
};
