// SPDX-License-Identifier: MIT
/**
 * Makes a program that calls fork able to leave all its frames and come back to them: Binaryen's Asyncify, run by its
 * wasm-opt (npm package `binaryen`) over the functions that src/wasm/fork-callers.ts names. Called by link.ts.
 *
 * Asyncify reads legacy exceptions only (src/wasm/legacy-exceptions.ts makes them), and the last pass turns them back into the
 * standard's. It spills every local at each call unless the code is optimised afterwards.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MalformedDwarf } from '../debug/dwarf-cursor.ts';
import { functionsThatReach } from '../wasm/fork-callers.ts';
import { FRAMES_PAGES, importFramesMemory } from '../wasm/frames-memory.ts';
import { legacyExceptions } from '../wasm/legacy-exceptions.ts';
import {
  codeOffset,
  EXTERNAL,
  findCustomSection,
  readImports,
  readModule,
  type Section,
  sectionReader,
  SECTION,
  writeModule,
} from '../wasm/module.ts';
import { uniqueFunctionNames, withFunctionNames } from '../wasm/names.ts';
import { sealedFunctions } from './fork-rules.ts';
import { fromSourceMap, type LineMark, lineMarks, toDwarf, toSourceMap } from './source-map.ts';

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
  'multimemory',
].map((feature) => `--enable-${feature}`);

export const FORK_IMPORT = { module: 'env', name: 'wasmlinux_fork' } as const;

export interface AsyncifyOptions {
  /** Children of a fork in a signal handler return from it: makes every system call unwindable. */
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

/** The lines of a program, or undefined when its DWARF can't be read. */
function linesOf(sections: readonly Section[]): LineMark[] | undefined {
  try {
    return lineMarks((name) => findCustomSection(sections, name)?.payload ?? new Uint8Array());
  } catch (error) {
    if (error instanceof MalformedDwarf) return undefined;
    throw error;
  }
}

/** The program, made forkable: exports asyncify_{start,stop}_{unwind,rewind}, imports env.wasmlinux_frames. */
export async function asyncify(sections: readonly Section[], options: AsyncifyOptions): Promise<Section[]> {
  const count =
    readImports(sections).filter(({ kind }) => kind === EXTERNAL.function).length +
    sectionReader(sections, SECTION.function).u32();
  const functionNames = uniqueFunctionNames(sections, count);
  const named = withFunctionNames(sections, functionNames);
  const sealed = sealedFunctions(new Set(functionNames), options.forkInHandlers);
  const list = functionsThatReach(named, FORK_IMPORT.module, FORK_IMPORT.name, sealed);

  const legacy = legacyExceptions(named);
  const marks = (findCustomSection(named, '.debug_line') && linesOf(named))?.map((mark) => ({
    ...mark,
    address: legacy.moved(mark.address),
  }));
  const folder = await mkdtemp(join(tmpdir(), 'wasmlinux-fork-'));
  try {
    const input = join(folder, 'in.wasm');
    const output = join(folder, 'out.wasm');
    const names = join(folder, 'functions');
    const map = join(folder, 'in.map');
    const newMap = join(folder, 'out.map');
    const module = writeModule(legacy.sections);
    await writeFile(input, module);
    if (marks) await writeFile(map, toSourceMap(marks, codeOffset(module)));
    await writeFile(names, list.join('\n'));
    const wasmOpt = fileURLToPath(new URL('bin/wasm-opt', import.meta.resolve('binaryen')));
    await run(process.execPath, [
      wasmOpt,
      ...FEATURES,
      '--debuginfo',
      // Binaryen's own DWARF gives code the lines of other functions after these passes; its source map is right.
      '--strip-dwarf',
      // A program that is built for debugging shows each function on its stack.
      ...(marks ? ['--no-inline=*', `--input-source-map=${map}`, `--output-source-map=${newMap}`] : []),
      '--asyncify',
      `--pass-arg=asyncify-imports@${FORK_IMPORT.module}.${FORK_IMPORT.name}`,
      `--pass-arg=asyncify-onlylist@@${names}`,
      '--pass-arg=asyncify-in-secondary-memory',
      `--pass-arg=asyncify-secondary-memory-size@${FRAMES_PAGES}`,
      ...(options.checkFork ? ['--pass-arg=asyncify-asserts'] : []),
      '-O2',
      '--translate-to-exnref',
      input,
      '-o',
      output,
    ]);
    const forkable = await readFile(output);
    const result = importFramesMemory(readModule(forkable));
    if (!marks) return result;
    const newMarks = fromSourceMap(await readFile(newMap, 'utf8'), codeOffset(forkable));
    return [...result, ...toDwarf(newMarks)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
