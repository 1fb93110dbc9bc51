// SPDX-License-Identifier: MIT
/**
 * The tracer's tables against the guest's own headers: the system calls that there are, the value of every constant, offset and
 * size of every structure, the numbers of errors. The compiler compares them.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../src/build/root.ts';
import { errorNumbers } from '../src/trace/errors.ts';
import { structures } from '../src/trace/layout.ts';
import { syscalls } from '../src/trace/syscalls.ts';
import { enumerations } from '../src/trace/text.ts';

const cc = join(root, 'bin', 'wasmlinux-cc');

/** What the compiler says of a source; with `-E`, what it prints. */
async function compile(source: string, ...flags: readonly string[]): Promise<{ output: string; errors: string }> {
  const child = spawn(cc, ['-D_GNU_SOURCE', '-D_LARGEFILE64_SOURCE', '-ferror-limit=0', ...flags, '-x', 'c', '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(source);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { output, errors };
}

const headerGroups = Map.groupBy(
  [...enumerations, ...structures].filter(({ header }) => header !== ''),
  ({ header }) => header,
);

test('the table has every system call of the kernel and no other', async () => {
  const { output } = await compile('#include <asm/unistd.h>\n', '-E', '-dM');
  const listed = [...output.matchAll(/^#define __NR_(\w+) (\d+)$/gm)]
    .map(([, name, number]) => `${number} ${name}`)
    .filter((line) => !line.endsWith(' syscalls'));
  assert.ok(listed.length > 300, `${listed.length} calls`);
  // strace, and all other 32-bit machines, have an underscore before llseek.
  const known = syscalls.map(({ nr, name }) => `${nr} ${name.replace(/^_/, '')}`);
  assert.deepEqual(known.toSorted(), listed.toSorted());
  assert.deepEqual(
    syscalls.map(({ nr }) => nr),
    syscalls.map(({ nr }) => nr).toSorted((a, b) => a - b),
  );
  assert.equal(new Set(syscalls.map(({ nr }) => nr)).size, syscalls.length);
});

test('no call has more than six words of arguments', () => {
  const tooLong = syscalls.filter((call) => call.arguments.reduce((sum, { words }) => sum + words, 0) > 6);
  assert.deepEqual(tooLong, []);
});

for (const [header, entries] of headerGroups) {
  test(`constants and structures are those of ${header}`, async () => {
    const assertions = entries.flatMap((entry) => {
      if ('values' in entry) {
        return Object.entries(entry.values).map(
          ([name, value]) => `_Static_assert((unsigned)(${name}) == ${value >>> 0}u, "${name}");`,
        );
      }
      const { cName, size, fields } = entry;
      return [
        `_Static_assert(sizeof(${cName}) == ${size}, "sizeof ${cName}");`,
        ...fields.flatMap(({ name, offset, layout }) => [
          `_Static_assert(__builtin_offsetof(${cName}, ${name}) == ${offset}, "${cName}.${name}");`,
          `_Static_assert(sizeof(((${cName} *)0)->${name}) >= ${layout.size}, "sizeof ${cName}.${name}");`,
        ]),
      ];
    });
    const includes = header.split(' ').map((name) => `#include <${name}>`);
    const source = [...includes, ...assertions, ''].join('\n');
    assert.equal((await compile(source, '-fsyntax-only')).errors, '');
  });
}

test('errors have their numbers', async () => {
  const { output } = await compile('#include <errno.h>\n', '-E', '-dM');
  const names = [...output.matchAll(/^#define (E[A-Z0-9]+) (\w+)$/gm)].map(([, name, value]) => [name, value] as const);
  const listed = names.filter(([, value]) => /^\d+$/.test(value ?? '')).map(([name, value]) => `${value} ${name}`);
  // Two names for one number: the kernel's is shown.
  const known = [...errorNumbers].map(([name, number]) => `${number} ${name}`);
  assert.deepEqual(known.toSorted(), listed.toSorted());
});
