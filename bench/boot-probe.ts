// SPDX-License-Identifier: MIT
/**
 * A process of its own that boots once and prints what two parts of it took, in nanoseconds: `{"compile": N, "kernel": N}`.
 * Nothing is compiled or warm in it that a start would not find so. Arguments: the kernel, the initramfs, and the program to run
 * as /init.
 */
import { readFileSync } from 'node:fs';
import { loadKernel } from '../src/host/node/kernel-module.ts';
import { cpioArchive, file } from '../src/image/cpio.ts';
import { Errno } from '../src/machine/devices.ts';
import { startMachine } from '../src/machine/machine.ts';

const [kernelPath = '', initramfsPath = '', initPath = ''] = process.argv.slice(2);
const closed = { read: () => 0, write: () => -Errno.EPIPE, poll: () => 0 };

const compileBegan = performance.now();
const kernel = loadKernel(kernelPath);
const compile = performance.now() - compileBegan;
const initramfs = [readFileSync(initramfsPath), cpioArchive([file('bench-init', readFileSync(initPath), 0o755)])];

const bootBegan = performance.now();
startMachine({
  kernel,
  initramfs,
  commandLine: 'console=hvc0 loglevel=0 rdinit=/bench-init',
  memory: 128 * 1024 * 1024,
  console: {
    // The first that anybody says is /init's word.
    write() {
      const booted = performance.now() - bootBegan;
      console.log(JSON.stringify({ compile: compile * 1e6, kernel: booted * 1e6 }));
      process.exit(0);
    },
    read: () => 0,
    size: () => undefined,
  },
  streams: [closed, closed, closed],
  turn: setImmediate,
});
