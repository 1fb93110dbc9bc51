// SPDX-License-Identifier: MIT
/** The compiler as its users call it, with the sysroot that the last build made. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspectModule } from '../process/inspect.ts';
import { EXCEPTION_FLAVOUR, FORK_MODE, PREEMPTION_MODE, readAbiNote } from '../wasm/abi-note.ts';
import { readCallGraph } from '../wasm/call-graph.ts';
import { findCustomSection, LIMIT, readExports, readImports, readModule, type Section } from '../wasm/module.ts';
import { readFunctionNames } from '../wasm/names.ts';

const cc = fileURLToPath(new URL('../../bin/wasmlinux-cc', import.meta.url));
const cxx = fileURLToPath(new URL('../../bin/wasmlinux-c++', import.meta.url));
const ld = fileURLToPath(new URL('../../bin/wasmlinux-ld', import.meta.url));
const seed = fileURLToPath(new URL('../../tests/seed', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-cc-test-'));
after(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[]): Result {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

function source(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

/** Compiles and links; the program's sections. */
function link(name: string, text: string, ...options: string[]): Section[] {
  const result = run(cc, ['-O2', source(`${name}.c`, text), '-o', name, ...options]);
  assert.equal(result.stderr, '');
  assert.equal(result.status, 0);
  return readModule(readFileSync(join(folder, name)));
}

const HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n';
const FORKS = '#include <unistd.h>\nint main(void) { return fork() < 0; }\n';
const JUMPS = '#include <setjmp.h>\nstatic jmp_buf b;\nint main(void) { if (!setjmp(b)) longjmp(b, 1); return 0; }\n';

test('a program has the imports and exports of the profile "linux"', () => {
  const sections = link('hello', HELLO);
  const imports = readImports(sections);
  assert.deepEqual(
    imports.map(({ module, name }) => `${module}.${name}`),
    ['env.memory', 'env.wasmlinux_syscall32', 'env.wasmlinux_preempt'],
  );
  assert.deepEqual(
    readExports(sections)
      .map(({ name }) => name)
      .sort(),
    [
      '__indirect_function_table',
      '__stack_pointer',
      '__tls_base',
      '__wasm_poll_budget',
      '__wasm_preempt',
      '__wasm_thread_entry',
      '__wasm_tp',
      '_start',
      'memory',
    ],
  );
  assert.ok((statSync(join(folder, 'hello')).mode & 0o111) !== 0);
});

test('its memory is imported with a maximum and not shared', () => {
  const payload = readModule(readFileSync(join(folder, 'hello'))).find(({ id }) => id === 2)?.payload;
  const memory = readImports(readModule(readFileSync(join(folder, 'hello')))).find(({ name }) => name === 'memory');
  assert.equal(payload?.[memory?.limitsAt ?? 0], LIMIT.hasMaximum);
});

test('the ABI note tells stack size, modes and exception flavour', () => {
  assert.deepEqual(readAbiNote(link('plain', HELLO)), {
    version: 1,
    fork: FORK_MODE.none,
    preemption: PREEMPTION_MODE.polls,
    exceptions: EXCEPTION_FLAVOUR.none,
    stackSize: 262_144,
    cards: 0,
  });
  const jumps = readAbiNote(link('jumps', JUMPS, '-Wl,-z,stack-size=1048576'));
  assert.equal(jumps?.exceptions, EXCEPTION_FLAVOUR.exnref);
  assert.equal(jumps?.stackSize, 1_048_576);
});

test('a program has no polls yet when it can be debugged, and none at all when it asks for that', () => {
  const mode = (...options: string[]) => {
    const sections = link('modes', HELLO, ...options);
    const polls = readExports(sections).some(({ name }) => name === '__wasm_poll_budget');
    return [readAbiNote(sections)?.preemption, polls];
  };
  assert.deepEqual(mode('-g'), [PREEMPTION_MODE.none, false]);
  assert.deepEqual(mode('-g', '-Wl,-S'), [PREEMPTION_MODE.polls, true]);
  assert.deepEqual(mode('-Wl,--wasmlinux-no-polls'), [PREEMPTION_MODE.exempt, false]);
});

