// SPDX-License-Identifier: MIT
/**
 * What ./wasmlinux runs: turns on Node's compile cache, without which the stripping of types alone takes longer than a boot,
 * and only then loads the command.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../build/cache.ts';

enableCompileCache(join(cacheFolder(), 'node'));
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
