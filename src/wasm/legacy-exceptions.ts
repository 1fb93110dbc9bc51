// SPDX-License-Identifier: MIT
/**
 * Turns exceptions of the standard's final form into the legacy form, the only one that Binaryen's Asyncify reads, so that no
 * code stands in a handler. Asyncify can't leave a handler's body and come back to it; here every handler is one branch to
 * where the final form has its code already, outside.
 *
 *   before  try_table (catch $c 1) ... end
 *   after   try ... catch $c  br 2  end
 *
 * A reference to an exception can be kept in no memory, so a frame that holds one could not be left either. The tags of a
 * program are known, clang's two, and what they throw is one i32, the address of something aligned: that number, with the
 * tag's number in its lowest bit, stands in the place of the reference, and rethrowing throws anew.
 *
 *   before  try_table (catch_all_ref 1) ... end                              local.get $exnref  throw_ref
 *   after   try ... catch 0  br 2  catch 1  i32.const 1  i32.or  br 2  end   local.get $i32  (throw 0, or 1 without the bit)
 *
 * src/toolchain/asyncify.ts calls it; behind Asyncify Binaryen translates into the final form again.
 */

import { MalformedModule, Reader, Writer } from './binary.ts';
import { OP, skipImmediates } from './instructions.ts';
import { EXTERNAL, readImports, SECTION, type Section, sectionReader } from './module.ts';

const I32 = 0x7f;
const EXNREF = 0x69;
/** What `ref.null` calls the type: the same byte. */
const EXN = EXNREF;
const NO_RESULT = 0x40;
const I32_AND = 0x71;
const I32_OR = 0x72;
const I32_XOR = 0x73;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;

const CATCH = { tag: 0, tagRef: 1, all: 2, allRef: 3 } as const;

/** Tags that the lowest bit tells apart. */
const MOST_TAGS = 2;

/** The module has tags that are not clang's. */
export class ForeignTags extends Error {
  override readonly name = 'ForeignTags';
}

export interface LegacyModule {
  readonly sections: Section[];
  /** Where the instruction at an offset of the code section's contents is now. */
  readonly moved: (offset: number) => number;
}

/** A handler of a try_table: what it catches, and the label that it branches to, counted from outside. */
interface Handler {
  readonly kind: number;
  readonly tag: number;
  readonly label: number;
}

/** The parameters of each function type, and the section with exnref as i32. */
function rewriteTypes(section: Section): { readonly section: Section; readonly parameters: readonly number[][] } {
  const payload = section.payload.slice();
  const parameters = new Reader(payload).vector((reader) => {
    if (reader.byte() !== 0x60) throw new MalformedModule('a type is not a function type');
    const types = (): number[] =>
      reader.vector(() => {
        const type = reader.byte();
        if (type === EXNREF) payload[reader.position - 1] = I32;
        return type;
      });
    const result = types();
    types();
    return result;
  });
  return { section: { ...section, payload }, parameters };
}

class FunctionRewriter {
  readonly #reader: Reader;
  readonly #end: number;
  readonly #tags: number;
  readonly #scratch: number;
  readonly #moves: [number, number][] = [];
  readonly #writer = new Writer();
  /** Of each block that is open: its handlers, if it is a try_table. */
  readonly #blocks: (readonly Handler[])[] = [[]];
  /** Up to here the reader's bytes are written. */
  #copied = 0;

  /** The body between `reader` and `end`; `scratch` is a local of type i32 that nothing uses. */
  constructor(reader: Reader, end: number, tags: number, scratch: number) {
    this.#reader = reader;
    this.#end = end;
    this.#tags = tags;
    this.#scratch = scratch;
    this.#copied = reader.position;
  }

  /** The new body, and pairs of old and new offsets, the new ones counted from the body's begin. */
  rewrite(): { readonly bytes: Uint8Array; readonly moves: readonly [number, number][] } {
    const reader = this.#reader;
    this.#mark();
    while (reader.position < this.#end) {
      const at = reader.position;
      const op = reader.byte();
      if (op === OP.tryTable) this.#tryTable(at);
      else if (op === OP.end) this.#endOfBlock(at);
      else if (op === OP.throwRef) this.#replace(at, () => this.#throw());
      else if (op === OP.refNull && reader.bytes[reader.position] === EXN) {
        reader.byte();
        this.#replace(at, () => this.#writer.byte(OP.i32Const).byte(0));
      } else this.#other(op);
    }
    this.#copy(this.#end);
    return { bytes: this.#writer.finish(), moves: this.#moves };
  }

  /** Writes what has not been written before the offset. */
  #copy(upTo: number): void {
    this.#writer.put(this.#reader.bytes.subarray(this.#copied, upTo));
    this.#copied = upTo;
  }

