// SPDX-License-Identifier: MIT
/** Every header that the kernel exports compiles alone against our libc, but for those that compile alone nowhere. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../src/build/root.ts';
import { builtFile } from './harness/guest.ts';

const cc = join(root, 'bin', 'wasmlinux-cc');
const exported = builtFile('headers', 'include');

/** These fail in the same way on x86 with glibc; the kernel's own test of its headers (usr/include/Makefile) skips them. */
const NOWHERE: ReadonlyMap<string, string> = new Map([
  ['asm-generic/ucontext.h', 'wants stack_t and sigset_t: linux/signal.h goes first, which no libc can follow'],
  ['asm/ucontext.h', 'is asm-generic/ucontext.h'],
  ['linux/coda.h', 'wants u_short, u_long and int64_t, which it defines for BSDs only'],
  ['linux/errqueue.h', 'wants struct timespec: a program includes time.h before it'],
  ['linux/hdlc/ioctl.h', 'wants IFNAMSIZ: it is a part of linux/if.h'],
  ['linux/omapfb.h', 'wants size_t: a program includes stddef.h before it'],
  ['linux/patchkey.h', 'says by #error that it is a part of sys/soundcard.h'],
  ['linux/phonet.h', 'wants struct sockaddr: a program includes sys/socket.h before it'],
  ['linux/sctp.h', 'wants MSG_FIN and struct sockaddr_storage: a program includes sys/socket.h before it'],
  ['linux/sysctl.h', 'wants size_t: a program includes stddef.h before it'],
  ['linux/usb/audio.h', 'wants NULL: a program includes stddef.h before it'],
  ['xen/evtchn.h', 'wants domid_t of xen/interface/xen.h, which is not exported'],
  ['xen/gntdev.h', 'wants grant_ref_t and domid_t of xen/interface, which is not exported'],
  ['xen/privcmd.h', 'includes xen/interface/xen.h, which is not exported'],
]);

/** What the compiler says of a file that includes nothing but this header. */
function compileAlone(header: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(cc, ['-fsyntax-only', '-x', 'c', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve(status === 0 ? '' : errors || `status ${status}`));
    child.stdin.end(`#include <${header}>\n`);
  });
}

async function failures(headers: readonly string[]): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  const left = headers.values();
  const worker = async (): Promise<void> => {
    for (const header of left) {
      const errors = await compileAlone(header);
      if (errors !== '') failed.set(header, errors);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return failed;
}

test('linux/shm.h and linux/if.h compile alone', async () => {
  assert.deepEqual([...(await failures(['linux/shm.h', 'linux/if.h']))], []);
});

test('every other exported header does too, unless it can nowhere', async () => {
  const headers = globSync('**/*.h', { cwd: exported }).sort();
  assert.ok(headers.length > 900, `${headers.length} headers`);
  const failed = await failures(headers);
  const unexpected = [...failed]
    .filter(([header]) => !NOWHERE.has(header))
    .map(([header, text]) => `${header}: ${text}`);
  assert.deepEqual(unexpected, []);
  // a reason that is no longer needed has to go
  assert.deepEqual(
    [...NOWHERE.keys()].filter((header) => !failed.has(header)),
    [],
  );
});
