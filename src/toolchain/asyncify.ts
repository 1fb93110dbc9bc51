// SPDX-License-Identifier: MIT
/**
 * Makes a program that calls fork able to leave all its frames and come back to them: Binaryen's Asyncify, run by its
 * wasm-opt (npm package `binaryen`) over the functions that src/wasm/fork-callers.ts names. Called by link.ts.
 *
 * Asyncify reads legacy exceptions only and spills every local at each call unless the code is optimised afterwards; the
 * last pass turns the exceptions into the standard's, since an engine refuses a module that mixes both.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { functionsThatReach } from '../wasm/fork-callers.ts';
import {
  EXTERNAL,
  findCustomSection,
  readImports,
  type Section,
  sectionReader,
  SECTION,
  writeModule,
} from '../wasm/module.ts';
import { uniqueFunctionNames, withFunctionNames } from '../wasm/names.ts';
import { sealedFunctions } from './fork-rules.ts';

/** Named one by one: --all-features writes kinds of imports that engines do not know yet. */
const FEATURES = [
  'exception-handling',
  'reference-types',
  'bulk-memory',
  'bulk-memory-opt',
  'threads',
  'mutable-globals',
  'sign-ext',
  'nontrapping-float-to-int',
  'multivalue',
].map((feature) => `--enable-${feature}`);

export const FORK_IMPORT = { module: 'env', name: 'wasmlinux_fork' } as const;

export interface AsyncifyOptions {
  /** Signal handlers call fork: makes every system call unwindable. */
  readonly forkInHandlers: boolean;
  /** A fork below a function that is not in the list traps; costs 2 % of speed. */
  readonly checkFork: boolean;
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`wasm-opt failed: ${errors.trim()}`));
    });
  });
}

/** The program, made forkable: exports asyncify_{start,stop}_{unwind,rewind}. */
export async function asyncify(sections: readonly Section[], options: AsyncifyOptions): Promise<Uint8Array> {
  const count =
    readImports(sections).filter(({ kind }) => kind === EXTERNAL.function).length +
    sectionReader(sections, SECTION.function).u32();
  const functionNames = uniqueFunctionNames(sections, count);
  const named = withFunctionNames(sections, functionNames);
  const sealed = sealedFunctions(new Set(functionNames), options.forkInHandlers);
  const list = functionsThatReach(named, FORK_IMPORT.module, FORK_IMPORT.name, sealed);

  const isDebugBuild = findCustomSection(sections, '.debug_info') !== undefined;
  const folder = await mkdtemp(join(tmpdir(), 'wasmlinux-fork-'));
  try {
    const input = join(folder, 'in.wasm');
    const output = join(folder, 'out.wasm');
    const names = join(folder, 'functions');
    await writeFile(input, writeModule(named));
    await writeFile(names, list.join('\n'));
    const wasmOpt = fileURLToPath(new URL('bin/wasm-opt', import.meta.resolve('binaryen')));
    await run(process.execPath, [
      wasmOpt,
      ...FEATURES,
      // Keeps names. Lines it can't keep: after these passes its DWARF names other functions' lines.
      '--debuginfo',
      '--strip-dwarf',
      // A program that is built for debugging shows each function on its stack.
      ...(isDebugBuild ? ['--no-inline=*'] : []),
      '--asyncify',
      `--pass-arg=asyncify-imports@${FORK_IMPORT.module}.${FORK_IMPORT.name}`,
      `--pass-arg=asyncify-onlylist@@${names}`,
      ...(options.checkFork ? ['--pass-arg=asyncify-asserts'] : []),
      '-O2',
      '--translate-to-exnref',
      input,
      '-o',
      output,
    ]);
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