test('stores leave marks in a program that shares memory, or asks for it', () => {
  const hasMarks = (source: string, ...options: string[]) =>
    (readAbiNote(link('marks', source, ...options))?.cards ?? 0) > 0;
  const shares = '#include <sys/shm.h>\nint main(void) { return shmat(0, 0, 0) != 0; }';
  assert.equal(hasMarks(HELLO), false);
  assert.equal(hasMarks(HELLO, '-Wl,--wasmlinux-mark-stores'), true);
  assert.equal(hasMarks(shares), true);
  assert.equal(hasMarks(shares, '-Wl,--wasmlinux-no-mark-stores'), false);
  assert.equal(hasMarks(shares, '-g'), false);
  assert.equal(hasMarks(shares, '-Wl,--wasmlinux-no-polls'), false);
});

test('a program that forks can unwind and rewind, and has standard exceptions', () => {
  const sections = link('forks', FORKS);
  assert.equal(readAbiNote(sections)?.fork, FORK_MODE.frames);
  const names = readExports(sections).map(({ name }) => name);
  for (const name of ['start_unwind', 'stop_unwind', 'start_rewind', 'stop_rewind', 'get_state']) {
    assert.ok(names.includes(`asyncify_${name}`), name);
  }
  const both = `${JUMPS.replace('main', 'jump')}${FORKS.replace('return', 'return jump() +')}`;
  assert.equal(readAbiNote(link('forks-and-jumps', both))?.exceptions, EXCEPTION_FLAVOUR.exnref);
  assert.ok(WebAssembly.validate(readFileSync(join(folder, 'forks-and-jumps'))));
});

test('functions compiled with -mno-preempt have no polls', () => {
  const LOOP = 'void loop(volatile int *p) { while (*p) *p += 1; }';
  const MAIN = 'void loop(volatile int *); int main(int c, char **v) { loop(&c); return 0; }';
  const polls = (...options: string[]) => {
    for (const [name, text] of Object.entries({ loop: LOOP, main: MAIN })) source(`${name}.c`, text);
    assert.equal(run(cc, ['-O2', '-c', 'loop.c', '-o', 'loop.o', ...options]).stderr, '');
    assert.equal(run(cc, ['-O2', 'main.c', 'loop.o', '-o', 'loop']).stderr, '');
    const bytes = readFileSync(join(folder, 'loop'));
    assert.ok(WebAssembly.validate(bytes));
    const sections = readModule(bytes);
    const indices = new Map([...readFunctionNames(sections)].map(([index, name]) => [name, index]));
    return readCallGraph(sections).calls[indices.get('loop') ?? -1]?.has(indices.get('__wasm_poll_loop') ?? -1);
  };
  assert.equal(polls(), true);
  assert.equal(polls('-mno-preempt'), false);
  assert.match(run(cc, ['-mno-preempt', 'main.c', 'loop.o']).stderr, /compile with -c/);
});

test('functions that call setjmp have polls that the compiler knows, however they are compiled', () => {
  const POLL = '__sanitizer_cov_trace_pc';
  const functions = (sections: readonly Section[]) => [...readFunctionNames(sections).values()];
  assert.ok(functions(link('jumps', JUMPS)).includes(POLL));
  assert.ok(!functions(link('hello', HELLO)).includes(POLL));
  const both = `${JUMPS.replace('main', 'jump')} int main() { try { throw jump(); } catch (int) { return 0; } }`;
  assert.equal(run(cxx, [source('both.cpp', both), '-o', 'both']).status, 0);
  assert.ok(!functions(readModule(readFileSync(join(folder, 'both')))).includes(POLL), 'with exceptions');
  for (const options of [[], ['-o', 'other.o'], ['-oother.o']]) {
    const object = options.length > 0 ? 'other.o' : 'apart.o';
    assert.equal(run(cc, ['-c', ...options, source('apart.c', JUMPS)]).status, 0);
    assert.equal(run(cc, [object, '-o', 'apart']).status, 0);
    assert.ok(functions(readModule(readFileSync(join(folder, 'apart')))).includes(POLL), object);
  }
});

