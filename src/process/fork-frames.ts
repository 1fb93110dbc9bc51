// SPDX-License-Identifier: MIT
/**
 * The machine's frames memory: where a program's frames are while it unwinds and rewinds them (fork). It is the second memory
 * of every program that can fork, so that none needs a buffer for the deepest of stacks; the kernel takes the frames out
 * before anything else runs, and puts them in again for parent and child (kernel/arch/wasm/kernel/fork.c, which is the only
 * caller). Nobody's bytes stay in it.
 */

import type { HostImports } from '../machine/kernel-interface.ts';
import type { KernelMemory } from '../machine/kernel-memory.ts';
import { FRAMES_PAGES } from '../wasm/frames-memory.ts';

/** struct { u32 next, end; } at address 0: where the next frame goes, and the memory's size (src/wasm/fork-capture.ts). */
const HEADER_BYTES = 8;

export class ForkFrames {
  /** env.wasmlinux_frames of the programs. */
  readonly memory: WebAssembly.Memory;
  readonly imports: Pick<HostImports, Extract<keyof HostImports, `frames_${string}`>>;

  constructor(kernelMemory: KernelMemory) {
    this.memory = new WebAssembly.Memory({ initial: FRAMES_PAGES, maximum: FRAMES_PAGES });
    const bytes = new Uint8Array(this.memory.buffer);
    const header = new Uint32Array(this.memory.buffer, 0, HEADER_BYTES / 4);
    this.imports = {
      frames_begin: () => {
        header[0] = HEADER_BYTES;
        header[1] = bytes.length;
      },
      // What stands there is the program's word.
      frames_length: () => Math.min(header[0] as number, bytes.length),
      frames_take: (buf, at, n) => {
        const from = bytes.subarray(at, at + n);
        kernelMemory.put(buf, from);
        from.fill(0);
      },
      frames_put: (at, buf, n) => bytes.set(kernelMemory.view(buf, n), at),
      frames_wipe: (n) => {
        bytes.fill(0, 0, n);
      },
    };
  }
}
