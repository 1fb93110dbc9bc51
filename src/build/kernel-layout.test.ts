// SPDX-License-Identifier: MIT
/** The checks of kernel-layout.ts, on small link maps of wasm-ld. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLayout } from './kernel-layout.ts';

const levels = ['0', '1', '2', '3', '4', '5', 'rootfs', '6', '7'];

type Entry = readonly [segment: string, size: number, starts: readonly string[], ends: readonly string[]];

/** The segments of a correct kernel, with the symbols at their start and end. */
const correct: readonly Entry[] = [
  ['.rodata', 0x100, ['__start_rodata'], ['__end_rodata']],
  ['.data', 0x200, ['_sdata'], ['_edata']],
  ['__stop_sched_class', 0x54, ['__sched_class_highest'], []],
  ...['dl', 'rt', 'fair', 'ext', 'idle'].map(
    (name): Entry => [`__${name}_sched_class`, name === 'ext' ? 0 : 0x54, [], []],
  ),
  ['__lowest_sched_class', 0, ['__sched_class_lowest'], []],
  ['__param', 0x14, [], []],
  ['.init.data', 0x40, ['__init_begin'], []],
  ['.init.setup', 0x18, ['__setup_start'], ['__setup_end']],
  ['.initcallearly.init', 8, ['__initcall_start'], []],
  ...levels.flatMap((level): Entry[] => [
    [`.initcall${level}.init`, 4, [`__initcall${level}_start`], []],
    [`.initcall${level}s.init`, 0, [], []],
  ]),
  ['.initcallend.init', 0, ['__initcall_end'], []],
  ['.con_initcall.init', 4, ['__con_initcall_start'], ['__con_initcall_end']],
  ['.initend', 0, ['__init_end'], []],
  ['.bss', 0x80, ['__bss_start'], ['__bss_stop']],
];

function line(address: number, size: number, indent: number, name: string): string {
  const column = (value: number): string => value.toString(16).padStart(8);
  return `${column(address)} ${column(0)} ${column(size)} ${' '.repeat(indent)}${name}\n`;
}

function linkMap(entries: readonly Entry[]): string {
  let address = 0x10000;
  let text =
    '    Addr      Off     Size Out     In      Symbol\n       -       10      100 CODE\n       -      110      100 DATA\n';
  for (const [name, size, starts, ends] of entries) {
    text += line(address, size, 0, name);
    text += line(address, size, 8, `vmlinux.a(init/main.o):(${name})`);
    for (const symbol of starts) text += line(address, 0, 16, symbol);
    address += size;
    for (const symbol of ends) text += line(address, 0, 16, symbol);
  }
  return text;
}

const without = (name: string): Entry[] => correct.filter(([segment]) => segment !== name);

/** The entries with one more before the named segment. */
function insertBefore(name: string, entry: Entry): Entry[] {
  const at = correct.findIndex(([segment]) => segment === name);
  return correct.toSpliced(at, 0, entry);
}

test('a kernel in the right order has no problems', () => {
  assert.deepEqual(checkLayout(linkMap(correct)), []);
});

test('a section that a newer kernel adds is named', () => {
  const map = linkMap(insertBefore('.init.data', ['.new_table', 8, [], []]));
  assert.deepEqual(checkLayout(map), ['section .new_table is not known: who walks it, and where must it lie?']);
});

test('a gap between two initcall levels is found', () => {
  const map = linkMap(insertBefore('.initcall6.init', ['.modinfo', 4, [], []]));
  assert.deepEqual(checkLayout(map), [
    'initcalls: .initcall6.init is at 0x10538, but .initcallrootfss.init ends at 0x10534',
  ]);
});

test('scheduling classes out of order are found', () => {
  const rt = correct.find(([segment]) => segment === '__rt_sched_class');
  assert.ok(rt);
  const moved = without('__rt_sched_class');
  moved.splice(
    moved.findIndex(([segment]) => segment === '__ext_sched_class'),
    0,
    rt,
  );
  assert.equal(checkLayout(linkMap(moved)).filter((problem) => problem.startsWith('scheduling classes')).length, 3);
});

test('a missing initcall level is found', () => {
  assert.deepEqual(checkLayout(linkMap(without('.initcall4s.init'))), [
    'initcalls: section .initcall4s.init is missing',
  ]);
});

test('data that is used after boot must not lie in what is freed', () => {
  const map = linkMap(insertBefore('.con_initcall.init', ['.ref.data', 8, [], []]));
  assert.deepEqual(checkLayout(map), ['section .ref.data is freed after boot']);
});

test('an object that is linked after lds_tail.o is noticed', () => {
  const late = correct.map(
    (entry): Entry =>
      entry[0] === '.init.setup' ? ['.init.setup', 0x18, ['__setup_start', '__setup_end'], []] : entry,
  );
  assert.deepEqual(checkLayout(linkMap(late)), [
    'symbol __setup_end is at 0x104f8, not at the end of .init.setup, 0x10510',
  ]);
});
