// SPDX-License-Identifier: MIT
/**
 * Gives a module one more imported function. It becomes the last of the imported ones, so all functions of the module's own
 * move up by one, wherever they are named: calls, references, exports, the start, elements, names, branch hints.
 *
 *   before  (import "env" "a" (func $a)) (func $main call $a call $main)
 *   after   (import "env" "a" (func $a)) (import "env" "b" (func $b)) (func $main call $a call $main)
 */

import { Reader, Writer } from './binary.ts';
import { FUNCTION_TYPE } from './function-types.ts';
import { readBranchHints, withBranchHints } from './branch-hints.ts';
import { expressionEnd, OP, skipImmediates } from './instructions.ts';
import { readLocals } from './locals.ts';
import { EXTERNAL, findCustomSection, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { readFunctionNames, withFunctionNames, withMovedFunctionNames } from './names.ts';
import { withElement } from './sections.ts';
import { finish, Pace, type Steps } from './steps.ts';

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Copies code or a constant expression from `reader` up to `end` and moves up the functions that it names. */
function copyExpression(reader: Reader, end: number, writer: Writer, moved: (index: number) => number): void {
  let copied = reader.position;
  while (reader.position < end) {
    const op = reader.byte();
    if (op !== OP.call && op !== OP.returnCall && op !== OP.refFunc) {
      skipImmediates(reader, op);
      continue;
    }
    writer.put(reader.bytes.subarray(copied, reader.position)).u32(moved(reader.u32()));
    copied = reader.position;
  }
  writer.put(reader.bytes.subarray(copied, end));
}

type Rewrite = (reader: Reader, writer: Writer, moved: (index: number) => number) => void;

function* rewriteCode(...[reader, writer, moved]: Parameters<Rewrite>): Steps<void> {
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
    copyExpression(reader, end, body, moved);
    writer.u32(body.length).put(body.view());
    if (pace.isDone(reader.position)) yield;
  }
}

const rewriteElements: Rewrite = (reader, writer, moved) => {
  const count = reader.u32();
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    const flags = reader.u32();
    const isActive = !(flags & 1);
    writer.u32(flags);
    if (isActive && flags & 2) writer.u32(reader.u32());
    if (isActive) copyExpression(reader, expressionEnd(reader), writer, moved);
    if (flags & 3) writer.byte(reader.byte());
    const length = reader.u32();
    writer.u32(length);
    for (let element = 0; element < length; element++) {
      if (flags & 4) copyExpression(reader, expressionEnd(reader), writer, moved);
      else writer.u32(moved(reader.u32()));
    }
  }
};

const rewriteGlobals: Rewrite = (reader, writer, moved) => {
  const count = reader.u32();
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    writer.byte(reader.byte()).byte(reader.byte());
    copyExpression(reader, expressionEnd(reader), writer, moved);
  }
};

const rewriteExports: Rewrite = (reader, writer, moved) => {
  const count = reader.u32();
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    writer.text(reader.text());
    const kind = reader.byte();
    const item = reader.u32();
    writer.byte(kind).u32(kind === EXTERNAL.function ? moved(item) : item);
  }
};

const rewriteStart: Rewrite = (reader, writer, moved) => {
  writer.u32(moved(reader.u32()));
};

/** The sections that name functions by their indices, beside the code and the custom ones. */
const rewrites: ReadonlyMap<number, Rewrite> = new Map([
  [SECTION.global, rewriteGlobals],
  [SECTION.export, rewriteExports],
  [SECTION.start, rewriteStart],
  [SECTION.element, rewriteElements],
]);

export interface WithFunctionImport {
  readonly sections: readonly Section[];
  /** Of the imported function. */
  readonly index: number;
}

/** The module with the import; if it has it already, it stays as it is. */
export const withFunctionImport = (sections: readonly Section[], wanted: FunctionImport): WithFunctionImport =>
  finish(functionImportSteps(sections, wanted));

/** The same in pieces. */
export function* functionImportSteps(
  sections: readonly Section[],
  { module, name, params, results }: FunctionImport,
): Steps<WithFunctionImport> {
  const functions = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function);
  const present = functions.findIndex((entry) => entry.module === module && entry.name === name);
  if (present >= 0) return { sections, index: present };

  const index = functions.length;
  const moved = (old: number): number => (old >= index ? old + 1 : old);
  const rewritten: Section[] = [];
  for (const section of sections) {
    const reader = new Reader(section.payload);
    const writer = new Writer();
    const rewrite = section.id === SECTION.custom ? undefined : rewrites.get(section.id);
    if (section.id === SECTION.code) yield* rewriteCode(reader, writer, moved);
    else rewrite?.(reader, writer, moved);
    rewritten.push(writer.length > 0 ? { ...section, payload: writer.finish() } : section);
  }
  const type = sectionReader(sections, SECTION.type).u32();
  const withType = withElement(rewritten, SECTION.type, [
    FUNCTION_TYPE,
    params.length,
    ...params,
    results.length,
    ...results,
  ]);
  const entry = new Writer().text(module).text(name).byte(EXTERNAL.function).u32(type);
  const withImport = withElement(withType, SECTION.import, [...entry.view()]);
  const hints = new Map([...readBranchHints(sections)].map(([old, list]) => [moved(old), list]));
  const withHints = hints.size > 0 ? withBranchHints(withImport, hints) : withImport;
  if (!findCustomSection(sections, 'name')) return { sections: withHints, index };
  const named = withMovedFunctionNames(withHints, moved);
  return { sections: withFunctionNames(named, readFunctionNames(named).set(index, name)), index };
}
