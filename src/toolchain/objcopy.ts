// SPDX-License-Identifier: MIT
/**
 * llvm-objcopy with --add-gnu-debuglink, which it does not have for wasm: the name of the file with the debug information goes into the
 * section `external_debug_info`, where debuggers of wasm look. Run by bin/wasmlinux-objcopy when that option is given.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Writer } from '../wasm/binary.ts';
import { runTool } from './run-tool.ts';
import { TOOLS } from './target.ts';

const SELF = 'wasmlinux-objcopy';
const OPTION = '--add-gnu-debuglink';
const SECTION = 'external_debug_info';

function main(args: readonly string[]): number {
  const others: string[] = [];
  let file = '';
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? '';
    if (argument === OPTION) file = args[++at] ?? '';
    else if (argument.startsWith(`${OPTION}=`)) file = argument.slice(OPTION.length + 1);
    else others.push(argument);
  }
  const name = new TextEncoder().encode(basename(file));
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
  try {
    const payload = join(folder, 'payload');
    writeFileSync(payload, new Writer().u32(name.length).put(name).finish());
    return runTool(SELF, TOOLS.objcopy, [
      `--remove-section=${SECTION}`,
      `--add-section=${SECTION}=${payload}`,
      ...others,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = main(process.argv.slice(2));
