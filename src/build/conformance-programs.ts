// SPDX-License-Identifier: MIT
/**
 * Step `conformancePrograms`: the conformance programs of the Open POSIX Test Suite, made by wasmlinux-cc. Output, with the
 * suite's own folders below conformance/: NAME.wasm; NAME.args for a test that is another one's program with arguments;
 * NAME.compiled when compiling was the test; NAME.failed, what the compiler said, for what does not compile or link. The work
 * folder keeps each result with a key of its own, so that an interrupted build goes on. tests/conformance runs the programs.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { TOOLS } from '../toolchain/target.ts';
import { compiler, compilerEnvironment, compilerInputs } from './compiler.ts';
import { sourcePosixTestSuite } from './debian/sources.ts';
import { libc } from './libc.ts';
import { type Step, type StepContext, StepError } from './step.ts';

/** As the suite's Makefile and LDFLAGS have it; without its -Wall -Werror, which is about compilers of its time. */
const FLAGS = ['-O2', '-w', '-std=gnu99', '-D_POSIX_C_SOURCE=200112L', '-D_GNU_SOURCE', '-Iinclude'];

/** What the suite takes for granted beside POSIX. */
const MENDED: readonly (readonly [RegExp, string])[] = [
  // POSIX lets <aio.h> and <mqueue.h> have what <fcntl.h> has, and glibc's do.
  [/^(?=[\s\S]*#include <(?:aio|mqueue)\.h>)/, '#include <fcntl.h>\n'],
  // The newest version of the standard has it, too.
  [/^#if _POSIX_ASYNCHRONOUS_IO != 200112L/gm, '#if _POSIX_ASYNCHRONOUS_IO < 200112L'],
  // A function can't be called with other parameters, or for another result, than it has: in WebAssembly, nor in C.
  [/^(void \*(?:a_)?thread_func(?:tion)?) *\( *\)/gm, '$1(void *unused)'],
  [/^(void (?:a_)?cleanup_func(?:tion)?\d?) *\( *\)/gm, '$1(void *unused)'],
  [/^((?:static )?void (?:sig_|alarm_|msg_)?handler) *\( *\)/gm, '$1(int unused)'],
];

/** A test that is only to be compiled has no main. */
const MAIN = /^\s*(?:int\s+|void\s+)?main\s*\(/m;

/** The lines of scripts that run a program with an argument. The other scripts say in which program something is tested. */
const CALL = /^[^#\n]*\/([\w-]+)\.test (\d+)$/m;

const RESULTS = ['wasm', 'compiled', 'failed'] as const;

/** The suite in the work folder, mended. */
function copySuite(context: StepContext): string {
  const suite = join(context.work, 'suite');
  rmSync(suite, { recursive: true, force: true });
  cpSync(context.output(sourcePosixTestSuite), suite, { recursive: true });
  for (const source of globSync('conformance/**/*.c', { cwd: suite })) {
    const path = join(suite, source);
    // Some names of authors are in Latin-1.
    const text = readFileSync(path, 'latin1');
    const mended = MENDED.reduce((before, [pattern, replacement]) => before.replace(pattern, replacement), text);
    if (mended !== text) writeFileSync(path, mended, 'latin1');
  }
  return suite;
}

/** What every program depends on: tools, flags, libc, and the files that programs include. */
function commonKey(context: StepContext, suite: string): string {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, context.output(libc)]));
  const paths = compilerInputs.flatMap((input) => ('path' in input ? [join(context.root, input.path)] : []));
  const tools = paths.flatMap((path) =>
    statSync(path).isFile() ? [path] : globSync('**/*', { cwd: path }).map((name) => join(path, name)),
  );
  const included = globSync('{include,conformance}/**/*.{c,h}', { cwd: suite, exclude: ['**/[0-9]*-*.c'] });
  for (const path of [...tools, ...included.map((name) => join(suite, name))].sort()) {
    if (statSync(path).isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** Compiles one test, unless the work folder has its result; puts that into the output. */
async function compile(context: StepContext, suite: string, common: string, source: string): Promise<void> {
  const text = readFileSync(join(suite, source), 'latin1');
  const key = createHash('sha256').update(common).update(text).digest('hex');
  const stem = source.replace(/\.c$/, '');
  const kept = join(context.work, 'results', stem);
  if (!existsSync(`${kept}.key`) || readFileSync(`${kept}.key`, 'utf8') !== key) {
    for (const kind of ['key', ...RESULTS]) rmSync(`${kept}.${kind}`, { force: true });
    mkdirSync(dirname(kept), { recursive: true });
    await compileAnew(context, suite, source, kept, MAIN.test(text));
    writeFileSync(`${kept}.key`, key);
  }
  mkdirSync(join(context.out, dirname(stem)), { recursive: true });
  for (const kind of RESULTS) {
    if (existsSync(`${kept}.${kind}`)) cpSync(`${kept}.${kind}`, join(context.out, `${stem}.${kind}`));
  }
}

async function compileAnew(
  context: StepContext,
  suite: string,
  source: string,
  target: string,
  isProgram: boolean,
): Promise<void> {
  const said: string[] = [];
  const output = `${target}.${isProgram ? 'wasm' : 'compiled'}`;
  try {
    await context.exec(compiler(context), [...FLAGS, source, ...(isProgram ? [] : ['-c']), '-o', output], {
      cwd: suite,
      env: compilerEnvironment(context),
      onLine: (line) => said.push(line),
    });
    if (!isProgram) writeFileSync(output, '');
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    rmSync(output, { force: true });
    writeFileSync(`${target}.failed`, said.join('\n'));
  }
}

/** The tests that are scripts around a program. */
function addScripts(context: StepContext, suite: string): void {
  for (const script of globSync('conformance/**/[0-9]*-[0-9]*.sh', { cwd: suite })) {
    const call = CALL.exec(readFileSync(join(suite, script), 'latin1'));
    if (!call) continue;
    const [, program = '', argument = ''] = call;
    const target = join(context.out, script.replace(/\.sh$/, ''));
    linkSync(join(dirname(target), `${program}.wasm`), `${target}.wasm`);
    writeFileSync(`${target}.args`, argument);
  }
  for (const helper of globSync('conformance/**/*-core-buildonly.wasm', { cwd: context.out })) {
    rmSync(join(context.out, helper));
  }
}

export const conformancePrograms: Step = {
  name: 'conformancePrograms',
  title: 'conformance programs',
  needs: [libc, sourcePosixTestSuite],
  inputs: [{ path: 'src/build/conformance-programs.ts' }, ...compilerInputs, { command: [TOOLS.clang, '--version'] }],
  async run(context) {
    const suite = copySuite(context);
    const common = commonKey(context, suite);
    const sources = globSync('conformance/**/[0-9]*-*.c', { cwd: suite }).sort();
    const total = sources.length;
    const worker = async (): Promise<void> => {
      for (let source = sources.pop(); source !== undefined; source = sources.pop()) {
        context.progress(total - sources.length, total, source);
        await compile(context, suite, common, source);
      }
    };
    await Promise.all(Array.from({ length: context.jobs }, worker));
    addScripts(context, suite);
  },
};
