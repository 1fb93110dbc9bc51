// SPDX-License-Identifier: MIT
/** The types of arguments: how each is shown. The groups of calls (calls/) are written with these. */
import { type ArgumentKind, type ArgumentType, type Call, isError, longWord, signedWord, word } from './call.ts';
import * as files from './constants/files.ts';
import { messageFlags } from './constants/network.ts';
import { signalName } from './constants/signals.ts';
import { showControlMessages } from './control-message.ts';
import { type Layout, showArray, showAt, showBytes, showText } from './layout.ts';
import { showSocketAddress } from './sockaddr.ts';
import { deviceNumber, fileMode, iovecHeader, openFlagsText } from './structs.ts';
import { hex, octal, permissions, pointer } from './text.ts';

/** Bytes of a path that are shown: all that the kernel takes. */
const PATH_BYTES = 4095;
const O_CREAT = 0o100;
const O_TMPFILE = 0o20000000;

const scalar = (kind: ArgumentKind, show: (call: Call, at: number) => string): ArgumentType => ({
  kind,
  words: 1,
  isOutput: false,
  show,
});

const output = (type: ArgumentType): ArgumentType => ({
  ...type,
  isOutput: true,
  show: (call, at) => (isError(call.result) ? pointer(word(call, at)) : type.show(call, at)),
});

// Numbers

export const int = scalar('number', (call, at) => String(signedWord(call, at)));
export const uint = scalar('number', (call, at) => String(word(call, at)));
export const hexNumber = scalar('number', (call, at) => (word(call, at) === 0 ? '0' : hex(word(call, at))));
export const length = scalar('length', (call, at) => String(word(call, at)));
/** An address that is not looked at. */
export const anyPointer = scalar('pointer', (call, at) => pointer(word(call, at)));
export const int64: ArgumentType = {
  kind: 'number',
  words: 2,
  isOutput: false,
  show: (call, at) => String(BigInt.asIntN(64, longWord(call, at))),
};

export const pid = scalar('pid', (call, at) => String(signedWord(call, at)));
export const userId = scalar('number', (call, at) => String(signedWord(call, at)));
export const signal = scalar('signal', (call, at) => {
  const number = signedWord(call, at);
  return number === 0 ? '0' : signalName(number);
});
export const mode = scalar('number', (call, at) => permissions(word(call, at)));
export const typeAndMode = scalar('number', (call, at) => fileMode(word(call, at)));
export const device = scalar('number', (call, at) => deviceNumber(word(call, at)));

/** An argument that is only there in some cases. */
export const onlyIf = (condition: (call: Call) => boolean, type: ArgumentType): ArgumentType => ({
  ...type,
  isOptional: true,
  show: (call, at) => (condition(call) ? type.show(call, at) : ''),
});

/** The permissions of open(): only where a file may be made. flagsAt: the index of the flags' word. */
export const modeIfCreating = (flagsAt: number) =>
  onlyIf((call) => (word(call, flagsAt) & (O_CREAT | O_TMPFILE)) !== 0, mode);

// Descriptors

export const fd = scalar('fd', (call, at) => String(signedWord(call, at)));
const AT_FDCWD = -100;
export const folderFd = scalar('fd', (call, at) =>
  signedWord(call, at) === AT_FDCWD ? 'AT_FDCWD' : String(signedWord(call, at)),
);

// Names of bits

export const bits = (set: { readonly show: (value: number) => string }): ArgumentType =>
  scalar('flags', (call, at) => set.show(word(call, at)));
export const openFlags = scalar('flags', (call, at) => openFlagsText(word(call, at)));

/** One value in some bits, flags in the others. */
export const mixed = (
  mask: number,
  value: { readonly show: (value: number) => string },
  set: { readonly show: (value: number) => string },
): ArgumentType =>
  scalar('flags', (call, at) => {
    const all = word(call, at);
    const rest = (all & ~mask) >>> 0;
    const head = value.show(all & mask);
    return rest === 0 ? head : `${head}|${set.show(rest)}`;
  });

/** Flags with permissions in the lowest nine bits, as msgget() and its like have them. */
export const flagsWithMode = (set: { readonly show: (value: number) => string }): ArgumentType =>
  scalar('flags', (call, at) => {
    const rest = (word(call, at) & ~0o777) >>> 0;
    const low = word(call, at) & 0o777;
    return rest === 0 ? octal(low) || '0' : `${set.show(rest)}|${permissions(low)}`;
  });

// Texts

export const path = scalar('path', (call, at) => showText(call, word(call, at), PATH_BYTES));
/** A text that is cut at the limit for strings. */
export const string = scalar('string', (call, at) => showText(call, word(call, at), call.limit));
/** Bytes that the program gives: sizeAt is the index of the word that says how many. */
export const bytesIn = (sizeAt: number): ArgumentType =>
  scalar('pointer', (call, at) => showBytes(call, word(call, at), word(call, sizeAt)));
/** Bytes that the kernel gives: as many as the result says. */
export const bytesOut: ArgumentType = output(
  scalar('pointer', (call, at) => showBytes(call, word(call, at), Math.max(0, call.result))),
);
/** The same, but the result may be larger than the buffer (getxattr with size 0, MSG_TRUNC). */
export const bytesOutWithin = (sizeAt: number): ArgumentType =>
  output(
    scalar('pointer', (call, at) =>
      showBytes(call, word(call, at), Math.min(Math.max(0, call.result), word(call, sizeAt))),
    ),
  );
