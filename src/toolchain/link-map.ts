// SPDX-License-Identifier: MIT
/** Which object a place of a linked program comes from, by wasm-ld's map of the link (--Map). Called by link.ts for its errors. */

/** address or -, offset in the file, size, then the object with the section of it; all numbers are hexadecimal. */
const PIECE = /^ *(?:-|[0-9a-f]+) +([0-9a-f]+) +([0-9a-f]+) {9}(\S.*):\(.*\)$/;

/** Path of the object, or archive(member), that the byte at an offset of the file comes from; undefined: of none. */
export function objectAt(map: string, offset: number): string | undefined {
  for (const line of map.split('\n')) {
    const [, begin = '', size = '', object] = PIECE.exec(line) ?? [];
    const distance = offset - Number.parseInt(begin, 16);
    if (distance >= 0 && distance < Number.parseInt(size, 16)) return object === '<internal>' ? undefined : object;
  }
  return undefined;
}
