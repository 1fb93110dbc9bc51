// SPDX-License-Identifier: MIT
/** Modules from and to WebAssembly's text format, for tests of passes; wabt does it. */

import wabt from 'wabt';

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
  const module = tool.readWasm(bytes, { readDebugNames: true, ...FEATURES });
  try {
    module.validate();
    module.applyNames();
    return module.toText({ foldExprs: false, inlineExport: false });
  } finally {
    module.destroy();
  }
}
