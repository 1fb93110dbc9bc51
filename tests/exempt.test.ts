// SPDX-License-Identifier: MIT
/** Who may do without polls: a program that says so, if nobody but root could have written it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../src/build/root.ts';
import { file } from '../src/image/cpio.ts';
import { describeResult, runGuest } from './harness/guest.ts';

/** Says whether a timer's handler ran within a loop, which takes a hundred times as long as the timer. */
const SOURCE = `
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
static volatile sig_atomic_t ran;
static void handler(int sig) { ran = 1; }
int main(void)
{
	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 1000 }, 0);
	int meanwhile = 0;
	for (unsigned i = 0; i < 300000000; i++) { __asm__ volatile(""); if (ran) { meanwhile = 1; break; } }
	puts(meanwhile ? "polls" : "none");
	return 0;
}
`;

test('polls are left out of what root has written only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-exempt-test-'));
  try {
    writeFileSync(join(folder, 'exempt.c'), SOURCE);
    const cc = join(root, 'bin', 'wasmlinux-cc');
    execFileSync(cc, ['-O2', '-Wl,--wasmlinux-no-polls', 'exempt.c', '-o', 'exempt'], { cwd: folder });
    const script = `
      cp /usr/bin/exempt /tmp/mine; chown user /tmp/mine
      cp /usr/bin/exempt /tmp/open; chmod 777 /tmp/open
      mkdir /tmp/mount; mount -t tmpfs -o nosuid none /tmp/mount; cp /usr/bin/exempt /tmp/mount
      for program in /usr/bin/exempt /tmp/mine /tmp/open /tmp/mount/exempt; do $program; done
      chown root /tmp/mine; /tmp/mine`;
    const files = [file('usr/bin/exempt', readFileSync(join(folder, 'exempt')), 0o755)];
    const result = await runGuest(['sh', '-c', script], { files });
    assert.equal(result.stdout, 'none\npolls\npolls\npolls\nnone\n', describeResult(result));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
