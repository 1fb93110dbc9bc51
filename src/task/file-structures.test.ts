// SPDX-License-Identifier: MIT
/** Layouts and numbers of file calls are those of src/trace, which tests/trace-headers.test.ts holds against the guest's headers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../trace/syscalls.ts';
import { structures } from '../trace/layout.ts';
import { enumerations } from '../trace/text.ts';
import { Access, AtFlag, FileType, InotifyEvent, OpenFlag } from './file-flags.ts';
import {
  readEntries,
  readWatchEvents,
  STATFS_BYTES,
  STATX_BYTES,
  statfsOffsets,
  statxOffsets,
  TV_NSEC,
} from './file-structures.ts';

function offsetsOf(cName: string, names: readonly string[]): [number, Record<string, number | undefined>] {
  const found = structures.find((structure) => structure.cName === cName);
  assert.ok(found, cName);
  const offsets = new Map(found.fields.map(({ name, offset }) => [name, offset]));
  return [found.size, Object.fromEntries(names.map((name) => [name, offsets.get(name)]))];
}

test('the layouts are those of the table of system calls', () => {
  assert.deepEqual(offsetsOf('struct statx', Object.keys(statxOffsets)), [STATX_BYTES, { ...statxOffsets }]);
  assert.deepEqual(offsetsOf('struct statfs64', Object.keys(statfsOffsets)), [STATFS_BYTES, { ...statfsOffsets }]);
  assert.deepEqual(offsetsOf('struct statx_timestamp', ['tv_nsec']), [16, { tv_nsec: TV_NSEC }]);
});

test('the numbers are those of the table of system calls', () => {
  const known = new Map(enumerations.flatMap(({ values }) => Object.entries(values)));
  const ours = { ...OpenFlag, ...FileType, ...Access, ...AtFlag, ...InotifyEvent };
  const compared = Object.entries(ours).filter(([name]) => known.has(name));
  assert.deepEqual(
    compared,
    compared.map(([name]) => [name, known.get(name)]),
  );
  const uncompared = Object.keys(ours).filter((name) => !known.has(name));
  // Those that are no bits of their own.
  assert.deepEqual(uncompared, ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'S_IFMT', 'AT_FDCWD']);
});

test('entries and events of several lengths', () => {
  const bytes = new Uint8Array(80);
  const view = new DataView(bytes.buffer);
  const put = (at: number, length: number, type: number, name: string): void => {
    view.setUint16(at + 16, length, true);
    bytes[at + 18] = type;
    bytes.set(new TextEncoder().encode(`${name}\0`), at + 19);
  };
  put(0, 24, 4, '.');
  put(24, 24, 8, 'a');
  put(48, 32, 4, '..name');
  const names = readEntries(bytes).map(({ name, type }) => [new TextDecoder().decode(name), type]);
  assert.deepEqual(names, [
    ['a', 8],
    ['..name', 4],
  ]);
  const events = new Uint8Array(16 + 32);
  const words = new DataView(events.buffer);
  words.setInt32(0, 1, true);
  words.setUint32(4, 0x100, true);
  words.setUint32(12, 16, true);
  events.set(new TextEncoder().encode('made'), 16);
  words.setInt32(32, 2, true);
  words.setUint32(36, 0x8000, true);
  assert.deepEqual(readWatchEvents(events), [
    { watch: 1, mask: 0x100, name: 'made' },
    { watch: 2, mask: 0x8000, name: '' },
  ]);
});
