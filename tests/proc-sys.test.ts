// SPDX-License-Identifier: MIT
/** Every file of /proc and /sys can be read, or says why not; the kernel stays whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeResult, runGuest } from './harness/guest.ts';

// kmsg waits for new messages.
const SCRIPT = `
find /proc /sys -type f ! -name kmsg >/tmp/files
wc -l </tmp/files
while read -r file; do head -c 65536 "$file" >/dev/null 2>&1; done </tmp/files
dmesg | grep -E 'WARNING|BUG:|Oops|, signal '
echo whole`;

test('reading all of /proc and /sys harms nothing', async () => {
  const result = await runGuest(['sh', '-c', SCRIPT]);
  const [files, ...rest] = result.stdout.split('\n');
  assert.ok(Number(files) > 1000, describeResult(result));
  assert.deepEqual(rest, ['whole', ''], describeResult(result));
});
