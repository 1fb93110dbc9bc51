// SPDX-License-Identifier: MIT
/**
 * The npm package as its users have it: packed, installed into an empty folder without a network, and used with Node 26 and
 * nothing else: the command, the library's example of README.md, its types, a page that a bundler makes of it.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { currentReference, MOST_PACKED, type Packed, pack } from '../src/build/release.ts';
import { root } from '../src/build/root.ts';
import { PageHost } from './harness/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-package-'));
const installed = join(folder, 'node_modules/wasmlinux');
let packed: Packed;

before(() => {
  packed = pack(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const args = ['install', '--offline', '--no-audit', '--no-fund', packed.path];
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
});
after(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in the folder, with this Node in the PATH and nothing else. */
function command(file: string, ...args: string[]): Promise<Outcome> {
  // The shells that start a command by its first line look for env and sh.
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder, TMPDIR: folder };
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ status: error ? (error.signal ?? error.code ?? null) : 0, stdout, stderr });
    });
    child.stdin?.end();
  });
}

const wasmlinux = (...args: string[]) => command(join(folder, 'node_modules/.bin/wasmlinux'), ...args);

test('it is small, whole, and installs without running anything', () => {
  assert.ok(packed.size <= MOST_PACKED, `${packed.size} bytes`);
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  assert.equal(manifest.scripts, undefined);
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies'])
    assert.equal(manifest[kind], undefined);
  const named = [...Object.values<unknown>(manifest.exports), ...Object.values<unknown>(manifest.bin)]
    .flatMap((target) => JSON.stringify(target).match(/[^"]*dist\/[^"]*/g) ?? [])
    .map((path) => path.replace(/^\.\//, ''));
  assert.deepEqual(
    named.filter((path) => !packed.files.includes(path)),
    [],
  );
  // No TypeScript but declarations is to be run, and no test is shipped.
  assert.deepEqual(
    packed.files.filter((path) => /\.test\.|^(?!source\/).*(?<!\.d)\.ts$/.test(path)),
    [],
  );
});

test('it says what is in its binary files, and brings licences and our part of the source', () => {
  const offer = readFileSync(join(installed, 'SOURCES.md'), 'utf8');
  for (const [name, version] of [
    ['linux-6.12', String.raw`6\.12\.\d+-\S+`],
    ['busybox', String.raw`1:1\.37\.0-\S+`],
    ['bash', String.raw`5\.3-\S+`],
    ['dash', String.raw`0\.5\.12-\S+`],
    ['musl', String.raw`1\.2\.5-\S+`],
    ['llvm-toolchain-22', String.raw`1:22\.1\.8-\S+`],
  ] as const) {
    assert.match(offer, new RegExp(`\\| \`${name}\` ${version} \\| <https://snapshot\\.debian\\.org/package/${name}/`));
  }
  assert.match(offer, /at least three years/);
  assert.match(
    readFileSync(join(installed, 'licenses/GPL-2.0'), 'utf8'),
    /GNU GENERAL PUBLIC LICENSE\s+Version 2, June 1991/,
  );
  assert.match(
    readFileSync(join(installed, 'licenses/bash'), 'utf8'),
    /GNU GENERAL PUBLIC LICENSE\s+Version 3, 29 June 2007/,
  );
  for (const path of [
    'kernel/patches/series',
    'kernel/wasmlinux.config',
    'libc/patches/series',
    'src/build/kernel.ts',
  ]) {
    assert.ok(packed.files.includes(`source/${path}`), path);
  }
});

test('the command runs a program, passes its status on, and says what it is', async () => {
  const { status, stdout, stderr } = await wasmlinux('run', 'uname', '-a');
  assert.match(stdout, /^Linux wasmlinux 6\.12\.\S+ #1 .* wasm32 Linux\n$/, stderr);
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal((await wasmlinux('run', 'sh', '-c', 'exit 7')).status, 7);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert.equal((await wasmlinux('--version')).stdout, `wasmlinux ${version}\n`);
  // As npx does, which not every installation of npm has.
  const byNpm = execFileSync('npm', ['exec', '--offline', '--', 'wasmlinux', 'run', 'uname', '-m'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  assert.equal(byNpm, 'wasm32\n');
});

test('what the command loads only when it is asked for is there', async () => {
  const traced = await wasmlinux('run', '--trace', '-e', 'execve', 'true');
  assert.match(traced.stderr, /^execve\("\/bin\/true", .*\) = 0\n/);
  const profile = join(folder, 'a.cpuprofile');
  assert.deepEqual(await wasmlinux('run', '--profile', profile, 'true'), { status: 0, stdout: '', stderr: '' });
  assert.ok(JSON.parse(readFileSync(profile, 'utf8')).nodes.length > 1);
  const programs = join(folder, 'root/bin');
  mkdirSync(programs, { recursive: true });
  const busybox = await new Promise<Buffer>((resolve, reject) => {
    const args = ['run', 'cat', '/bin/busybox'];
    const options = { encoding: 'buffer', maxBuffer: 2 ** 25 } as const;
    execFile(join(folder, 'node_modules/.bin/wasmlinux'), args, options, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  writeFileSync(join(programs, 'sh'), busybox, { mode: 0o755 });
  assert.equal((await wasmlinux('run', '--root', join(folder, 'root'), 'sh', '-c', 'echo /bin/*')).stdout, '/bin/sh\n');
  assert.match((await wasmlinux('inspect', join(programs, 'sh'))).stdout, /ABI/);
});

test('what needs a checkout says so', async () => {
  for (const name of ['build', 'clean']) {
    const { status, stderr } = await wasmlinux(name);
    assert.deepEqual([status, /^wasmlinux: \w+: this is the npm package, .*\n$/.test(stderr)], [2, true], stderr);
  }
  assert.doesNotMatch((await wasmlinux('--help')).stdout, /wasmlinux (build|clean)/);
});

test('a Node without JSPI is told so in one line', async () => {
  const old = join(folder, 'old.cjs');
  writeFileSync(old, 'delete WebAssembly.Suspending;\n');
  const args = ['--require', old, join(installed, 'dist/wasmlinux.js'), 'run', 'true'];
  assert.deepEqual(await command(process.execPath, ...args), {
    status: 1,
    stdout: '',
    stderr: `wasmlinux: it takes Node 26 or newer; this is ${process.version}\n`,
  });
  const program =
    "const { Linux } = await import('wasmlinux'); await Linux.boot().catch(({ message }) => console.log(message))";
  assert.deepEqual(await command(process.execPath, '--require', old, '--input-type=module', '--eval', program), {
    status: 0,
    stdout: `Linux takes Node 26 or newer: ${process.version} lacks JavaScript Promise Integration (WebAssembly.Suspending)\n`,
    stderr: '',
  });
});

test("README's examples run as they stand, and print what they say", async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const examples = [
    /```ts\n([^`]*from 'wasmlinux'[^`]*)```\n+```\n\$ node \S+\n([^`]*)```/,
    /```\n\$ cat tour\.ts\n([^`]*)\$ node tour\.ts\n([^`]*)```/,
  ];
  for (const example of examples) {
    const [, code, printed] = example.exec(readme) ?? [];
    assert.ok(code && printed, `an example in TypeScript, then what it prints: ${example}`);
    writeFileSync(join(folder, 'example.ts'), code);
    assert.deepEqual(await command(process.execPath, 'example.ts'), { status: 0, stdout: printed, stderr: '' });
  }
});

/** A page's program, as somebody writes it who uses the package. */
const PAGE = `
import { Linux, LinuxError } from 'wasmlinux';
const linux = await Linux.boot();
await linux.fs.writeFile('/tmp/numbers', '3\\n1\\n2\\n');
const { stdout } = await linux.run('uname -sm; sort -rn /tmp/numbers | head -1');
const missing = await linux.fs.readFile('/absent').catch((error) => error instanceof LinuxError && error.code);
await linux.terminate();
export default { stdout, missing, isolated: crossOriginIsolated };
`;

test('a page that esbuild makes of it boots, with four files beside its program', async () => {
  const site = join(folder, 'site');
  mkdirSync(site);
  writeFileSync(join(folder, 'page.ts'), PAGE);
  await build({
    absWorkingDir: folder,
    entryPoints: ['page.ts'],
    outdir: site,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'chrome137',
    logLevel: 'silent',
  });
  for (const name of ['vmlinux.wasm', 'initramfs.cpio', 'root-boot.cpio', 'browser-worker.js']) {
    copyFileSync(join(installed, 'dist', name), join(site, name));
  }
  writeFileSync(join(site, 'index.html'), '<!doctype html><title>test</title>');
  const host = await PageHost.start(site);
  try {
    await using page = await host.open();
    assert.deepEqual(await page.evaluate("import('/page.js').then((it) => it.default)"), {
      stdout: 'Linux wasm32\n3\n',
      missing: 'ENOENT',
      isolated: false,
    });
  } finally {
    await host.close();
  }
});

/** Uses a good part of the library; is only compiled. */
const CONSUMER = `
import { Linux, LinuxError, type RunResult } from 'wasmlinux';

await using linux = await Linux.boot({ memory: 64 << 20, env: { GREETING: 'hello' }, console: (text: string) => void text });
const result: RunResult = await linux.run('echo $GREETING', { timeout: 1000, limits: { memory: 1 << 20 } });
const status: number | null = result.exitCode;
const text: string = await linux.fs.readFile('/etc/hostname', 'utf8');
const bytes: Uint8Array<ArrayBuffer> = await linux.fs.readFile('/etc/hostname');
const child = await linux.spawn(['cat'], { stdio: ['pipe', 'pipe', 'null'] });
const stdout: ReadableStream<Uint8Array<ArrayBuffer>> | undefined = child.stdout;
const pid: number = await linux.task(async (sys) => sys.getpid());
const { signal } = await child.exited;
try {
  await linux.run(['absent']);
} catch (error) {
  if (error instanceof LinuxError) console.log(error.code, error.errno, error.syscall, error.path);
}
export const used = [status, text, bytes, stdout, pid, signal];
// @ts-expect-error a machine is made by Linux.boot
new Linux();
// @ts-expect-error bytes have no such method
bytes.split('');
`;

const STRICT = {
  target: 'esnext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  // The package's own declarations are checked with the user's.
  skipLibCheck: false,
  noEmit: true,
};

const BUNDLED = { module: 'esnext', moduleResolution: 'bundler', lib: ['es2024', 'dom'], types: [] };
const ASSETS = "await Linux.boot({ assets: { kernel: '/vmlinux.wasm', worker: new URL('file:///worker.js') } });\n";

for (const [name, options, program] of [
  ['Node, nodenext', { module: 'nodenext', lib: ['es2024', 'esnext.disposable'], types: ['node'] }, CONSUMER],
  ['a page, bundler', BUNDLED, CONSUMER],
  ['a page, by the condition browser', { ...BUNDLED, customConditions: ['browser'] }, CONSUMER + ASSETS],
  ['a page, by name', BUNDLED, CONSUMER.replace("'wasmlinux'", "'wasmlinux/browser'") + ASSETS],
] as const) {
  test(`strict TypeScript compiles against it: ${name}`, async () => {
    const typeRoots = [join(root, 'node_modules/@types')];
    const config = { compilerOptions: { ...STRICT, ...options, typeRoots }, files: ['consumer.ts'] };
    writeFileSync(join(folder, 'consumer.ts'), program);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    assert.deepEqual(await command(process.execPath, tsc, '-p', '.'), { status: 0, stdout: '', stderr: '' });
  });
}

test('docs/reference.md is what the types say', () => {
  const written = readFileSync(join(root, 'docs/reference.md'), 'utf8');
  assert.equal(written, currentReference(), 'npm run reference writes it');
});
