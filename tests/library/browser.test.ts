// SPDX-License-Identifier: MIT
/** The library in a real Chromium, by src/browser.ts from a static server: the same calls as in Node, without special headers. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import type { Linux } from '../../src/index.ts';
import { lastOutput } from '../../src/build/last-output.ts';
import { root } from '../../src/build/root.ts';
import { PageHost, type TestPage } from '../harness/browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-page-'));
let host: PageHost;
let page: TestPage;

before(async () => {
  const bundle = (entry: string, outfile: string, format: 'esm' | 'iife') =>
    build({
      entryPoints: [join(root, entry)],
      outfile: join(folder, outfile),
      bundle: true,
      format,
      target: 'es2024',
      logLevel: 'silent',
    });
  await Promise.all([
    bundle('src/browser.ts', 'wasmlinux.js', 'esm'),
    bundle('src/host/browser/worker-entry.ts', 'browser-worker.js', 'iife'),
  ]);
  for (const [step, name] of [
    ['kernel', 'vmlinux.wasm'],
    ['image', 'initramfs.cpio'],
    ['image', 'root-boot.cpio'],
  ] as const) {
    cpSync(join(lastOutput(root, step) ?? '', name), join(folder, name));
  }
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>test</title><link rel="icon" href="icon.svg">');
  cpSync(join(root, 'web/icon.svg'), join(folder, 'icon.svg'));
  host = await PageHost.start(folder);
  page = await host.open();
});
after(async () => {
  await host?.close();
  rmSync(folder, { recursive: true });
});

/** Runs `work` in the page with a machine that is booted there. */
function inPage<T>(work: (linux: Linux) => Promise<T>, options = '{}'): Promise<T> {
  return page.evaluate(`(async () => {
    const { Linux, LinuxError } = await import('/wasmlinux.js');
    const linux = await Linux.boot(${options});
    try {
      return await (${work})(linux);
    } finally {
      await linux.terminate();
    }
  })()`);
}

test('both entries export the same', () => {
  const names = (file: string) =>
    [...readFileSync(join(root, 'src', file), 'utf8').matchAll(/^export (?:type )?\{([^}]*)\} from '(.*)';/gm)]
      .filter(([, , from]) => !from?.includes('browser-platform'))
      .flatMap(([, list, from]) => `${list}`.split(',').map((name) => `${name.trim()} ${from}`))
      .filter((name) => !name.startsWith(' '));
  assert.deepEqual(names('browser.ts'), names('index.ts'));
  assert.ok(names('index.ts').length > 20);
});

test('run, files, streams, a terminal, a task', async () => {
  const result = await inPage(async (linux) => {
    const { stdout, exitCode } = await linux.run('cat /etc/hostname; read x; echo $x; exit 3', { stdin: 'typed\n' });
    await linux.fs.writeFile('/tmp/file', 'größe');
    const text = await linux.fs.readFile('/tmp/file', 'utf8');
    const encoded = await linux.fs.readFile('/tmp/file', 'base64');
    const process = await linux.spawn(['cat']);
    const reading = new Response(process.stdout).text();
    const writer = process.stdin?.getWriter();
    await writer?.write('streamed');
    await writer?.close();
    const terminal = await linux.terminal({ command: 'stty size', tty: { cols: 91, rows: 17 } });
    let shown = '';
    await terminal.onData((bytes) => {
      shown += new TextDecoder().decode(bytes);
    });
    const pid = await linux.task((sys) => sys.getpid());
    const code = await linux.fs.readFile('/none').catch((error) => [error.name, error.code, error.errno, error.path]);
    return { stdout, exitCode, text, encoded, streamed: await reading, shown, isPid: pid > 1, code };
  }, "{ files: { '/etc/hostname': 'page\\n' } }");
  assert.deepEqual(result, {
    stdout: 'page\ntyped\n',
    exitCode: 3,
    text: 'größe',
    encoded: Buffer.from('größe').toString('base64'),
    streamed: 'streamed',
    shown: '17 91\r\n',
    isPid: true,
    code: ['LinuxError', 'ENOENT', 2, '/none'],
  });
  assert.equal(await page.evaluate('crossOriginIsolated'), false);
  assert.deepEqual(page.complaints, []);
});

test('two machines at a time; each file is fetched once', async () => {
  const texts = await page.evaluate<string[]>(`(async () => {
    const { Linux } = await import('/wasmlinux.js');
    const machines = await Promise.all([Linux.boot(), Linux.boot()]);
    await Promise.all(machines.map((linux, i) => linux.fs.writeFile('/tmp/mine', String(i))));
    const texts = await Promise.all(machines.map((linux) => linux.run('cat /tmp/mine').then(({ stdout }) => stdout)));
    await Promise.all(machines.map((linux) => linux.terminate()));
    return texts;
  })()`);
  assert.deepEqual(texts, ['0', '1']);
  const fetched = page.responses.map((response) => new URL(response.url()).pathname);
  assert.equal(fetched.filter((path) => path === '/vmlinux.wasm').length, 1);
  assert.equal(fetched.filter((path) => path === '/initramfs.cpio').length, 1);
});

test('ends: at once though a program computes, in order, and all that waits rejects', async () => {
  const result = await inPage(async (linux) => {
    const busy = linux.run('echo >/tmp/runs; while :; do :; done').catch((error) => error.name);
    await linux.run('until [ -e /tmp/runs ]; do :; done');
    await linux.terminate();
    return [await busy, (await linux.ended).how, await linux.run('true').catch((error) => error.name)];
  });
  assert.deepEqual(result, ['MachineEnded', 'Terminated', 'MachineEnded']);
  assert.equal(await inPage(async (linux) => (await linux.shutdown()).how), 'PowerOff');
});

test('what a page can not do is said', async () => {
  const message = (options: string) =>
    inPage(async () => 'booted', options).catch((error: unknown) =>
      String(error instanceof Error ? error.message : error),
    );
  assert.match(await message("{ assets: { kernel: '/none.wasm' } }"), /\/none\.wasm: the server says 404/);
  assert.match(await message("{ thread: 'same' }"), /in a Worker of its own/);
});
