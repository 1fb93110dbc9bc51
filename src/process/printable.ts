// SPDX-License-Identifier: MIT
/** Texts that programs may have had a hand in, for a terminal. Used for the host's log and for reports. */

/**
 * The text with everything that is no visible character, but the line's end, as an escape: a name in a module may hold sequences
 * that a terminal obeys, or that turn the direction of a line.
 */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
