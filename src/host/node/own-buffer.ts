// SPDX-License-Identifier: MIT
/** Whose memory bytes lie in. Called before memory is given away. */

/** The ArrayBuffer that holds these bytes and nothing else, or undefined: Node keeps small files in one that many share. */
export function ownBuffer({ buffer, byteLength }: Uint8Array): ArrayBuffer | undefined {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : undefined;
}
