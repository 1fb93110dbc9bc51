// SPDX-License-Identifier: MIT
/** A program's memory, to be looked at only: every read is checked, for the addresses are the program's. */

export class UserMemory {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  has(address: number, length: number): boolean {
    return address >= 0 && length >= 0 && address + length <= this.bytes.length;
  }

  u8(address: number): number {
    return this.#view.getUint8(address);
  }

  u16(address: number): number {
    return this.#view.getUint16(address, true);
  }

  /** In network order. */
  be16(address: number): number {
    return this.#view.getUint16(address, false);
  }

  i32(address: number): number {
    return this.#view.getInt32(address, true);
  }

  u32(address: number): number {
    return this.#view.getUint32(address, true);
  }

  u64(address: number): bigint {
    return this.#view.getBigUint64(address, true);
  }

  i64(address: number): bigint {
    return this.#view.getBigInt64(address, true);
  }

  /** At most `limit` bytes up to a NUL; undefined when the address is bad. whole: the NUL was found. */
  cString(address: number, limit: number): { readonly bytes: Uint8Array; readonly whole: boolean } | undefined {
    if (!this.has(address, 1)) return undefined;
    const end = Math.min(address + limit, this.bytes.length);
    const nul = this.bytes.subarray(address, Math.min(end + 1, this.bytes.length)).indexOf(0);
    return { bytes: this.bytes.subarray(address, nul < 0 ? end : address + nul), whole: nul >= 0 };
  }
}
