// SPDX-License-Identifier: MIT
/** Text and bytes, by the names that Node has for encodings; a page has no Buffer. Used by files.ts and file-handle.ts. */

export type Encoding = 'utf8' | 'utf-8' | 'utf16le' | 'latin1' | 'base64' | 'hex';

const LATIN1_PIECE = 32768;

export function decode(bytes: Uint8Array, encoding: Encoding): string {
  switch (encoding) {
    case 'utf8':
    case 'utf-8':
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    case 'utf16le':
      return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(bytes);
    case 'latin1':
      return latin1(bytes);
    case 'base64':
      return btoa(latin1(bytes));
    case 'hex':
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    default:
      throw unknown(encoding);
  }
}

export function encode(text: string, encoding: Encoding = 'utf8'): Uint8Array<ArrayBuffer> {
  switch (encoding) {
    case 'utf8':
    case 'utf-8':
      return new TextEncoder().encode(text);
    case 'utf16le': {
      const view = new DataView(new ArrayBuffer(text.length * 2));
      for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), true);
      return new Uint8Array(view.buffer);
    }
    case 'latin1':
      return Uint8Array.from(text, (character) => character.charCodeAt(0));
    case 'base64':
      return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    case 'hex':
      return Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (digits) => Number.parseInt(digits, 16));
    default:
      throw unknown(encoding);
  }
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += LATIN1_PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + LATIN1_PIECE));
  }
  return text;
}

function unknown(encoding: never): TypeError {
  return new TypeError(`there is no encoding "${encoding}"; there are utf8, utf16le, latin1, base64 and hex`);
}
