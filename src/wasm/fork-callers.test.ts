// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { findForkCallers } from './fork-callers.ts';
import { readModule } from './module.ts';
import { readFunctionNames } from './names.ts';

const callers = (functions: string, sealed: readonly string[] = []) => {
  const sections = readModule(
    assemble(`(module
        (type $int (func (result i32)))
        (type $void (func))
        (type $void1 (func (param i32)))
        (import "env" "fork" (func $fork (type $int)))
        (import "env" "other" (func $other (type $int)))
        (table 8 funcref)
        ${functions})`),
  );
  const names = readFunctionNames(sections);
  const found = findForkCallers(sections, 'env', 'fork', new Set(sealed));
  return [...found.functions].map((index) => names.get(index));
};

test('callers of callers are listed, others are not', () => {
  assert.deepEqual(
    callers(`
      (func $innocent (type $int) call $other)
      (func $direct (type $int) call $fork)
      (func $outer (type $int) i32.const 1 (if (result i32) (then call $direct) (else i32.const 0)))`),
    ['direct', 'outer'],
  );
});

test('an indirect call reaches functions of its own type that are in a table', () => {
  assert.deepEqual(
    callers(`
      (func $runs (type $void) call $fork drop)
      (elem (i32.const 4) $runs)
      (func $hidden (type $void1) call $fork drop)
      (func $indirect (type $int) i32.const 4 call_indirect (type $void) i32.const 0)
      (func $indirect1 (type $int) i32.const 0 i32.const 4 call_indirect (type $void1) i32.const 0)`),
    ['runs', 'hidden', 'indirect'],
  );
});

test('a function whose reference is taken counts as in a table', () => {
  assert.deepEqual(
    callers(`
      (func $runs (type $void) call $fork drop)
      (elem declare func $runs)
      (func $puts (type $void) i32.const 0 ref.func $runs table.set 0)
      (func $indirect (type $int) i32.const 0 call_indirect (type $void) i32.const 0)`),
    ['runs', 'indirect'],
  );
});

test('the indirect calls of a sealed function count for nothing, its direct ones do', () => {
  const functions = `
      (func $runs (type $void) call $fork drop)
      (elem (i32.const 4) $runs)
      (func $sort (type $void) i32.const 4 call_indirect (type $void))
      (func $sortAndFork (type $void) i32.const 4 call_indirect (type $void) call $fork drop)`;
  assert.deepEqual(callers(functions, ['sort', 'sortAndFork']), ['runs', 'sortAndFork']);
});

test('a program that never calls the import has no list', () => {
  assert.equal(findForkCallers(readModule(assemble('(module (func $f))')), 'env', 'fork', new Set()).functions.size, 0);
});
