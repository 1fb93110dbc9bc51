// SPDX-License-Identifier: MIT
/** An engine that refuses memory (harness/refusing-engine.ts): ENOMEM for the program that asks, and nothing else happens. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bash } from './harness/command.ts';
import { builtFile } from './harness/guest.ts';
import { assemble } from './harness/wat.ts';

/** Begins with 24 MiB, and ends with 0. */
const LARGE = `(module
  (import "env" "memory" (memory 384 1000))
  (func (export "main") (param i32 i32) (result i32) (i32.const 0)))`;

const engines = { refused: '--import="$2/tests/harness/refusing-engine.ts"', granted: '' };

for (const [answer, flag] of Object.entries(engines)) {
  test(`memory that the engine has ${answer}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'refusing-engine-'));
    try {
      copyFileSync(builtFile('guestTests', 'engine-limits.wasm'), join(folder, 'engine-limits'));
      writeFileSync(join(folder, 'large-program'), assemble(LARGE));
      const script = `chmod 755 "$1"/*; cd "$1"; tar c * | "$3" --no-concurrent-sparkplug ${flag} "$2/src/cli/launch.ts" \\
        run sh -c 'cd /usr/bin && tar x && exec engine-limits "$0"' ${answer}`;
      const { status, stdout, stderr } = await bash(script, folder, process.cwd(), process.execPath);
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, /^1\.\.[0-9]+\n$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
