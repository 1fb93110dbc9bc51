// SPDX-License-Identifier: MIT
/** A little fuzzing in every test run; `npm run fuzz` goes on for as long as one likes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModule, writeModule } from '../src/wasm/module.ts';
import { tryForks } from './harness/fork-fuzz.ts';
import { tryLink } from './harness/link-fuzz.ts';
import { assemble } from './harness/wat.ts';
import { withFuel } from './hostile/fuel.ts';
import { fuzz } from './hostile/fuzz.ts';
import { makeInput } from './hostile/mutations.ts';

const INPUTS = 300;
const FORKING_PROGRAMS = 300;
const LINKED_PROGRAMS = 200;

test('hostile inputs, one after the other, hurt nobody else', async () => {
  const progress: string[] = [];
  const finding = await fuzz({ seed: 1, first: 0, goesOn: (i) => i < INPUTS, progress: (line) => progress.push(line) });
  assert.equal(finding, undefined);
  assert.match(progress.at(-1) ?? '', new RegExp(`^${INPUTS} inputs, no finding`));
});

test('the same seed gives the same inputs', () => {
  const corpus = [assemble('(module (memory (export "memory") 1) (func (export "_start")))')];
  for (let i = 0; i < 200; i++) assert.deepEqual(makeInput(5, i, corpus), makeInput(5, i, corpus));
  assert.notDeepEqual(makeInput(5, 0, corpus), makeInput(6, 0, corpus));
});

test('a module with fuel ends', () => {
  const module = assemble('(module (func (export "f") (loop (br 0))) (func (export "g") (call 0)))');
  for (const name of ['f', 'g']) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(writeModule(withFuel(readModule(module)))));
    assert.throws(exports[name] as () => void, /unreachable/);
  }
});

test('random programs that fork do the same when all their frames are left and come back', () => {
  let forks = 0;
  for (let seed = 0; seed < FORKING_PROGRAMS; seed++) forks += tryForks(seed).forks;
  assert.ok(forks > 100 * FORKING_PROGRAMS);
});

test('random programs do the same when they have gone through the whole link', () => {
  let polls = 0;
  for (let seed = 0; seed < LINKED_PROGRAMS; seed++) polls += tryLink(seed);
  assert.ok(polls > 10 * LINKED_PROGRAMS, `${polls} polls`);
});
