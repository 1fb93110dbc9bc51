// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv6, showSocketAddress } from './sockaddr.ts';
import { UserMemory } from './user-memory.ts';

function show(bytes: readonly number[], length = bytes.length): string {
  const memory = new UserMemory(Uint8Array.from([0, 0, 0, 0, ...bytes]));
  return showSocketAddress({ words: new Uint32Array(6), memory, result: 0, limit: 32, verbose: false }, 4, length);
}
const characters = (text: string) => [...text].map((character) => character.charCodeAt(0));

test('unix addresses: a path, a name of no file, none', () => {
  assert.equal(show([1, 0, ...characters('/tmp/x'), 0]), '{sa_family=AF_UNIX, sun_path="/tmp/x"}');
  assert.equal(show([1, 0, 0, ...characters('bus')]), '{sa_family=AF_UNIX, sun_path=@"bus"}');
  assert.equal(show([1, 0]), '{sa_family=AF_UNIX}');
});

test('an address that is not there, or of no known kind', () => {
  assert.equal(show([2, 0], 100), '0x4');
  assert.equal(show([2], 1), '0x4');
  assert.equal(show([99, 0, 1, 2]), '{sa_family=0x63 /* AF_??? */, sa_data="\\1\\2"}');
});

test('IPv6 addresses are as short as they can be', () => {
  const address = (...groups: readonly number[]) =>
    Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
  assert.equal(ipv6(address(0, 0, 0, 0, 0, 0, 0, 0)), '::');
  assert.equal(ipv6(address(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1)), '2001:db8::1:0:0:1');
  assert.equal(ipv6(address(1, 0, 2, 3, 4, 5, 6, 7)), '1:0:2:3:4:5:6:7');
  assert.equal(ipv6(address(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)), '::ffff:127.0.0.1');
  assert.equal(ipv6(address(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 'fe80::');
});
