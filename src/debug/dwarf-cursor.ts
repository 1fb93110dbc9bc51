// SPDX-License-Identifier: MIT
/** Reads the pieces that DWARF sections are made of: little-endian numbers, LEB128 numbers, strings. */

const utf8 = new TextDecoder();

/** Bytes of the longest string that is read. */
const LONGEST_TEXT = 4096;

/**
 * The debug information is not as the standard says, or larger than any that a compiler makes, or of a kind that this reader
 * does not know.
 */
export class MalformedDwarf extends Error {
  override readonly name = 'MalformedDwarf';
}

/** A cursor over a section. Every method reads at `position` and moves it on. */
export class DwarfCursor {
  readonly bytes: Uint8Array;
  position: number;
  /** Where what is being read ends. */
  readonly end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    // An offset may be no number at all: a sum of powers of two without end.
    if (!(position >= 0 && position <= end && end <= bytes.length))
      throw new MalformedDwarf('an offset leads out of its section');
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  u8(): number {
    if (this.position >= this.end) throw new MalformedDwarf('the section ends in the middle of something');
    return this.bytes[this.position++] as number;
  }

  /** An unsigned number of `size` bytes. Above 2^53 its low digits are lost. */
  uint(size: number): number {
    let value = 0;
    for (let index = 0, scale = 1; index < size; index++, scale *= 256) value += this.u8() * scale;
    return value;
  }

  /** An unsigned LEB128 number. Above 2^53 its low digits are lost. */
  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** A signed LEB128 number. */
  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return byte & 0x40 ? value - scale * 128 : value;
    }
  }

  /** A string that ends with a zero byte. */
  text(): string {
    const end = this.bytes.indexOf(0, this.position);
    if (end < 0 || end >= this.end) throw new MalformedDwarf('a string has no end');
    if (end - this.position > LONGEST_TEXT) throw new MalformedDwarf('a string has no reasonable end');
    const text = utf8.decode(this.bytes.subarray(this.position, end));
    this.position = end + 1;
    return text;
  }

  skip(count: number): void {
    if (!(count >= 0 && count <= this.end - this.position))
      throw new MalformedDwarf('the section ends in the middle of something');
    this.position += count;
  }

  /** Length of a unit, and a cursor over the rest of it, behind which this one is then. */
  unit(): DwarfCursor {
    const length = this.uint(4);
    if (length >= 0xfffffff0) throw new MalformedDwarf('the 64-bit format is not read');
    const begin = this.position;
    this.skip(length);
    return new DwarfCursor(this.bytes, begin, begin + length);
  }
}