/** A path that the kernel gives, without a NUL: as long as the result says. */
export const pathOut = output(
  scalar('pointer', (call, at) => showBytes({ ...call, limit: PATH_BYTES }, word(call, at), Math.max(0, call.result))),
);
export const stringOut = output(scalar('pointer', (call, at) => showText(call, word(call, at), PATH_BYTES)));

// Structures

export const structIn = (layout: Layout): ArgumentType =>
  scalar('pointer', (call, at) => showAt(call, word(call, at), layout));
export const structOut = (layout: Layout): ArgumentType => output(structIn(layout));
/** In a pair of brackets, for pointers to one number: [3]. */
const bracketed = (layout: Layout): Layout => ({
  size: layout.size,
  show: (memory, at, call) => `[${layout.show(memory, at, call)}]`,
});
export const numberIn = (layout: Layout) => structIn(bracketed(layout));
export const numberOut = (layout: Layout) => structOut(bracketed(layout));
export const arrayIn = (layout: Layout, countAt: number): ArgumentType =>
  scalar('pointer', (call, at) => showArray(call, word(call, at), signedWord(call, countAt) >>> 0, layout));
export const arrayOut = (layout: Layout, count: (call: Call) => number): ArgumentType =>
  output(scalar('pointer', (call, at) => showArray(call, word(call, at), count(call), layout)));
export const resultCount = (call: Call) => Math.max(0, call.result);

// Vectors of buffers

function showVector(call: Call, at: number, count: number, available: number): string {
  let rest = available;
  const element: Layout = {
    size: iovecHeader.size,
    show: (memory, here) => {
      const size = memory.u32(here + 4);
      const text = showBytes(call, memory.u32(here), Math.min(size, Math.max(0, rest)));
      rest -= size;
      return `{iov_base=${text}, iov_len=${size}}`;
    },
  };
  return showArray(call, at, count, element);
}

export const vectorIn = (countAt: number): ArgumentType =>
  scalar('pointer', (call, at) => showVector(call, word(call, at), word(call, countAt), Number.POSITIVE_INFINITY));
export const vectorOut = (countAt: number): ArgumentType =>
  output(scalar('pointer', (call, at) => showVector(call, word(call, at), word(call, countAt), call.result)));

/** struct msghdr: name, iov and control data. */
function showMessage(call: Call, at: number, available: number): string {
  const { memory } = call;
  if (at === 0 || !memory.has(at, 28)) return pointer(at);
  const field = (offset: number) => memory.u32(at + offset);
  const parts = [
    `msg_name=${showSocketAddress(call, field(0), field(4))}`,
    `msg_namelen=${field(4)}`,
    `msg_iov=${showVector(call, field(8), field(12), available)}`,
    `msg_iovlen=${field(12)}`,
    ...(field(20) === 0 ? [] : [`msg_control=${showControlMessages(call, field(16), field(20))}`]),
    `msg_controllen=${field(20)}`,
    `msg_flags=${messageFlags.show(field(24))}`,
  ];
  return `{${parts.join(', ')}}`;
}

export const messageIn = scalar('pointer', (call, at) => showMessage(call, word(call, at), Number.POSITIVE_INFINITY));
export const messageOut = output(scalar('pointer', (call, at) => showMessage(call, word(call, at), call.result)));
/** struct mmsghdr: a message and the bytes that were sent or received. */
const messageWithLength = (available: boolean): Layout => ({
  size: 32,
  show: (memory, at, call) => {
    const bytes = memory.u32(at + 28);
    const text = showMessage(call, at, available ? bytes : Number.POSITIVE_INFINITY);
    return available ? `{msg_hdr=${text}, msg_len=${bytes}}` : `{msg_hdr=${text}}`;
  },
});
export const messagesIn = (countAt: number) => arrayIn(messageWithLength(false), countAt);
export const messagesOut = arrayOut(messageWithLength(true), resultCount);

// Socket addresses

export const socketAddressIn = (sizeAt: number): ArgumentType =>
  scalar('pointer', (call, at) => showSocketAddress(call, word(call, at), word(call, sizeAt)));
/** sizeAt: the index of the word with the address of the size. */
export const socketAddressOut = (sizeAt: number): ArgumentType =>
  output(
    scalar('pointer', (call, at) => {
      const size = word(call, sizeAt);
      return call.memory.has(size, 4) && size !== 0
        ? showSocketAddress(call, word(call, at), call.memory.u32(size))
        : pointer(word(call, at));
    }),
  );

// argv and envp

const ARGUMENTS_SHOWN = 32;

function stringsAt(call: Call, at: number): number[] | undefined {
  const pointers: number[] = [];
  for (let here = at; call.memory.has(here, 4); here += 4) {
    const string = call.memory.u32(here);
    if (string === 0) return pointers;
    pointers.push(string);
  }
  return undefined;
}

export const argumentVector = scalar('pointer', (call, at) => {
  const strings = stringsAt(call, word(call, at));
  if (!strings || word(call, at) === 0) return pointer(word(call, at));
  const shown = strings.slice(0, call.verbose ? strings.length : ARGUMENTS_SHOWN);
  const texts = shown.map((string) => showText(call, string, call.limit));
  return `[${[...texts, ...(shown.length < strings.length ? ['...'] : [])].join(', ')}]`;
});

export const environment = scalar('pointer', (call, at) => {
  const strings = stringsAt(call, word(call, at));
  if (!strings || word(call, at) === 0) return pointer(word(call, at));
  if (call.verbose) return `[${strings.map((string) => showText(call, string, call.limit)).join(', ')}]`;
  return `${pointer(word(call, at))} /* ${strings.length} var${strings.length === 1 ? '' : 's'} */`;
});

export const accessMode = bits(files.accessChecks);
