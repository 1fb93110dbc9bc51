// SPDX-License-Identifier: MIT
/**
 * The kernel's memory as the host sees it: bytes, words and texts at addresses. It never grows, so views stay valid.
 */

import type { MemoryType } from '../wasm/builder.ts';

/** What a module that imports the memory needs. */
export type ImportedMemory = Pick<KernelMemory, 'memory' | 'type'>;

export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  readonly type: MemoryType;
  readonly size: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array;
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();

  /** size: bytes, a multiple of 64 KiB. Throws a RangeError when there is not so much. */
  constructor(size: number) {
    const pages = size / 65536;
    this.type = { minimum: pages, maximum: pages, shared: false };
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.size = size;
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#words = new Uint32Array(this.memory.buffer);
  }

  /** A view. Addresses come from wasm as signed numbers. */
  view(address: number, length: number): Uint8Array<ArrayBuffer> {
    const start = address >>> 0;
    return this.#bytes.subarray(start, start + (length >>> 0));
  }

  /** A copy that is nobody else's. */
  copy(address: number, length: number): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(length >>> 0);
    copy.set(this.view(address, length));
    return copy;
  }

  put(address: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, address >>> 0);
  }

  words(address: number, count: number): Uint32Array {
    const first = address >>> 2;
    return this.#words.slice(first, first + count);
  }

  putWords(address: number, words: readonly number[]): void {
    const first = address >>> 2;
    for (let i = 0; i < words.length; i++) this.#words[first + i] = words[i] as number;
  }

  word(address: number): number {
    return this.#words[address >>> 2] as number;
  }

  /** Opaque bytes as a string, one character a byte: a key of a Map. */
  key(address: number, length: number): string {
    return String.fromCharCode(...this.view(address, length));
  }

  text(address: number, length: number): string {
    return this.#decoder.decode(this.copy(address, length));
  }

  /** A NUL-terminated text; '' at address 0. */
  cString(address: number): string {
    const start = address >>> 0;
    const end = this.#bytes.indexOf(0, start);
    return start === 0 || end < 0 ? '' : this.text(start, end - start);
  }

  /** Stores at most `limit` bytes of a text, without NUL; how many. */
  putText(address: number, text: string, limit: number): number {
    const bytes = this.#encoder.encode(text).subarray(0, limit >>> 0);
    this.put(address, bytes);
    return bytes.length;
  }

  /** The same with a NUL behind it. */
  putCString(address: number, text: string, limit: number): void {
    this.#bytes[(address >>> 0) + this.putText(address, text, limit - 1)] = 0;
  }
}
