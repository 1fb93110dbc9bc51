// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FilterError, parseFilter } from './filter.ts';
import { entries, syscalls } from './syscalls.ts';

const all = [...syscalls, ...entries];
const selected = (...expressions: string[]) => {
  const { showsCall } = parseFilter(expressions);
  return all.filter(({ nr }) => showsCall(nr)).map(({ name }) => name);
};

test('without an expression everything is shown', () => {
  const filter = parseFilter([]);
  assert.equal(selected().length, all.length);
  assert.ok(filter.showsSignal(9) && filter.showsResult(undefined) && filter.showsResult(-2));
  assert.equal(filter.needsResult, false);
});

test('calls are chosen by name, by the name that C programs use, by group and by pattern', () => {
  assert.deepEqual(selected('close,write'), ['close', 'write']);
  assert.deepEqual(selected('trace=open,fork'), ['openat', 'fork']);
  assert.deepEqual(selected('t=/^recv'), ['recvfrom', 'recvmsg', 'recvmmsg_time64']);
  assert.ok(selected('%network').includes('socket') && selected('%net').length === selected('%network').length);
  assert.ok(selected('%process').includes('vfork') && !selected('%process').includes('read'));
  for (const group of ['file', 'process', 'network', 'signal', 'memory', 'desc', 'ipc']) {
    assert.deepEqual(selected(`trace=${group}`), selected(`%${group}`));
  }
  assert.deepEqual(selected('file,desc'), selected('%file,%desc'));
  assert.deepEqual(selected('lseek'), ['_llseek']);
  assert.deepEqual(selected('none'), []);
  assert.deepEqual(selected('?no_such_call,sync'), ['sync']);
});

test('an exclamation mark selects the others, and the last expression holds', () => {
  const others = selected('!%desc,%memory');
  assert.ok(!others.includes('read') && !others.includes('brk') && others.includes('getpid'));
  assert.deepEqual(selected('%file', 'trace=sync'), ['sync']);
});

test('signals and results are chosen too', () => {
  const { showsSignal, showsResult, needsResult } = parseFilter([
    'signal=INT,SIGTERM,RT_3',
    'status=failed,unfinished',
  ]);
  assert.deepEqual([2, 15, 35, 1].map(showsSignal), [true, true, true, false]);
  assert.deepEqual([0, 5, -2, undefined].map(showsResult), [false, false, true, true]);
  assert.equal(needsResult, true);
  assert.equal(parseFilter(['signal=!CHLD']).showsSignal(17), false);
});

test('mistakes are one line each', () => {
  for (const wrong of ['opne', 'trace=', '%nothing', '/(', 'signal=SIGNO', 'status=odd', 'read=3', 'trace=!']) {
    assert.throws(
      () => parseFilter([wrong]),
      (error) => error instanceof FilterError && /^-e[^\n]+$/.test(error.message),
      wrong,
    );
  }
});
