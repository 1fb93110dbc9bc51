// SPDX-License-Identifier: MIT
/**
 * The linker as a command of its own, run by bin/wasmlinux-ld: for makefiles that name start files and libc themselves, and for
 * `ld -r`. Nothing is linked that is not named, but the sysroot's libraries are found, and the program gets the same passes
 * as from wasmlinux-cc.
 */

import { join } from 'node:path';
import { finishFile, isProgramFile } from './finish.ts';
import { LinkError } from './link.ts';
import { LinkerOptions, UnsupportedOption } from './linker-options.ts';
import { expandResponseFiles } from './response-file.ts';
import { mapOfLink, runTool } from './run-tool.ts';
import { findSysroot, NoSysroot } from './sysroot.ts';
import { LINK_FLAGS, PLAIN_LINK_FLAGS, TOOLS } from './target.ts';

const SELF = 'wasmlinux-ld';

function main(args: readonly string[]): number {
  const options = new LinkerOptions();
  const kept: string[] = [];
  let output = 'a.out';
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? '';
    const next = (): string => args[++at] ?? '';
    if (argument === '-o' || argument === '--output') output = next();
    else if (/^-o./.test(argument)) output = argument.slice(2);
    else if (argument.startsWith('--output=')) output = argument.slice('--output='.length);
    else if (['-L', '-l', '-e', '-u', '-m', '-y', '-mllvm'].includes(argument)) kept.push(argument, next());
    else kept.push(...options.read(argument, next));
  }
  const libraries = join(findSysroot(process.env), 'lib');
  const profile = options.plain ? PLAIN_LINK_FLAGS : LINK_FLAGS;
  const mode = options.relocatable ? ['-r'] : [...profile, '-z', `stack-size=${options.stackSize}`];
  const all = [...mode, '-o', output, ...kept, `-L${libraries}`];
  const status = runTool(SELF, TOOLS.linker, all);
  if (status !== 0 || options.relocatable || !isProgramFile(output)) return status;
  const readMap = () => mapOfLink(TOOLS.linker, (map, program) => [...all, `--Map=${map}`, '-o', program]);
  const { strip, stackSize, forkInHandlers, checkFork, polls, marks } = options;
  finishFile(output, { strip, stackSize, forkInHandlers, checkFork, polls, marks, readMap });
  return 0;
}

try {
  process.exitCode = main(expandResponseFiles(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof NoSysroot || error instanceof UnsupportedOption || error instanceof LinkError)) throw error;
  process.stderr.write(`${SELF}: ${error.message}\n`);
  process.exitCode = 1;
}
