// SPDX-License-Identifier: MIT
/**
 * sqlite of Debian's sources, as the bench builds it: two processes write to one database with a write-ahead log (whose index is
 * shared memory) and a mapped file, and checkpoint it meanwhile. `npm run programs`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { file } from '../../src/image/cpio.ts';
import { builtFile, describeResult, runGuest } from '../harness/guest.ts';

const ROWS = 500;
const WRITERS = [1, 2];
const MAPPED = 'pragma mmap_size=67108864;';

/** What a writer says to sqlite: transactions that need what the last ones have left. */
function statements(writer: number): string {
  const lines = ['.timeout 600000', MAPPED];
  for (let row = 0; row < ROWS; row++) {
    const half = Math.floor(row / 2);
    lines.push(
      `begin immediate; insert into t values(${writer}, ${row}, hex(zeroblob(200)));`,
      `update t set text = text || 'x' where writer = ${writer} and row = ${half}; commit;`,
    );
    if (row % 50 === 0) lines.push('select count(*) from t; pragma wal_checkpoint;');
  }
  return `${lines.join('\n')}\n`;
}

const SCRIPT = `
sqlite3 /tmp/db 'pragma journal_mode=wal; create table t(writer, row, text, primary key(writer, row));'
for writer in ${WRITERS.join(' ')}; do
  sqlite3 /tmp/db </writer-$writer >/tmp/out-$writer 2>&1 &
done
wait
grep -i error /tmp/out-*
sqlite3 /tmp/db '${MAPPED} pragma integrity_check;
  select writer, count(*), sum(row), sum(length(text)) from t group by writer;'
`;

test('two processes write to a database with a write-ahead log and mapped files', async () => {
  const sqlite = file('usr/bin/sqlite3', readFileSync(builtFile('benchSqlite', 'sqlite3.wasm')), 0o755);
  const inputs = WRITERS.map((writer) => file(`writer-${writer}`, Buffer.from(statements(writer)), 0o644));
  const result = await runGuest(['sh', '-c', SCRIPT], { files: [sqlite, ...inputs], memory: 256 << 20 });
  const sum = (ROWS * (ROWS - 1)) / 2;
  const rows = WRITERS.map((writer) => `${writer}|${ROWS}|${sum}|${ROWS * 400 + ROWS}`);
  assert.equal(result.stdout, ['wal', 67108864, 'ok', ...rows, ''].join('\n'), describeResult(result));
});
