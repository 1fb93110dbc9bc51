// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hostErrno } from './host-errno.ts';

it("goes by the name of an error: each system's numbers are its own", () => {
  const failure = (code: string, errno: number) => Object.assign(new Error(code), { code, errno });
  assert.equal(hostErrno(failure('EPIPE', -32)), 32, 'Linux');
  assert.equal(hostErrno(failure('EPIPE', -4047)), 32, 'Windows');
  assert.equal(hostErrno(failure('ENOTSUP', -45)), 5, 'a name that Linux has not, of macOS');
  assert.equal(hostErrno(failure('ERR_STREAM_DESTROYED', 0)), 5);
  assert.equal(hostErrno('closed'), 5);
});