  #mark(): void {
    this.#moves.push([this.#reader.position, this.#writer.length]);
  }

  /** Puts something in the place of the bytes from an offset up to the reader's. */
  #replace(at: number, write: () => void): void {
    this.#copy(at);
    write();
    this.#copied = this.#reader.position;
    this.#mark();
  }

  #other(op: number): void {
    const reader = this.#reader;
    const at = reader.position;
    skipImmediates(reader, op);
    if (op === OP.block || op === OP.loop || op === OP.if) {
      this.#blocks.push([]);
      if (reader.bytes[at] === EXNREF) this.#retype(at);
    } else if (op === OP.selectTyped && reader.bytes[at + 1] === EXNREF) this.#retype(at + 1);
    else if (op === OP.try || op === OP.delegate) throw new MalformedModule('it mixes both forms of exceptions');
  }

  /** Makes the byte at an offset, a type, i32. */
  #retype(at: number): void {
    this.#copy(at);
    this.#writer.byte(I32);
    this.#copied = at + 1;
  }

  #tryTable(at: number): void {
    const reader = this.#reader;
    const type = reader.position;
    reader.skipNumber();
    const typeEnd = reader.position;
    const handlers = reader.vector(() => {
      const kind = reader.byte();
      const tag = kind === CATCH.tag || kind === CATCH.tagRef ? reader.u32() : 0;
      return { kind, tag, label: reader.u32() };
    });
    this.#blocks.push(handlers);
    this.#replace(at, () => {
      const isExnref = typeEnd === type + 1 && reader.bytes[type] === EXNREF;
      // without a handler it is a block: `try ... end` is none
      this.#writer.byte(handlers.length > 0 ? OP.try : OP.block);
      this.#writer.put(isExnref ? Uint8Array.of(I32) : reader.bytes.subarray(type, typeEnd));
    });
  }

  #endOfBlock(at: number): void {
    const handlers = this.#blocks.pop() ?? [];
    if (handlers.length === 0) return;
    this.#replace(at, () => {
      for (const handler of handlers) this.#handler(handler);
      this.#writer.byte(OP.end);
    });
  }

  #handler({ kind, tag, label }: Handler): void {
    const writer = this.#writer;
    const branch = (): void => {
      // The handler stands inside the try, which is a label more.
      writer.byte(OP.br).u32(label + 1);
    };
    switch (kind) {
      case CATCH.tag:
        writer.byte(OP.catch).u32(tag);
        branch();
        break;
      case CATCH.tagRef:
        writer.byte(OP.catch).u32(tag).byte(LOCAL_TEE).u32(this.#scratch).byte(OP.localGet).u32(this.#scratch);
        this.#number(tag);
        branch();
        break;
      case CATCH.all:
        writer.byte(OP.catchAll);
        branch();
        break;
      default:
        for (let each = 0; each < this.#tags; each++) {
          writer.byte(OP.catch).u32(each);
          this.#number(each);
          branch();
        }
    }
  }

  /** Puts the tag's number into what it has thrown. */
  #number(tag: number): void {
    if (tag > 0) this.#writer.byte(OP.i32Const).byte(tag).byte(I32_OR);
  }

  /** throw_ref */
  #throw(): void {
    const writer = this.#writer;
    if (this.#tags > 1) {
      const get = (): Writer => writer.byte(OP.localGet).u32(this.#scratch).byte(OP.i32Const).byte(1);
      writer.byte(LOCAL_SET).u32(this.#scratch);
      get().byte(I32_AND).byte(OP.if).byte(NO_RESULT);
      get().byte(I32_XOR).byte(OP.throw).u32(1).byte(OP.end);
      writer.byte(OP.localGet).u32(this.#scratch);
    }
    writer.byte(OP.throw).u32(0);
  }
}

function usesFinalForm(reader: Reader, end: number): boolean {
  while (reader.position < end) {
    const op = reader.byte();
    if (op === OP.tryTable || op === OP.throwRef) return true;
    skipImmediates(reader, op);
  }
  return false;
}

/** Throws ForeignTags. */
export function legacyExceptions(sections: readonly Section[]): LegacyModule {
  const tags = sectionReader(sections, SECTION.tag).vector((reader) => {
    reader.byte();
    return reader.u32();
  });
  const typeSection = sections.find(({ id }) => id === SECTION.type);
  if (tags.length === 0 || !typeSection) return { sections: [...sections], moved: (offset) => offset };
  const { section: types, parameters } = rewriteTypes(typeSection);
  const throwsAddress = (type: number): boolean => parameters[type]?.join() === `${I32}`;
  const importsTag = readImports(sections).some(({ kind }) => kind === EXTERNAL.tag);
  if (tags.length > MOST_TAGS || importsTag || !tags.every(throwsAddress)) {
    throw new ForeignTags('it has other tags than those of C++ and longjmp');
  }
  const functionTypes = sectionReader(sections, SECTION.function).vector((reader) => reader.u32());
  const moves: [number, number][] = [];
  const code = new Writer();
  const reader = sectionReader(sections, SECTION.code);
  const count = reader.u32();
  code.u32(count);
  for (let index = 0; index < count; index++) {
    const size = reader.u32();
    const start = reader.position;
    const end = start + size;
    let locals = 0;
    const groups = reader.vector(() => {
      const length = reader.u32();
      locals += length;
      return { length, type: reader.byte() };
    });
    const body = reader.position;
    if (!usesFinalForm(reader, end)) {
      code.u32(size);
      moves.push([start, code.length]);
      code.put(reader.bytes.subarray(start, end));
      continue;
    }
    reader.position = body;
    const scratch = (parameters[functionTypes[index] ?? 0]?.length ?? 0) + locals;
    const rewritten = new FunctionRewriter(reader, end, tags.length, scratch).rewrite();
    const head = new Writer().u32(groups.length + 1);
    for (const { length, type } of groups) head.u32(length).byte(type === EXNREF ? I32 : type);
    const headBytes = head.u32(1).byte(I32).finish();
    code.u32(headBytes.length + rewritten.bytes.length);
    moves.push([start, code.length]);
    for (const [from, to] of rewritten.moves) moves.push([from, code.length + headBytes.length + to]);
    code.put(headBytes).put(rewritten.bytes);
  }
  const payload = code.finish();
  return {
    sections: sections.map((section) => {
      if (section.id === SECTION.type) return types;
      return section.id === SECTION.code ? { ...section, payload } : section;
    }),
    moved: (offset) => {
      let low = 0;
      for (let high = moves.length; high - low > 1; ) {
        const middle = (low + high) >>> 1;
        if ((moves[middle]?.[0] ?? 0) <= offset) low = middle;
        else high = middle;
      }
      const [from, to] = moves[low] ?? [0, 0];
      return offset - from + to;
    },
  };
}
