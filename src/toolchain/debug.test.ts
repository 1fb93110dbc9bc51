// SPDX-License-Identifier: MIT
/** Tools that read linked programs: those of LLVM whatever the passes have done, and debuggers, which want valid DWARF. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-debug-test-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs a command, which shall succeed and complain of nothing; what it says. */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, `${command} ${args.join(' ')}\n${stdout}`);
  return stdout;
}

/** What a program does decides which passes move its code: fork, jumps, loops that are polled. */
const FORKS = 'if (fork() == 0) _exit(0);';
const JUMPS = 'if (setjmp(place) == 0) longjmp(place, 1);';
const text = (...does: string[]) => `#include <setjmp.h>\n#include <stdio.h>\n#include <unistd.h>
  jmp_buf place;
  static int inlined(int x) { return x * x; }
  __attribute__((noinline)) int sum(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) sum += inlined(i);
    return sum;
  }
  int main(int argc, char **argv) { ${does.join(' ')} printf("%d\\n", sum(argc * 1000)); return 0; }\n`;
const THROWS = `#include <stdexcept>\n#include <string>\n#include <unistd.h>
  template <class T> T twice(T x) { if (x.empty()) throw std::runtime_error("empty"); return x + x; }
  int main(int argc, char **argv) {
    ${FORKS}
    try { return twice(std::string(argv[argc])).size(); } catch (std::exception &e) { return 0; }
  }\n`;

const PROGRAMS = { 'plain.c': text(), 'forks.c': text(FORKS), 'jumps.c': text(JUMPS, FORKS), 'throws.cpp': THROWS };

function build(source: string, ...options: string[]): string {
  writeFileSync(join(folder, source), PROGRAMS[source as keyof typeof PROGRAMS]);
  run(join(bin, source.endsWith('.c') ? 'wasmlinux-cc' : 'wasmlinux-c++'), ...options, source, '-o', 'program');
  return 'program';
}

for (const source of Object.keys(PROGRAMS)) {
  for (const options of ['-O0 -g', '-O2 -g', '-O2 -g -gdwarf-4', '-O2 -g -flto']) {
    test(`${source}, built ${options}, has valid DWARF with its lines`, () => {
      const program = build(source, ...options.split(' '));
      assert.match(run('llvm-dwarfdump-22', '--verify', program), /^No errors\.$/m);
      const lines = run('llvm-dwarfdump-22', '--debug-line', program);
      assert.match(lines, new RegExp(`name: "(?:.*/)?${source}"`));
      assert.match(lines, /^0x[0-9a-f]+ +\d+ +\d+ +\d+ /m);
    });
  }
  test(`${source}, without debug information: the tools of LLVM read it, and what they strip runs on`, () => {
    for (const option of ['-Wl,--wasmlinux-no-polls', '-Wl,--wasmlinux-mark-stores']) {
      const program = build(source, '-O2', option);
      assert.match(run(join(bin, 'wasmlinux-nm'), program), / T _start$/m);
      assert.match(run(join(bin, 'wasmlinux-objdump'), '-h', program), / wasmlinux\.abi /);
      run(join(bin, 'wasmlinux-size'), program);
      run(join(bin, 'wasmlinux-strip'), program, '-o', 'stripped');
      const stripped = new WebAssembly.Module(readFileSync(join(folder, 'stripped')));
      assert.equal(WebAssembly.Module.customSections(stripped, 'wasmlinux.abi').length, 1);
      assert.equal(WebAssembly.Module.customSections(stripped, 'name').length, 0);
    }
  });
}

interface DebugSymbols {
  readonly type: string;
  readonly externalURL?: string;
}

interface WasmScript {
  readonly scriptLanguage?: string;
  readonly debugSymbols?: readonly DebugSymbols[];
}

test("the engine's debugger finds the DWARF of a program, also of one that forks, or where it has gone", () => {
  const session = new Session();
  session.connect();
  after(() => session.disconnect());
  const found: DebugSymbols[] = [];
  session.on('Debugger.scriptParsed', ({ params }) => {
    // @types/node has the protocol of an older V8
    const { scriptLanguage, debugSymbols = [] } = params as WasmScript;
    if (scriptLanguage === 'WebAssembly') found.push(...debugSymbols);
  });
  session.post('Debugger.enable');
  const look = () => void new WebAssembly.Module(readFileSync(join(folder, 'program')));
  for (const source of ['plain.c', 'forks.c']) {
    build(source, '-O1', '-g');
    look();
  }
  run(join(bin, 'wasmlinux-strip'), 'program');
  run(join(bin, 'wasmlinux-objcopy'), '--add-gnu-debuglink=forks.debug', 'program');
  look();
  assert.deepEqual(
    found.map(({ type, externalURL }) => [type, externalURL]),
    [
      ['EmbeddedDWARF', undefined],
      ['EmbeddedDWARF', undefined],
      ['ExternalDWARF', 'forks.debug'],
    ],
  );
});
