// SPDX-License-Identifier: MIT
/** How strace writes values: strings, addresses, names of bits. */

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);

const isOctalDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x37;

/** Bytes as a C string literal. isCut: more bytes follow, which is said by three dots behind it. */
export function quote(bytes: Uint8Array, isCut = false): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const escaped = ESCAPES.get(byte);
    if (escaped !== undefined) text += escaped;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(isOctalDigit(bytes[i + 1]) ? 3 : 1, '0')}`;
  }
  return isCut ? `"${text}"...` : `"${text}"`;
}

export function hex(value: number | bigint): string {
  return `0x${(typeof value === 'number' ? value >>> 0 : value).toString(16)}`;
}

export function pointer(value: number): string {
  return value === 0 ? 'NULL' : hex(value);
}

export function octal(value: number): string {
  return value === 0 ? '0' : `0${(value >>> 0).toString(8)}`;
}

/** At least three characters, as the permissions of a file are written. */
export function permissions(value: number): string {
  return `0${(value >>> 0).toString(8).padStart(2, '0')}`;
}

/** Names of values: `values` are all that a name stands for. */
export interface NamedValues {
  /** Begins the names, for a value that has none. */
  readonly prefix: string;
  readonly values: Readonly<Record<string, number>>;
  /** The headers that define them, for the test of their values; '' when none does. */
  readonly header: string;
}

/** One of several values that exclude each other. */
export interface Enumeration extends NamedValues {
  readonly show: (value: number) => string;
}

/** Bits that may be set together. */
export interface Flags extends NamedValues {
  readonly show: (value: number) => string;
}

export const enumerations: Enumeration[] = [];

export function enumeration(header: string, prefix: string, values: Readonly<Record<string, number>>): Enumeration {
  const names = new Map<number, string>();
  for (const [name, value] of Object.entries(values)) if (!names.has(value >>> 0)) names.set(value >>> 0, name);
  const show = (value: number) => names.get(value >>> 0) ?? `${hex(value)} /* ${prefix}??? */`;
  const made = { header, prefix, values, show };
  enumerations.push(made);
  return made;
}

/**
 * Names are tried in their order, so that one with several bits goes before those it is made of. A name for 0 stands for no bit.
 */
export function flags(header: string, prefix: string, values: Readonly<Record<string, number>>): Flags {
  const list = Object.entries(values).map(([name, value]) => [name, value >>> 0] as const);
  const none = list.find(([, value]) => value === 0)?.[0] ?? '0';
  const show = (value: number) => {
    let rest = value >>> 0;
    if (rest === 0) return none;
    const names: string[] = [];
    for (const [name, bits] of list) {
      if (bits === 0 || (rest & bits) >>> 0 !== bits) continue;
      names.push(name);
      rest = (rest & ~bits) >>> 0;
    }
    if (names.length === 0) return `${hex(rest)} /* ${prefix}??? */`;
    return rest === 0 ? names.join('|') : `${names.join('|')}|${hex(rest)}`;
  };
  const made = { header, prefix, values, show };
  enumerations.push(made);
  return made;
}
