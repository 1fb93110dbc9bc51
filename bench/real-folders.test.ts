// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCpio } from '../src/image/read-cpio.ts';
import { makeRealFolders } from './real-folders.ts';

test('both sides have the programs under the same names, variants too, and what they work at', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-real-'));
  try {
    for (const name of ['native', 'native/support', 'guest', 'work', 'made']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'native/lua'), 'native');
    writeFileSync(join(folder, 'guest/lua.wasm'), 'guest');
    writeFileSync(join(folder, 'guest/lua.no-fork.wasm'), 'without');
    writeFileSync(join(folder, 'work/lua.lua'), 'print(1)');
    const folders = makeRealFolders(join(folder, 'made'), {
      native: [join(folder, 'native')],
      guest: [join(folder, 'guest')],
      workloads: join(folder, 'work'),
    });
    assert.deepEqual(readdirSync(folders.native).sort(), ['lua', 'lua.lua']);
    assert.equal(readFileSync(join(folders.native, 'lua'), 'utf8'), 'native');
    const entries = readCpio(readFileSync(folders.guestRoot)).filter(({ path }) => path.startsWith('real/'));
    assert.deepEqual(
      entries.map(({ path, data, mode, uid }) => [path, Buffer.from(data).toString(), mode & 0o777, uid]).sort(),
      [
        ['real/lua', 'guest', 0o755, 0],
        ['real/lua.lua', 'print(1)', 0o644, 0],
        ['real/lua.no-fork', 'without', 0o755, 0],
      ],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