test('C++ is compiled and linked with its libraries, whatever libraries are named', () => {
  const text = `#include <stdexcept>\n#include <vector>
    int main(int argc, char **) { try { return std::vector<int>(3).at(argc); } catch (std::out_of_range &) { return 1; } }`;
  const file = source('throws.cpp', text);
  for (const args of [
    ['-O2', file, '-o', 'throws'],
    ['-c', '-O2', file, '-o', 'throws.o'],
    ['throws.o', '-o', 'throws', '-lstdc++', '-lm'],
  ]) {
    const result = run(cxx, args);
    assert.equal(result.stderr, '');
    assert.equal(result.status, 0);
  }
  const note = readAbiNote(readModule(readFileSync(join(folder, 'throws'))));
  assert.equal(note?.exceptions, EXCEPTION_FLAVOUR.exnref);
  assert.equal(note?.fork, FORK_MODE.none);
  assert.equal(run(cxx, ['-dumpmachine']).stdout, 'wasm32-unknown-linux-musl\n');
  assert.match(run(cxx, ['-print-file-name=libc++.a']).stdout, /lib\/libc\+\+\.a$/m);
});

test('without the C++ libraries C programs are made, and C++ says what to build', () => {
  const env = { ...process.env, WASMLINUX_CXX: folder };
  const file = source('no-libraries.c', HELLO);
  assert.equal(spawnSync(cc, [file, '-o', 'no-libraries'], { cwd: folder, env }).status, 0);
  for (const args of [[file], ['-c', file]]) {
    const result = spawnSync(cxx, args, { cwd: folder, env, encoding: 'utf8' });
    assert.equal(result.status, 1);
    assert.match(
      result.stderr,
      /^wasmlinux-c\+\+: there are no C\+\+ libraries in .*: build them with `npm run build -- libcxx`/,
    );
  }
});

test('a program that forks and has tags of its own is refused', () => {
  const tag = source('tag.s', '.tagtype mine i64\n.globl mine\nmine:\n');
  const text = `#include <unistd.h>
    void throws(void);
    __asm__(".tagtype mine i64\\n.globl throws\\n.type throws,@function\\nthrows:\\n.functype throws () -> ()\\n"
      "i64.const 1\\nthrow mine\\nend_function\\n");
    int main(void) { if (fork()) throws(); }`;
  const result = run(cc, [source('own-tag.c', text), tag, '-o', 'own-tag']);
  assert.equal(result.status, 1);
  assert.match(
    result.stderr,
    /^wasmlinux-cc: this program calls fork, but it throws exceptions with tags other than those of C\+\+ and longjmp/,
  );
  assert.ok(!existsSync(join(folder, 'own-tag')));
});

test('posix_spawn, system, popen and vfork need no unwinding', () => {
  const text = `#include <spawn.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>
    int main(int argc, char **argv) {
      if (vfork() == 0) _exit(0);
      return posix_spawn(0, argv[0], 0, 0, argv, 0) + system("true") + (popen("true", "r") != 0);
    }`;
  assert.equal(readAbiNote(link('spawns', text))?.fork, FORK_MODE.none);
});

test('each form of main is called', () => {
  for (const [name, main] of [
    ['none', 'int main(void) { return 0; }'],
    ['two', 'int main(int c, char **v) { return c; }'],
    ['three', 'int main(int c, char **v, char **e) { return e != v; }'],
  ] as const) {
    link(`main-${name}`, `${main}\n`);
  }
});

test('names of functions stay unless they are stripped', () => {
  assert.ok(findCustomSection(link('named', HELLO), 'name'));
  const stripped = link('stripped', HELLO, '-s');
  assert.equal(findCustomSection(stripped, 'name'), undefined);
  assert.equal(stripped.at(-1)?.name, 'wasmlinux.abi');
});

test('debug information is there when it is asked for, also in a program that forks, and only then', () => {
  const has = (sections: Section[]) => findCustomSection(sections, '.debug_line') !== undefined;
  // With a function of the compiler's runtime.
  const quad = 'volatile long double q = 1;\nint main(void) { q = q * q; return 0; }\n';
  assert.ok(!has(link('quad', quad)));
  assert.ok(has(link('quad-debug', quad, '-g')));
  assert.ok(!has(link('forks-bare', FORKS)));
  assert.ok(has(link('forks-debug', FORKS, '-g')));
  assert.ok(!has(link('forks-stripped', FORKS, '-g', '-Wl,-S')));
});

