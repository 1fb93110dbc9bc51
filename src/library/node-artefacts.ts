// SPDX-License-Identifier: MIT
/** Where the files that a machine boots from are, in Node: beside the package's program, or in a checkout what was built last. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STEPS = { 'vmlinux.wasm': 'kernel', 'initramfs.cpio': 'image', 'root-boot.cpio': 'image' } as const;

export async function artefactPath(name: keyof typeof STEPS): Promise<string> {
  const packaged = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (existsSync(packaged)) return packaged;
  const { lastOutput } = await import('../build/last-output.ts');
  const { root } = await import('../build/root.ts');
  const folder = lastOutput(root, STEPS[name]);
  if (folder === undefined) throw new Error(`${name} is not built: run "npm start" once, or "./wasmlinux build"`);
  return join(folder, name);
}
