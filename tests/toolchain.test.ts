// SPDX-License-Identifier: MIT
/**
 * What compiler options make of a program, seen in the guest: optimisation, link-time optimisation, sanitizers, stack protection,
 * vectors, and linking by hand. Which options exist and how they are read is tested beside the driver (src/toolchain).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../src/build/root.ts';
import { inspectModule } from '../src/process/inspect.ts';
import { describeResult, type GuestResult, runGuest } from './harness/guest.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-toolchain-test-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs a tool of bin/, which shall succeed and say nothing. */
function tool(name: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(join(root, 'bin', `wasmlinux-${name}`), args, { cwd: folder, encoding: 'utf8' });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, `${name} ${args.join(' ')}`);
}

function source(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

async function run(name: string, ...args: string[]): Promise<GuestResult> {
  return await runGuest([name, ...args], { program: readFileSync(join(folder, name)) });
}

async function prints(name: string, expected: string, ...args: string[]): Promise<void> {
  const result = await run(name, ...args);
  assert.equal(result.stdout, expected, describeResult(result));
  assert.equal(result.status, 0, describeResult(result));
}

/** Two files, with setjmp, fork, a thread, a signal's handler that jumps, thread-local storage and quad arithmetic. */
const MIXED = `
  #include <pthread.h>
  #include <setjmp.h>
  #include <signal.h>
  #include <stdio.h>
  #include <sys/time.h>
  #include <sys/wait.h>
  #include <unistd.h>
  long double twice(long double);
  static jmp_buf place;
  static sigjmp_buf from_handler;
  static _Thread_local int own = 1;
  static void *thread(void *arg) { own = 5; return (char *)arg + own; }
  static __attribute__((noinline)) void leave(int value) { if (value) longjmp(place, value); }
  static void on_alarm(int sig) { siglongjmp(from_handler, sig); }
  int main(int argc, char **argv) {
    int status, jumped = setjmp(place);
    if (jumped == 0) leave(argc);
    pthread_t t;
    void *result;
    pthread_create(&t, 0, thread, (void *)2);
    pthread_join(t, &result);
    signal(SIGALRM, on_alarm);
    volatile unsigned spins = 0;
    int alarmed = sigsetjmp(from_handler, 1);
    if (!alarmed) {
      setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = { 0, 10000 } }, 0);
      for (;;) spins++;
    }
    if (fork() == 0) _exit(own + 8);
    wait(&status);
    printf("%d %d %d %d %.1Lf\\n", jumped, (int)(long)result, alarmed == SIGALRM, WEXITSTATUS(status), twice(argc + 1.5L));
    return 0;
  }`;
const TWICE = 'long double twice(long double x) { return x * 2; }';

for (const level of [
  '-O0',
  '-O1',
  '-O2',
  '-O3',
  '-Os',
  '-Oz',
  '-Og -g',
  '-O2 -flto',
  '-O2 -flto=thin',
  '-O3 -msimd128',
]) {
  test(`a program with jumps, signals, fork and threads, built ${level}`, async () => {
    const options = level.split(' ');
    for (const [name, text] of Object.entries({ mixed: MIXED, twice: TWICE }))
      tool('cc', ...options, '-pthread', '-c', source(`${name}.c`, text), '-o', `${name}.o`);
    tool('cc', ...options, '-pthread', 'mixed.o', 'twice.o', '-o', 'mixed');
    await prints('mixed', '1 7 1 9 5.0\n');
  });
}

test('exceptions of C++ survive link-time optimisation', async () => {
  const text = `#include <stdexcept>\n#include <cstdio>\n#include <vector>
    struct Noisy { ~Noisy() { puts("destroyed"); } };
    int main(int argc, char **) {
      try { Noisy n; return std::vector<int>(3).at(argc + 5); } catch (std::out_of_range &) { puts("caught"); }
    }`;
  for (const option of ['-flto', '-flto=thin']) {
    tool('c++', '-O2', option, source('throws.cpp', text), '-o', 'throws');
    await prints('throws', 'destroyed\ncaught\n');
  }
});

test('a handler jumps out of a loop of C++, beside functions with exceptions, which work', async () => {
  const text = `#include <csetjmp>\n#include <csignal>\n#include <cstdio>\n#include <stdexcept>\n#include <string>\n#include <sys/time.h>
    static sigjmp_buf from_handler;
    static jmp_buf place;
    static void on_alarm(int sig) { siglongjmp(from_handler, sig); }
    __attribute__((noinline)) static int spins() {
      volatile unsigned spins = 0;
      int alarmed = sigsetjmp(from_handler, 1);
      if (alarmed) return alarmed;
      itimerval timer = {};
      timer.it_value.tv_usec = 10000;
      setitimer(ITIMER_REAL, &timer, 0);
      for (;;) spins = spins + 1;
    }
    __attribute__((noinline)) static int catches(int x) {
      try {
        std::string text(x, 'a');
        if (x > 3) throw std::runtime_error(text);
        return 1;
      } catch (std::exception &e) { return 2; }
    }
    __attribute__((noinline)) static int both(int x) {
      std::string text(x, 'b');
      if (setjmp(place)) return 9;
      try { throw x; } catch (int value) { return value + text.size(); }
    }
    int main(int argc, char **) {
      signal(SIGALRM, on_alarm);
      printf("%d %d %d %d\\n", spins() == SIGALRM, catches(argc), catches(argc + 4), both(argc + 4));
    }`;
  for (const level of ['-O0', '-O2']) {
    tool('c++', level, '-MD', '-c', source('jumps.cpp', text));
    tool('c++', 'jumps.o', '-o', 'jumps');
    await prints('jumps', '1 1 2 10\n');
  }
});

test('undefined behaviour is reported, or aborts, or traps', async () => {
  const text = `#include <limits.h>\n#include <stdio.h>
    int main(int argc, char **argv) {
      int sum = INT_MAX, array[3] = { 0 };
      sum += argc;
      printf("%d %d\\n", sum, 1 << (31 + argc));
      return array[argc + 3];
    }`;
  const build = async (...options: string[]) => {
    tool('cc', '-fsanitize=undefined', ...options, source('undefined.c', text), '-o', 'undefined');
    return await run('undefined');
  };
  const reported = await build();
  assert.match(reported.stdout, /^-2147483648 /);
  assert.equal(reported.stderr, 'ubsan: add-overflow\nubsan: shift-out-of-bounds\nubsan: out-of-bounds\n');
  const aborted = await build('-fno-sanitize-recover=all');
  assert.equal(aborted.status, 134, describeResult(aborted));
  assert.match(aborted.stderr, /^ubsan: add-overflow\n/);
  const trapped = await build('-fsanitize-trap=all');
  assert.equal(trapped.status, 132, describeResult(trapped));
  assert.doesNotMatch(trapped.stderr, /ubsan/);
});

test('a smashed stack is noticed', async () => {
  const text = `#include <stdio.h>\n#include <string.h>
    int main(int argc, char **argv) { char name[8]; strcpy(name, argv[1]); puts(name); return 0; }`;
  tool('cc', '-fstack-protector-strong', source('smashed.c', text), '-o', 'smashed');
  await prints('smashed', 'short\n', 'short');
  const smashed = await run('smashed', 'much-longer-than-that');
  assert.equal(smashed.status, 132, describeResult(smashed));
  tool('cc', '-fno-stack-protector', 'smashed.c', '-o', 'smashed');
  await prints('smashed', 'much-longer-than-that\n', 'much-longer-than-that');
});

test('vectors outlive a fork', async () => {
  const text = `#include <stdio.h>\n#include <sys/wait.h>\n#include <unistd.h>
    typedef float v4 __attribute__((vector_size(16)));
    int main(int argc, char **argv) {
      v4 a = { argc, 2, 3, 4 };
      for (int i = 0; i < 3; i++) {
        a = a * a + 1;
        if (i == 1 && fork() == 0) a *= 2;
      }
      if (wait(0) > 0) printf("then ");
      printf("%.0f %.0f\\n", a[0], a[3]);
      return 0;
    }`;
  for (const options of [['-O2'], ['-O2', '-msimd128']]) {
    tool('cc', ...options, source('vectors.c', text), '-o', 'vectors');
    await prints('vectors', '101 336401\nthen 26 84101\n');
  }
});

test('objects are linked by the linker itself, first to one and then with start file and libc by hand', async () => {
  const HELLO = '#include <stdio.h>\nint number(void);\nint main(void) { printf("%d\\n", number()); return 0; }\n';
  tool('cc', '-O2', '-c', source('main.c', HELLO), source('number.c', 'int number(void) { return 42; }\n'));
  tool('ld', '-r', 'main.o', 'number.o', '-o', 'both.o');
  const { stdout } = spawnSync(join(root, 'bin', 'wasmlinux-cc'), ['-print-file-name=crt1.o'], { encoding: 'utf8' });
  const dropped = ['--as-needed', '-soname', 'x', '-z', 'relro', '--hash-style=gnu', '--start-group'];
  tool('ld', ...dropped, stdout.trim(), 'both.o', '-lc', '-lclang_rt.builtins', '--end-group', '-o', 'by-hand');
  await prints('by-hand', '42\n');
});

test('programs of the profile "plain" own their memory, from the compiler and from the linker', async () => {
  const hello = join(root, 'tests', 'seed', 'hello-fd.c');
  const profile = '--wasmlinux-plain';
  tool('cc', '-fPIC', '-c', hello, '-o', 'plain.o');
  tool('cc', `-Wl,${profile}`, hello, '-o', 'plain-cc');
  tool('ld', profile, 'plain.o', '-o', 'plain-ld');
  // of libc there are only the helpers that the compiler calls
  tool(
    'cc',
    `-Wl,${profile}`,
    source('main.c', 'long double x = 21; int main(void) { return x * 2; }\n'),
    '-o',
    'quad',
  );
  for (const name of ['plain-cc', 'plain-ld', 'quad']) {
    const { profile, problems } = inspectModule(Uint8Array.from(readFileSync(join(folder, name))));
    assert.deepEqual({ profile, problems }, { profile: 'plain', problems: [] }, name);
  }
  await prints('plain-cc', 'hello, world!\n');
  await prints('plain-ld', 'hello, world!\n');
  assert.equal((await run('quad')).status, 42);
});

test('a program runs without its names and debug information, and says where the latter is', async () => {
  tool(
    'cc',
    '-g',
    source('lines.c', '#include <stdio.h>\nint main(void) { puts("lines"); return 0; }\n'),
    '-o',
    'lines',
  );
  tool('objcopy', '--only-keep-debug', 'lines', 'lines.debug');
  tool('strip', '--strip-unneeded', 'lines');
  tool('objcopy', '--add-gnu-debuglink=lines.debug', 'lines');
  const module = new WebAssembly.Module(readFileSync(join(folder, 'lines')));
  const link = WebAssembly.Module.customSections(module, 'external_debug_info')[0] ?? new ArrayBuffer(0);
  assert.equal(Buffer.from(link).toString('latin1'), '\x0blines.debug');
  assert.equal(WebAssembly.Module.customSections(module, '.debug_info').length, 0);
  await prints('lines', 'lines\n');
  tool('strip', 'lines');
  assert.equal(
    WebAssembly.Module.customSections(new WebAssembly.Module(readFileSync(join(folder, 'lines'))), 'wasmlinux.abi')
      .length,
    1,
  );
  await prints('lines', 'lines\n');
});
