// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilerArguments, compilesOnly, hasInput, parseLink } from './arguments.ts';
import { UnsupportedOption } from './linker-options.ts';

test('a compilation, a preprocessing and a question about a version link nothing', () => {
  for (const args of [['-c', 'a.c'], ['-E', '-dM', 'a.c'], ['-S', 'a.c'], ['-M', 'a.c'], ['--version']]) {
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
  assert.deepEqual(parseLink(['-Wl,--defsym=x=1']).args, ['-Xlinker', '--defsym=x=1']);
  assert.deepEqual(parseLink(['-Wl,--relaxed,--no-such']).args, ['-Xlinker', '--relaxed', '-Xlinker', '--no-such']);
});

test('what ELF files have and a static wasm program has not is dropped in each way of writing it', () => {
  const dropped = [
    '-Wl,-soname,libx.so.1 -Wl,-soname=libx.so.1 -Wl,-h,libx.so.1 -Wl,-rpath,/lib -Wl,-R/lib -Wl,--rpath-link=/lib',
    '-Wl,-z,relro -Wl,-z,now -Wl,-zdefs -Wl,--hash-style=gnu -Wl,--hash-style,gnu -Wl,-Bsymbolic -Wl,-Bsymbolic-functions',
    '-Wl,--version-script=x.map -Wl,--version-script -Wl,x.map -Wl,--dynamic-list,x -Wl,-dynamic-linker,/lib/ld.so',
    '-Wl,-export-dynamic -Wl,-E -Wl,--start-group -Wl,--end-group -Wl,-(,-) -Wl,-O1 -Wl,--sort-common=ascending -Wl,--no-undefined',
    '-Wl,--disable-new-dtags -Wl,--icf=all -Wl,-plugin-opt=O2 -Wl,--compress-debug-sections=zlib -static-pie -fuse-ld=gold',
  ];
  for (const line of dropped) assert.deepEqual(parseLink(line.split(' ')).args, [], line);
});

test('what wasm-ld has reaches it', () => {
  const kept =
    '--build-id --build-id=sha1 --gc-sections --wrap=f -u=f -e=main --trace --fatal-warnings --allow-undefined'.split(
      ' ',
    );
  assert.deepEqual(
    parseLink([`-Wl,${kept.join(',')}`]).args,
    kept.flatMap((option) => ['-Xlinker', option]),
  );
  assert.deepEqual(parseLink(['-Wl,--build-id=md5']).args, ['-Xlinker', '--build-id=fast']);
});

test('a pushed state of the linker is popped as it was', () => {
  const line =
    '-Wl,--whole-archive,a.a,--push-state,--no-whole-archive,b.a,--pop-state,c.a,--push-state,--as-needed,--pop-state';
  assert.deepEqual(
    parseLink([line]).args.filter((word) => word !== '-Xlinker'),
    ['--whole-archive', 'a.a', '--no-whole-archive', 'b.a', '--whole-archive', 'c.a', '--whole-archive'],
  );
});

test('an object for a later link may be asked for through the linker', () => {
  for (const args of [['-r'], ['-Wl,-r'], ['-Wl,--relocatable']]) assert.ok(parseLink(args).relocatable);
});

test('options about the processor of this machine say nothing, 64-bit code is refused', () => {
  assert.deepEqual(compilerArguments(['-march=native', '-O2', '-mcpu=native', '-frecord-gcc-switches']), ['-O2']);
  assert.throws(() => compilerArguments(['-m64', '-c', 'a.c']), /-m64: programs are wasm32/);
});

test('a command line without files has nothing to link', () => {
  for (const args of [[], ['-v'], ['-O2', '-pthread']]) assert.ok(!hasInput(args), args.join(' '));
  for (const args of [['a.c'], ['-'], ['-Wl,--whole-archive,a.a'], ['-lfoo']])
    assert.ok(hasInput(args), args.join(' '));
});

test('whether the link makes code is for the last option to say', () => {
  assert.deepEqual(
    [['-flto'], ['-flto=thin'], ['-flto', '-fno-lto'], []].map((args) => parseLink(args).lto),
    [true, true, false, false],
  );
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
  assert.throws(() => parseLink(['-Wl,-Ttext=0', 'a.o']), /no linker scripts/);
});

test('the C++ libraries are linked unless they are declined, and need not be named', () => {
  assert.deepEqual(parseLink(['a.o', '-lstdc++', '-lstdc++fs', '-lc++', '-static-libstdc++']).args, ['a.o']);
  const { cxxLibraries, libc } = parseLink(['-nostdlib++']);
  assert.deepEqual([cxxLibraries, libc], [false, true]);
  for (const option of ['-nostdlib', '-nodefaultlibs']) assert.equal(parseLink([option]).cxxLibraries, false);
});
