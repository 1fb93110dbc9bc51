// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt } from './link-map.ts';

const MAP = `    Addr      Off     Size Out     In      Symbol
       0        0        0         __stack_pointer
       -      174      df3 CODE
       -      175        3         <internal>:(__wasm_call_ctors)
       -      1f7       17         lib/crt1.o:(_start)
       -      1f7       17                 _start
       -      20e       6f         lib/libc.a(write.o):(__write)
       -      20e       6f                 __write
`;

test('an offset of the file belongs to an object, to one of an archive, or to none', () => {
  const found = [0x174, 0x175, 0x1f7, 0x20d, 0x20e, 0x27c, 0x27d].map((offset) => objectAt(MAP, offset));
  const write = 'lib/libc.a(write.o)';
  assert.deepEqual(found, [undefined, undefined, 'lib/crt1.o', 'lib/crt1.o', write, write, undefined]);
});
