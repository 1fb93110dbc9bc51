// SPDX-License-Identifier: MIT
/**
 * Preloaded (node --import) into a machine's thread: from then on the engine refuses memory of programs as a real one does that
 * has no more. A memory may begin with 8 MiB and grow to 25; the kernel's, which can't grow, is not meant.
 */
const MOST_AT_FIRST = 128;
const MOST = 400;

const { Memory } = WebAssembly;

WebAssembly.Memory = class extends Memory {
  constructor(type: WebAssembly.MemoryDescriptor) {
    if (type.initial !== type.maximum && type.initial > MOST_AT_FIRST) {
      throw new RangeError('WebAssembly.Memory(): could not allocate memory');
    }
    super(type);
  }

  override grow(pages: number): number {
    if (this.buffer.byteLength / 65536 + pages > MOST) {
      throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
    }
    return super.grow(pages);
  }
};
