// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilesOnly, parseLink, UnsupportedOption } from './arguments.ts';

test('a compilation, a preprocessing and a question about a version link nothing', () => {
  for (const args of [['-c', 'a.c'], ['-E', '-dM', 'a.c'], ['-S', 'a.c'], ['-M', 'a.c'], ['--version'], ['-v']]) {
    assert.ok(compilesOnly(args), args.join(' '));
  }
  for (const args of [['a.c'], ['-MD', 'a.c'], ['-v', 'a.o']]) assert.ok(!compilesOnly(args), args.join(' '));
});

test('the output is a.out unless it is named', () => {
  assert.equal(parseLink(['a.c']).output, 'a.out');
  assert.equal(parseLink(['a.c', '-o', 'a']).output, 'a');
  assert.equal(parseLink(['-oa', 'a.c']).output, 'a');
});

test('what GNU ld alone knows and a static program does not need is dropped, with its value', () => {
  const { args } = parseLink([
    'a.o',
    '-static',
    '-pie',
    '-rdynamic',
    '-Wl,--as-needed,-z,relro,-z,now,-lm',
    '-Wl,--start-group',
    '-Wl,-rpath,/lib',
    '-Wl,-rpath',
    '-Wl,/usr/lib',
    '-Xlinker',
    '--sort-section',
    '-Xlinker',
    'alignment',
    '-lgcc',
    'b.o',
  ]);
  assert.deepEqual(args, ['a.o', '-Xlinker', '-lm', 'b.o']);
});

test('an option that is not known reaches the linker, which refuses it', () => {
  assert.deepEqual(parseLink(['-Wl,--version-script=x']).args, ['-Xlinker', '--version-script=x']);
});

test('a map file is asked for in the way of wasm-ld', () => {
  assert.deepEqual(parseLink(['-Wl,-Map,a.map']).args, ['-Xlinker', '--Map=a.map']);
});

test('the stack has 256 KiB unless told', () => {
  assert.equal(parseLink([]).stackSize, 262_144);
  assert.equal(parseLink(['-Wl,-z,stack-size=4194304']).stackSize, 4_194_304);
  assert.equal(parseLink(['-z', 'stack-size=65536']).stackSize, 65_536);
  assert.equal(parseLink(['-Wl,-zstack-size=65536']).stackSize, 65_536);
  assert.throws(() => parseLink(['-Wl,-z,stack-size=much']), UnsupportedOption);
});

test('stripping is done after the passes, so the linker is not told', () => {
  assert.equal(parseLink(['-s']).strip, 'all');
  assert.equal(parseLink(['-Wl,-s']).strip, 'all');
  assert.equal(parseLink(['-Wl,-S']).strip, 'debug');
  assert.deepEqual(parseLink(['-s', '-Wl,--strip-all', '-Wl,-S']).args, []);
});

test('start file and libc can be left out, one or both', () => {
  const without = (option: string) => {
    const { startFile, libc } = parseLink([option]);
    return { startFile, libc };
  };
  assert.deepEqual(without('-nostdlib'), { startFile: false, libc: false });
  assert.deepEqual(without('-nostartfiles'), { startFile: false, libc: true });
  assert.deepEqual(without('-nodefaultlibs'), { startFile: true, libc: false });
});

test('a shared library and a linker script are refused with the reason', () => {
  assert.throws(() => parseLink(['-shared', 'a.o']), /no shared libraries/);
  assert.throws(() => parseLink(['-Wl,-shared', 'a.o']), /no shared libraries/);
  assert.throws(() => parseLink(['-T', 'script', 'a.o']), /no linker scripts/);
});

test('the C++ libraries are linked unless they are declined, and need not be named', () => {
  assert.deepEqual(parseLink(['a.o', '-lstdc++', '-lc++', '-static-libstdc++']).args, ['a.o']);
  const { cxxLibraries, libc } = parseLink(['-nostdlib++']);
  assert.deepEqual([cxxLibraries, libc], [false, true]);
  for (const option of ['-nostdlib', '-nodefaultlibs']) assert.equal(parseLink([option]).cxxLibraries, false);
});