test('position independence is taken back, so there is no global offset table', () => {
  const text = 'int f(void) { return 0; }\nint (*volatile p)(void);\nint main(void) { p = f; return p(); }\n';
  link('pic', text, '-O0', '-fPIC', '-pie');
});

test('an object with a global offset table of its own gets constants for it', () => {
  const text = source(
    'foreign.c',
    `__attribute__((import_module("env"), import_name("wasmlinux_syscall32"))) int victim(unsigned, unsigned *);
    int (*address(void))(unsigned, unsigned *) { return victim; }
    int main(void) { return address() == 0; }`,
  );
  const foreign = ['--target=wasm32-unknown-unknown', '-matomics', '-mbulk-memory', '-fPIC', '-c', text];
  assert.equal(run('clang-22', foreign).status, 0);
  assert.deepEqual(run(cc, ['foreign.o', '-o', 'foreign']).stderr, '');
  assert.deepEqual(inspectModule(readFileSync(join(folder, 'foreign'))).problems, []);
});

test('imports come in the order of the ABI, whoever names them first', () => {
  const text = `#include <unistd.h>
    __attribute__((import_module("env"), import_name("wasmlinux_preempt"))) int wasmlinux_preempt(void);
    int main(void) { wasmlinux_preempt(); return fork() < 0 || vfork() < 0; }`;
  for (const options of [[], ['-g'], ['-flto']]) {
    link('imports', text, ...options);
    const { imports, problems } = inspectModule(readFileSync(join(folder, 'imports')));
    assert.deepEqual(
      imports.map(({ name }) => name),
      [
        'memory',
        'wasmlinux_syscall32',
        'wasmlinux_preempt',
        'wasmlinux_vfork',
        'wasmlinux_fork',
        'wasmlinux_frames',
      ].map((name) => `env.${name}`),
    );
    assert.deepEqual(problems, []);
  }
});

test('an address that can not be a constant is refused by symbol, function, object and line', () => {
  // what a dynamic linker would do
  const text = source(
    'assigns.s',
    `.text
.globl assign
.type assign,@function
assign:
  .functype assign () -> ()
  i32.const 1
  global.set counter@GOT
  end_function
.section .bss.counter,"",@
.globl counter
counter:
  .int32 0
.size counter, 4\n`,
  );
  const caller = source('assigns-main.c', 'void assign(void);\nint main(void) { assign(); return 0; }\n');
  assert.equal(run(cc, ['-g', '-c', text, '-o', 'assigns.o']).stderr, '');
  for (const [tool, args] of [
    [cc, ['-g', caller, 'assigns.o', '-o', 'assigns']],
    [ld, ['--wasmlinux-plain', '--export=assign', 'assigns.o', '-o', 'assigns']],
  ] as const) {
    const { status, stderr } = run(tool, args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^ {2}counter is assigned in assign of assigns\.o \(.*assigns\.s:7\)$/m);
    assert.ok(!existsSync(join(folder, 'assigns')));
  }
});

test('exceptions of the form that engines do not take beside ours are refused by function and object', () => {
  const text = source(
    'older.cpp',
    'void f(); int older(int x) { try { f(); } catch (int v) { return v; } return x; }\n',
  );
  const target = ['--target=wasm32-unknown-unknown', '-matomics', '-mbulk-memory', '-fwasm-exceptions'];
  const main = source('older-main.cpp', 'int older(int);\nvoid f() { throw 3; }\nint main() { return older(1); }\n');
  const build = (...options: string[]) => {
    assert.equal(run('clang-22', [...target, ...options, '-c', text, '-o', 'older.o']).stderr, '');
    return run(cxx, [main, 'older.o', '-o', 'older']);
  };
  assert.match(build().stderr, /^wasmlinux-c\+\+: exceptions of the older form.*\n {2}in older\(int\) of older\.o\n/);
  assert.ok(!existsSync(join(folder, 'older')));
  assert.deepEqual(build('-mllvm', '-wasm-use-legacy-eh=false'), { status: 0, stdout: '', stderr: '' });
});

test('a missing symbol is an error that names it', () => {
  const result = run(cc, [source('missing.c', 'int missing(void);\nint main(void) { return missing(); }\n')]);
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /undefined symbol: missing/);
});

