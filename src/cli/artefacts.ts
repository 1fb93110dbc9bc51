// SPDX-License-Identifier: MIT
/** Finds the kernel and the initramfs to boot, and builds them when there are none. Called by main.ts. */
import { statSync } from 'node:fs';
import { installation } from '../installation/checkout.ts';
import type { MachineSettings } from './arguments.ts';
import { UsageError } from './usage-error.ts';

/** Paths of files. */
export interface Artefacts {
  readonly kernel: string;
  readonly initramfs: string;
}

/** The build has failed and has said why; `status` is what to end with. */
export class BuildFailed extends Error {
  readonly status: number;

  constructor(status: number) {
    super('the build has failed');
    this.status = status;
  }
}

/**
 * What the settings name, else what was built last in this checkout: whether that is up to date is not asked here, where each
 * millisecond counts, but by `npm start` and `wasmlinux build`. Throws UsageError, or BuildFailed.
 */
export async function findArtefacts(settings: MachineSettings): Promise<Artefacts> {
  for (const path of [settings.kernel, settings.initramfs]) {
    if (path === undefined) continue;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) throw new UsageError(`${path}: ${stat ? 'not a file' : 'no such file'}`);
  }
  const archive = settings.root === undefined ? 'initramfs.cpio' : 'root-boot.cpio';
  const find = (): Partial<Artefacts> => {
    const kernel = settings.kernel ?? installation.artefact('vmlinux.wasm');
    const initramfs = settings.initramfs ?? installation.artefact(archive);
    return { ...(kernel && { kernel }), ...(initramfs && { initramfs }) };
  };
  let { kernel, initramfs } = find();
  if (!kernel || !initramfs) {
    if (!installation.builder) throw new UsageError(`vmlinux.wasm and ${archive}: ${installation.advice}`);
    const status = await installation.builder.build([]);
    if (status !== 0) throw new BuildFailed(Number(status));
    ({ kernel, initramfs } = find());
  }
  if (!kernel || !initramfs) throw new Error('the build has made no kernel or no initramfs');
  return { kernel, initramfs };
}
