// SPDX-License-Identifier: MIT
/**
 * What the table of system calls (syscalls.ts) is made of: a call has arguments, an argument has a type, and a type says how it
 * is shown and what it is (a descriptor, an address, a length), which is what a test that walks the table wants to know.
 */
import type { UserMemory } from './user-memory.ts';

/** One call as it happens. */
export interface Call {
  /** The six words of its arguments, unsigned. */
  readonly words: Uint32Array;
  readonly memory: UserMemory;
  /** Signed; a negative errno when it has failed. 0 while it has not returned. */
  readonly result: number;
  /** Bytes of a string that are shown. */
  readonly limit: number;
  /** Show structures and flags whole (strace -v)? Environments and long arrays are cut otherwise. */
  readonly verbose: boolean;
}

/**
 * What an argument is. `path` and `string` are addresses of NUL-terminated texts, `pointer` all other addresses; `length` counts
 * what a pointer of the same call points to.
 */
export type ArgumentKind = 'number' | 'flags' | 'fd' | 'length' | 'path' | 'string' | 'pointer' | 'signal' | 'pid';

export interface ArgumentType {
  readonly kind: ArgumentKind;
  /** Of the six words: two for 64 bits. */
  readonly words: 1 | 2;
  /** Is what it shows written by the kernel? Then it is shown when the call has returned. Another argument may decide it. */
  readonly isOutput: boolean | ((call: Call) => boolean);
  /** at: the index of its first word. '' hides it. */
  readonly show: (call: Call, at: number) => string;
  /** May `show` give ''? */
  readonly isOptional?: true;
}

/** What a filter selects by, as strace names them: -e trace=%file and so on. */
export const groups = [
  'file',
  'process',
  'network',
  'signal',
  'memory',
  'desc',
  'ipc',
  'creds',
  'clock',
  'stat',
] as const;
export type Group = (typeof groups)[number];

/** How a result is shown: a number, unless said otherwise. */
export type ResultKind = 'number' | 'hex' | 'octal' | 'never' | 'pid' | 'fd';

export interface SystemCall {
  readonly nr: number;
  readonly name: string;
  readonly arguments: readonly ArgumentType[];
  readonly groups: readonly Group[];
  readonly result: ResultKind | ((call: Call) => ResultKind);
  /** What is said in parentheses behind a result that is no error, or ''. */
  readonly note: ((call: Call) => string) | undefined;
}

export interface CallExtras {
  readonly result?: SystemCall['result'];
  readonly note?: (call: Call) => string;
}

/** An entry of the table. groups: the names with spaces between them. */
export function call(
  nr: number,
  name: string,
  argumentTypes: readonly ArgumentType[],
  groupNames = '',
  extras: CallExtras = {},
): SystemCall {
  return {
    nr,
    name,
    arguments: argumentTypes,
    groups: groupNames === '' ? [] : (groupNames.split(' ') as Group[]),
    result: extras.result ?? 'number',
    note: extras.note,
  };
}

export const isOutput = (type: ArgumentType, call: Call) =>
  typeof type.isOutput === 'function' ? type.isOutput(call) : type.isOutput;

/** Results from -4095 to -1 are errors. */
export const isError = (result: number) => result < 0 && result >= -4095;

export const word = (call: Call, at: number) => call.words[at] as number;
export const signedWord = (call: Call, at: number) => (call.words[at] as number) | 0;
export const longWord = (call: Call, at: number) => (BigInt(word(call, at + 1)) << 32n) | BigInt(word(call, at));