test('a link to a device writes nothing else and leaves the device', () => {
  symlinkSync('/dev/null', join(folder, 'null'));
  const result = run(cc, [source('probe.c', HELLO), '-o', 'null']);
  assert.equal(result.status, 0, result.stderr);
  assert.ok(lstatSync(join(folder, 'null')).isSymbolicLink());
});

test('configure scripts learn the target, and where libraries are', () => {
  assert.equal(run(cc, ['-dumpmachine']).stdout, 'wasm32-unknown-linux-musl\n');
  const sysroot = run(cc, ['-print-sysroot']).stdout.trim();
  assert.ok(existsSync(join(sysroot, 'include', 'stdio.h')));
  assert.equal(run(cc, ['-print-file-name=libc.a']).stdout, `${sysroot}/lib/libc.a\n`);
  assert.equal(run(cc, ['-print-file-name=libnone.so']).stdout, 'libnone.so\n');
  assert.match(run(cc, ['--version']).stdout, /clang version 22/);
});

test('the tools, folders and versions that are asked for are those of this toolchain', () => {
  const ask = (...args: string[]) => run(cc, args).stdout.trim();
  for (const name of ['ld', 'ar', 'nm', 'objcopy', 'ranlib', 'strip'])
    assert.ok(ask(`-print-prog-name=${name}`).endsWith(`/bin/wasmlinux-${name}`), name);
  assert.equal(ask('-print-prog-name=cc1'), 'cc1');
  assert.equal(ask('-print-multi-lib'), '.;');
  assert.match(ask('-dumpversion'), /^22\./);
  assert.equal(ask('-dumpfullversion'), ask('-dumpversion'));
  assert.ok(existsSync(join(ask('-print-file-name=include'), 'stddef.h')));
  assert.match(ask('-print-search-dirs'), /^libraries: =.*\/lib$/m);
  assert.match(run(ld, ['-v']).stdout, /LLD 22.*GNU/);
  assert.deepEqual(run(cc, []).stderr, 'clang-22: error: no input files\n');
});

test('what would be done is shown and not done', () => {
  const { status, stderr } = run(cc, ['-###', source('shown.c', HELLO), '-o', 'shown']);
  assert.equal(status, 0);
  assert.match(stderr, /wasm-ld/);
  assert.match(stderr, /"--import-memory"/);
  assert.ok(!existsSync(join(folder, 'shown')));
});

test('several sources, standard input and options of GCC about this machine are compiled', () => {
  source('one.c', 'int one(void) { return 1; }\n');
  source('two.c', JUMPS.replace('main', 'two'));
  const { status, stderr } = run(cc, ['-c', '-march=native', '-pipe', 'one.c', 'two.c']);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  const names = (object: string) => run('llvm-nm-22', [object]).stdout;
  assert.doesNotMatch(names('one.o'), /__sanitizer_cov/);
  assert.match(names('two.o'), /__sanitizer_cov/);
  const fed = spawnSync(cc, ['-x', 'c', '-', '-o', 'fed'], { cwd: folder, input: HELLO, encoding: 'utf8' });
  assert.equal(fed.stderr, '');
  // what a compiler of another language asks of its linker
  const bare = run(cc, ['one.o', '-nostartfiles', '-nodefaultlibs', '-Wl,--no-entry', '-o', 'bare']);
  assert.deepEqual(bare, { status: 0, stdout: '', stderr: '' });
  assert.ok(existsSync(join(folder, 'fed')));
});

test('a source that calls setjmp is compiled so that jumps from handlers work, also from a response file and for the link', () => {
  const symbols = (object: string) => run('llvm-nm-22', [object]).stdout;
  source('jumps-args', '-O2 -c jumps.c -o jumps-args.o');
  source('jumps.c', JUMPS);
  assert.equal(run(cc, ['@jumps-args']).status, 0);
  assert.match(symbols('jumps-args.o'), /__sanitizer_cov_trace_pc/);
  assert.equal(run(cc, ['-O2', '-flto', '-c', 'jumps.c', '-o', 'jumps-lto.o']).status, 0);
  assert.match(symbols('jumps-lto.o'), /__sanitizer_cov_trace_pc/);
});

