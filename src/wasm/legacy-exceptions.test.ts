// SPDX-License-Identifier: MIT
/** What the pass makes of modules that are written here is run: both forms are the engine's own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Writer } from './binary.ts';
import { ForeignTags, legacyExceptions } from './legacy-exceptions.ts';
import { readModule, type Section, writeModule } from './module.ts';

const I32 = 0x7f;
const EXNREF = 0x69;
const section = (id: number, ...payload: number[]): Section => ({ id, name: '', payload: Uint8Array.from(payload) });
const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];

/**
 * Types: 0 (i32) -> (), 1 (i32) -> (i32), 2 () -> (i32 exnref). Tags: cpp and longjmp. Functions: `throws`, which throws 8 by the
 * tag that its parameter names, and `f`, whose body is given; its local 1 is an exnref.
 */
function moduleOf(...body: number[]): Section[] {
  const throws = [0, 0x20, 0, 0x04, 0x40, 0x41, 8, 0x08, 1, 0x0b, 0x41, 8, 0x08, 0, 0x0b];
  const f = [1, 1, EXNREF, ...body, 0x0b];
  return [
    section(1, 3, 0x60, 1, I32, 0, 0x60, 1, I32, 1, I32, 0x60, 0, 2, I32, EXNREF),
    section(3, 2, 0, 1),
    section(13, 2, 0, 0, 0, 0),
    section(7, 1, ...text('f'), 0, 1),
    section(10, 2, throws.length, ...throws, f.length, ...f),
  ];
}

function f(sections: readonly Section[]): (parameter: number) => unknown {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(writeModule(sections)));
  const f = exports.f as (parameter: number) => unknown;
  return (parameter) => {
    try {
      return f(parameter);
    } catch (error) {
      return error instanceof WebAssembly.Exception ? 'thrown' : error;
    }
  };
}

/** Both modules' answers, which must be equal, for the tags cpp and longjmp. */
function answers(...body: number[]): unknown[] {
  const before = moduleOf(...body);
  const after = legacyExceptions(before).sections;
  const results = [0, 1].map(f(before));
  assert.deepEqual([0, 1].map(f(after)), results);
  return results;
}

const CALL = [0x20, 0, 0x10, 0];

test('a handler for one tag', () => {
  // block i32: try_table (catch cpp 0): call; end; 1; return; end; 100; add
  const body = [0x02, I32, 0x1f, 0x40, 1, 0, 0, 0, ...CALL, 0x0b, 0x41, 1, 0x0f, 0x0b, 0x41, 20, 0x6a];
  assert.deepEqual(answers(...body), [28, 'thrown']);
});

test('a handler for all', () => {
  const body = [0x02, 0x40, 0x1f, 0x40, 1, 2, 0, ...CALL, 0x0b, 0x0b, 0x41, 5];
  assert.deepEqual(answers(...body), [5, 5]);
});

test('a reference that is kept in a local and thrown again keeps its tag and value', () => {
  // the reference is caught, kept, thrown within a second try_table, which knows the tag longjmp
  const caught = [0x02, EXNREF, 0x1f, 0x40, 1, 3, 0, ...CALL, 0x0b, 0x00, 0x0b, 0x21, 1];
  const again = [0x02, I32, 0x1f, 0x40, 1, 0, 1, 0, 0x20, 1, 0x0a, 0x0b, 0x00, 0x0b, 0x41, 32, 0x6a];
  assert.deepEqual(answers(...caught, ...again), ['thrown', 40]);
});

test('a value and a reference together', () => {
  // block (type 2): try_table (catch_ref cpp 0)
  const body = [0x02, 2, 0x1f, 0x40, 1, 1, 0, 0, ...CALL, 0x0b, 0x00, 0x0b, 0x1a];
  assert.deepEqual(answers(...body), [8, 'thrown']);
});

test('code outside of handlers keeps its place among the moved instructions', () => {
  const sections = moduleOf(...[0x02, 0x40, 0x1f, 0x40, 1, 2, 0, ...CALL, 0x0b, 0x0b, 0x41, 5]);
  const { sections: after, moved } = legacyExceptions(sections);
  const [old, now] = [sections, after].map((all) => all.find(({ id }) => id === 10)?.payload ?? new Uint8Array());
  assert.equal(now?.[moved(old?.indexOf(0x10) ?? 0)], 0x10);
  assert.equal(now?.[moved(old?.lastIndexOf(0x41) ?? 0)], 0x41);
});

test('a module without exceptions stays as it is', () => {
  const sections = readModule(new Writer().put(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)).finish());
  assert.deepEqual(legacyExceptions(sections).sections, sections);
});

test('other tags than those of C++ and longjmp are refused', () => {
  const withTags = (...tags: number[]) =>
    moduleOf(0x41, 1).map((old) => (old.id === 13 ? section(13, tags.length / 2, ...tags) : old));
  assert.throws(() => legacyExceptions(withTags(0, 0, 0, 0, 0, 0)), ForeignTags);
  assert.throws(() => legacyExceptions(withTags(0, 0, 0, 2)), ForeignTags);
  assert.doesNotThrow(() => legacyExceptions(withTags(0, 0, 0, 0)));
});
