// SPDX-License-Identifier: MIT
/**
 * Gives the functions of a module other indices, wherever they are named: calls, references, exports, the start, elements, names,
 * branch hints. Their imports and bodies stay where they are; that they come to stand where the new indices say is for the caller to
 * do: import-function.ts, import-order.ts.
 */

import { Reader, Writer } from './binary.ts';
import { readBranchHints, withBranchHints } from './branch-hints.ts';
import { expressionEnd, OP, skipImmediates } from './instructions.ts';
import { readLocals } from './locals.ts';
import { EXTERNAL, findCustomSection, SECTION, type Section } from './module.ts';
import { withMovedFunctionNames } from './names.ts';
import { finish, Pace, type Steps } from './steps.ts';

export interface Move {
  /** The new index of a function; no two have the same. */
  readonly moved: (index: number) => number;
  /** Each index in the code stays as long as it was, so that no code moves; for indices that do not grow. */
  readonly keepsLengths: boolean;
}

/** Of a number with this length before: the same length, if that is wanted and the number fits. */
function putIndex(writer: Writer, value: number, length: number): void {
  for (let i = 1; i < length; i++) writer.byte(((value >>> (7 * (i - 1))) & 0x7f) | 0x80);
  writer.u32(value >>> (7 * (length - 1)));
}

/** Copies code or a constant expression from `reader` up to `end` and moves the functions that it names. */
function copyExpression(reader: Reader, end: number, writer: Writer, { moved, keepsLengths }: Move): void {
  let copied = reader.position;
  while (reader.position < end) {
    const op = reader.byte();
    if (op !== OP.call && op !== OP.returnCall && op !== OP.refFunc) {
      skipImmediates(reader, op);
      continue;
    }
    writer.put(reader.bytes.subarray(copied, reader.position));
    const begin = reader.position;
    const index = moved(reader.u32());
    putIndex(writer, index, keepsLengths ? reader.position - begin : 1);
    copied = reader.position;
  }
  writer.put(reader.bytes.subarray(copied, end));
}

type Rewrite = (reader: Reader, writer: Writer, move: Move) => void;

function* rewriteCode(...[reader, writer, move]: Parameters<Rewrite>): Steps<void> {
  const body = new Writer();
  const pace = new Pace('bytes');
  const count = reader.u32();
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    const size = reader.u32();
    const end = reader.position + size;
    body.clear();
    const locals = reader.position;
    readLocals(reader);
    body.put(reader.bytes.subarray(locals, reader.position));
    copyExpression(reader, end, body, move);
    writer.u32(body.length).put(body.view());
    if (pace.isDone(reader.position)) yield;
  }
}

const rewriteElements: Rewrite = (reader, writer, move) => {
  const count = reader.u32();
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    const flags = reader.u32();
    const isActive = !(flags & 1);
    writer.u32(flags);
    if (isActive && flags & 2) writer.u32(reader.u32());
    if (isActive) copyExpression(reader, expressionEnd(reader), writer, move);
    if (flags & 3) writer.byte(reader.byte());
    const length = reader.u32();
    writer.u32(length);
    for (let element = 0; element < length; element++) {
      if (flags & 4) copyExpression(reader, expressionEnd(reader), writer, move);
      else writer.u32(move.moved(reader.u32()));
    }
  }
};

const rewriteGlobals: Rewrite = (reader, writer, move) => {
  const count = reader.u32();
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    writer.byte(reader.byte()).byte(reader.byte());
    copyExpression(reader, expressionEnd(reader), writer, move);
  }
};

const rewriteExports: Rewrite = (reader, writer, { moved }) => {
  const count = reader.u32();
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    writer.text(reader.text());
    const kind = reader.byte();
    const item = reader.u32();
    writer.byte(kind).u32(kind === EXTERNAL.function ? moved(item) : item);
  }
};

const rewriteStart: Rewrite = (reader, writer, { moved }) => {
  writer.u32(moved(reader.u32()));
};

/** The sections that name functions by their indices, beside the code and the custom ones. */
const rewrites: ReadonlyMap<number, Rewrite> = new Map([
  [SECTION.global, rewriteGlobals],
  [SECTION.export, rewriteExports],
  [SECTION.start, rewriteStart],
  [SECTION.element, rewriteElements],
]);

/** The module with the indices changed. */
export const withMovedFunctions = (sections: readonly Section[], move: Move): readonly Section[] =>
  finish(movedFunctionSteps(sections, move));

/** The same in pieces. */
export function* movedFunctionSteps(sections: readonly Section[], move: Move): Steps<readonly Section[]> {
  const rewritten: Section[] = [];
  for (const section of sections) {
    const reader = new Reader(section.payload);
    const writer = new Writer();
    const rewrite = section.id === SECTION.custom ? undefined : rewrites.get(section.id);
    if (section.id === SECTION.code) yield* rewriteCode(reader, writer, move);
    else rewrite?.(reader, writer, move);
    rewritten.push(writer.length > 0 ? { ...section, payload: writer.finish() } : section);
  }
  const hints = new Map([...readBranchHints(sections)].map(([old, list]) => [move.moved(old), list]));
  const withHints = hints.size > 0 ? withBranchHints(rewritten, hints) : rewritten;
  return findCustomSection(sections, 'name') ? withMovedFunctionNames(withHints, move.moved) : withHints;
}