test('what can not be made is refused in one line', () => {
  for (const [option, why] of [
    ['-shared', 'there are no shared libraries'],
    ['-m64', 'programs are wasm32'],
    ['-Wl,-T,x.ld', 'wasm-ld has no linker scripts'],
  ] as const) {
    const { status, stderr } = run(cc, [option, source('refused.c', HELLO)]);
    assert.equal(status, 1);
    assert.ok(
      stderr.startsWith('wasmlinux-cc: ') && stderr.includes(why) && stderr.trim().split('\n').length === 1,
      stderr,
    );
  }
  assert.match(run(ld, ['-shared', 'a.o']).stderr, /^wasmlinux-ld: -shared: there are no shared libraries/);
});

test('a command line may be longer than the kernel takes', () => {
  source(
    'long-args',
    `${Array.from({ length: 40_000 }, (_, index) => `-DNAME_OF_A_MACRO_${index}="a b"`).join('\n')}\nlong.c -o long`,
  );
  source('long.c', HELLO);
  const result = run(cc, ['@long-args']);
  assert.equal(result.stderr, '');
  assert.ok(existsSync(join(folder, 'long')));
});

test('dependencies are written as they are asked for', () => {
  const result = run(cc, [
    '-MD',
    '-MF',
    'made.d',
    '-MT',
    'target',
    '-c',
    source('depends.c', HELLO),
    '-o',
    'depends.o',
  ]);
  assert.equal(result.stderr, '');
  assert.match(readFileSync(join(folder, 'made.d'), 'utf8'), /^target: depends\.c[\s\S]*stdio\.h/);
});

test('libraries that are part of libc may be asked for by name', () => {
  link('libraries', HELLO, '-lm', '-lpthread', '-lrt', '-ldl', '-lcrypt', '-lutil', '-lresolv', '-lc', '-lgcc');
});

test('the arguments may be in a response file', () => {
  source('args', '-O2 hello.c -o from-file\n');
  assert.equal(run(cc, ['@args']).status, 0);
  assert.ok(existsSync(join(folder, 'from-file')));
});

test('nothing is compiled with headers of the host', () => {
  const text = [
    'stdio.h stdlib.h string.h math.h complex.h tgmath.h stdatomic.h pthread.h signal.h sys/stat.h sys/socket.h netdb.h',
    'linux/shm.h linux/if.h linux/fs.h asm/unistd.h limits.h stdint.h stdarg.h',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `#include <${name}>\n`);
  const sysroot = run(cc, ['-print-sysroot']).stdout.trim();
  const resources = run('clang-22', ['-print-resource-dir']).stdout.trim();
  const { stderr, status } = run(cc, ['-H', '-fsyntax-only', source('headers.c', text.join(''))]);
  assert.equal(status, 0, stderr);
  const used = stderr.split('\n').flatMap((line) => /^\.+ (.*)$/.exec(line)?.[1] ?? []);
  assert.ok(used.length > 50);
  const foreign = used.filter(
    (path) => !path.includes(`${resources}/`) && !join(folder, path).includes(sysroot) && !path.startsWith(sysroot),
  );
  assert.deepEqual(foreign, []);
});

test("the seed's programs compile with plain clang and link with plain wasm-ld, without a libc", () => {
  for (const name of ['hello', 'hello-fd']) {
    const object = `seed-${name}.o`;
    const program = `seed-${name}.wasm`;
    const compiled = run('clang-22', ['--target=wasm32-unknown-unknown', '-c', join(seed, `${name}.c`), '-o', object]);
    assert.equal(compiled.status, 0, compiled.stderr);
    const linked = run('wasm-ld-22', ['--no-entry', '--export=__main_argc_argv', object, '-o', program]);
    assert.equal(linked.status, 0, linked.stderr);
    const sections = readModule(readFileSync(join(folder, program)));
    assert.deepEqual(
      readImports(sections).map((entry) => `${entry.module}.${entry.name}`),
      ['env.wasmlinux_syscall32'],
    );
    const exported = readExports(sections).map((entry) => entry.name);
    for (const wanted of ['memory', '__main_argc_argv']) assert.ok(exported.includes(wanted), wanted);
  }
});
