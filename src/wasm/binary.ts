// SPDX-License-Identifier: MIT
/**
 * Reading and writing the pieces that the WebAssembly binary format is made of: bytes, LEB128 integers, names, vectors.
 * Knows nothing of sections (module.ts) or instructions (instructions.ts).
 */

const utf8 = new TextDecoder('utf-8', { fatal: true });
const utf8Encoder = new TextEncoder();

/** What a module is, is not this: the bytes end early, or hold something that the reader does not know. */
export class MalformedModule extends Error {
  override readonly name = 'MalformedModule';
}

/** A cursor over bytes. Every method reads at `position` and moves it on. */
export class Reader {
  readonly bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get atEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.position++];
    if (value === undefined) throw new MalformedModule('the module ends in the middle of something');
    return value;
  }

  /** An unsigned LEB128 number of up to 32 bits. */
  u32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
    throw new MalformedModule('a number is longer than five bytes');
  }

  /** A signed LEB128 number of up to 32 bits. */
  s32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 28 && byte & 0x40 ? result | (-1 << (shift + 7)) : result;
    }
    throw new MalformedModule('a number is longer than five bytes');
  }

  /** Skips a LEB128 number of any size and sign. */
  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.bytes.length) throw new MalformedModule('the module ends in the middle of something');
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  text(): string {
    const bytes = this.take(this.u32());
    try {
      return utf8.decode(bytes);
    } catch {
      throw new MalformedModule('a name is not UTF-8');
    }
  }

  /** A vector: its length, then `element` that many times. */
  vector<T>(element: (reader: Reader, index: number) => T): T[] {
    const length = this.u32();
    const result: T[] = [];
    for (let index = 0; index < length; index++) result.push(element(this, index));
    return result;
  }
}

/** Grows a byte string. */
export class Writer {
  #bytes = new Uint8Array(256);
  #length = 0;

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  u32(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  put(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** A signed LEB128 number of up to 32 bits. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && !(low & 0x40)) || (rest === -1 && low & 0x40)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  text(value: string): this {
    const bytes = utf8Encoder.encode(value);
    return this.u32(bytes.length).put(bytes);
  }

  /** Begins again with nothing. */
  clear(): this {
    this.#length = 0;
    return this;
  }

  /** What is written; valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
