// SPDX-License-Identifier: MIT
/** Modules from and to WebAssembly's text format, for tests of passes; wabt does it. */

import assert from 'node:assert/strict';
import wabt from 'wabt';
import { readModule, type Section, writeModule } from '../../src/wasm/module.ts';

const FEATURES = {
  threads: true,
  exceptions: true,
  bulk_memory: true,
  reference_types: true,
  multi_value: true,
  simd: true,
  multi_memory: true,
  tail_call: true,
};

const tool = await wabt();

/** The module of a text, with its names. */
export function assemble(text: string): Uint8Array {
  const module = tool.parseWat('test.wat', text, FEATURES);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

/** The text of a module, which must be valid. */
export function disassemble(bytes: Uint8Array): string {
  // wabt's own validation knows one memory only
  new WebAssembly.Module(new Uint8Array(bytes));
  const module = tool.readWasm(bytes, { readDebugNames: true, ...FEATURES });
  try {
    module.applyNames();
    return module.toText({ foldExprs: false, inlineExport: false });
  } finally {
    module.destroy();
  }
}

const withoutIndentation = (text: string) => text.trim().replaceAll(/^ +/gm, '');

/** A pass makes this text of that: the module before, and all of it afterwards, whatever the indentation. */
export function assertText(
  pass: (sections: readonly Section[]) => readonly Section[],
  before: string,
  after: string,
): void {
  const bytes = writeModule(pass(readModule(assemble(before))));
  assert.equal(withoutIndentation(disassemble(bytes)), withoutIndentation(after));
}
