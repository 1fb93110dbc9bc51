// SPDX-License-Identifier: MIT
/** The ends of a machine that are no accident. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeResult, runGuest } from './harness/guest.ts';

test('poweroff, halt and reboot end the machine with status 0', async () => {
  for (const command of ['poweroff', 'halt', 'reboot']) {
    // The shell is killed on the way down.
    const result = await runGuest(['sh', '-c', `${command}; exec sleep 1000`]);
    assert.equal(result.status, 0, describeResult(result));
  }
});

test('what the command leaves behind ends with it', async () => {
  const result = await runGuest(['sh', '-c', 'sleep 1000 & echo left']);
  assert.equal(result.stdout, 'left\n');
  assert.equal(result.status, 0, describeResult(result));
});

test('a disk that is in use does not hold up the end', async () => {
  const script = `
    dd if=/dev/zero of=/tmp/disk bs=1k count=4096 2>/dev/null
    mke2fs -F /tmp/disk >/dev/null
    mkdir /tmp/mnt
    mount -o loop /tmp/disk /tmp/mnt
    echo stored >/tmp/mnt/file
    cd /tmp/mnt
    sleep 1000 >/tmp/mnt/open &
    exit 3`;
  const result = await runGuest(['sh', '-c', script]);
  assert.equal(result.status, 3, describeResult(result));
});
