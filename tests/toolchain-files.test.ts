// SPDX-License-Identifier: MIT
/** The files of toolchain/ and pkg-config, as a project's build uses them; src/build/unported.ts builds whole programs with them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../src/build/root.ts';
import { COMPILE_FLAGS } from '../src/toolchain/target.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-toolchain-files-test-'));
after(() => rmSync(folder, { recursive: true }));

function run(command: string, args: readonly string[], env: Record<string, string> = {}): string {
  const result = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } });
  assert.equal(result.status, 0, `${command} ${args.join(' ')}\n${result.stdout}${result.stderr}${result.error ?? ''}`);
  return result.stdout;
}

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

for (const project of ['cmake', 'meson']) {
  write(`${project}/answer.c`, 'int answer(void) { return 42; }\n');
  write(
    `${project}/main.c`,
    '#include <stdio.h>\nint answer(void);\nint main(void) { printf("%d\\n", answer()); return answer() != 42; }\n',
  );
  write(`${project}/throws.cpp`, 'int main() { try { throw 1; } catch (int) { return 0; } return 1; }\n');
}

test('CMake builds static libraries and programs, whose tests run in the guest', () => {
  write(
    'cmake/CMakeLists.txt',
    `cmake_minimum_required(VERSION 3.16)
    project(answer C CXX)
    include(CheckFunctionExists)
    check_function_exists(fork HAVE_FORK)
    if(NOT HAVE_FORK OR NOT CMAKE_SIZEOF_VOID_P EQUAL 4 OR NOT UNIX)
      message(FATAL_ERROR "this is not the target")
    endif()
    find_library(foreign NAMES stdc++ gcc_s)
    if(foreign)
      message(FATAL_ERROR "a library of this machine: \${foreign}")
    endif()
    add_library(answer SHARED answer.c)
    add_executable(main main.c)
    target_link_libraries(main answer)
    add_executable(throws throws.cpp)
    enable_testing()
    add_test(NAME main COMMAND main)
    add_test(NAME throws COMMAND throws)\n`,
  );
  const toolchain = join(root, 'toolchain', 'wasmlinux.cmake');
  run('cmake', ['-Wno-dev', '--toolchain', toolchain, '-S', 'cmake', '-B', 'cmake-build', '-G', 'Ninja']);
  run('cmake', ['--build', 'cmake-build']);
  assert.equal(readFileSync(join(folder, 'cmake-build', 'libanswer.a'), 'latin1').slice(0, 7), '!<arch>');
  assert.match(run('ctest', ['--test-dir', 'cmake-build']), /100% tests passed, 0 tests failed out of 2/);
});

test('Meson builds programs, whose tests run in the guest', () => {
  write(
    'meson/meson.build',
    `project('answer', 'c', 'cpp')
    assert(host_machine.cpu_family() == 'wasm32' and meson.get_compiler('c').has_function('fork'))
    assert(meson.get_compiler('c').sizeof('void *') == 4)
    answer = library('answer', 'answer.c')
    test('main', executable('main', 'main.c', link_with: answer))
    test('throws', executable('throws', 'throws.cpp'))\n`,
  );
  const toolchain = join(root, 'toolchain');
  // Meson before 1.3 does not know where the file is
  const text = readFileSync(join(toolchain, 'wasmlinux.ini'), 'utf8');
  write('cross.ini', text.replaceAll('@DIRNAME@', toolchain));
  run('meson', ['setup', '--cross-file', 'cross.ini', 'meson-build', 'meson']);
  assert.match(run('meson', ['test', '-C', 'meson-build']), /^Ok: +2\b/m);
});

test('pkg-config finds what is named, and nothing of this machine', () => {
  write('packages/mine.pc', 'Name: mine\nDescription: mine\nVersion: 1.5\nLibs: -lmine\n');
  const tool = join(root, 'bin', 'wasmlinux-pkg-config');
  const version = run(tool, ['--modversion', 'mine'], { PKG_CONFIG_PATH: join(folder, 'packages') });
  assert.equal(version, '1.5\n');
  const known = run(tool, ['--list-all'], { PKG_CONFIG_PATH: join(folder, 'packages') });
  assert.match(known, /^mine +mine/);
  assert.equal(known.trim().split('\n').length, 1, known);
});

test("Rust's target specifications say of code and linker what clang is told", () => {
  for (const name of ['wasm32-wasmlinux', 'wasm32-wasmlinux-1.63']) {
    const target = JSON.parse(readFileSync(join(root, 'toolchain', 'rust', `${name}.json`), 'utf8'));
    assert.ok(COMPILE_FLAGS.includes(`--target=${target['llvm-target']}`));
    for (const feature of target.features.split(','))
      assert.ok(COMPILE_FLAGS.includes(feature.replace('+', '-m')), feature);
    assert.ok(existsSync(join(root, 'bin', target.linker)));
    assert.deepEqual([target.os, target.env, target['panic-strategy']], ['linux', 'musl', 'abort']);
  }
});
