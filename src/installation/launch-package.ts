#!/usr/bin/env node
// SPDX-License-Identifier: MIT
/**
 * The package's command: what ./wasmlinux does in a checkout, but on any system and without a shell. Any Node runs this file, so that
 * one that is too old is told so.
 */
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';

if (!('Suspending' in WebAssembly)) {
  process.stderr.write(`wasmlinux: it takes Node 26 or newer; this is ${process.version}\n`);
  process.exit(1);
}
// For the reason see src/build/bootstrap.mjs.
setFlagsFromString('--no-concurrent-sparkplug');
// Loaded once that is so.
module.enableCompileCache?.();
await import('../cli/launch.ts');
