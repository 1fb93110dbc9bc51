// SPDX-License-Identifier: MIT
/** A checkout of the sources, with what its last build made. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lastOutput } from '../build/last-output.ts';
import { root } from '../build/root.ts';
import type { Installation } from './installation.ts';

const STEPS = { 'vmlinux.wasm': 'kernel', 'initramfs.cpio': 'image', 'root-boot.cpio': 'image' } as const;

export const installation: Installation = {
  version: () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
  top: pathToFileURL(`${root}/`),
  worker: new URL('../host/node/worker-entry.ts', import.meta.url),
  artefact(name) {
    const folder = lastOutput(root, STEPS[name]);
    return folder !== undefined && existsSync(join(folder, name)) ? join(folder, name) : undefined;
  },
  advice: 'it is not built: run "npm start" once, or "./wasmlinux build"',
  // Loaded only when there is something to build.
  builder: {
    async build(names) {
      const { buildCommand, stepsNamed } = await import('../build/command.ts');
      const { bootTargets } = await import('../build/steps.ts');
      const targets = names.length > 0 ? stepsNamed(names) : bootTargets;
      return typeof targets === 'string' ? targets : buildCommand(targets);
    },
    async clean() {
      const { clean } = await import('../build/clean.ts');
      return clean(root);
    },
  },
};
