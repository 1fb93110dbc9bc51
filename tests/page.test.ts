// SPDX-License-Identifier: MIT
/** The page in a real Chromium: the same kernel and image as in Node, with nothing that a page needs special headers for. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PageHost, type TestPage } from './harness/browser.ts';

let host: PageHost;

before(async () => {
  host = await PageHost.start();
});
after(() => host.close());

const visible = (page: TestPage, selector: string) => page.page.locator(selector).waitFor({ state: 'visible' });

test('boots to a shell that answers, without cross-origin isolation', async () => {
  await using page = await host.open();
  assert.match(await page.run('uname -a'), /^Linux wasmlinux 6\.12\.\S+ #1 .* wasm32 Linux$/);
  const names = (await page.run('ls -1 /')).split(/\s+/);
  assert.ok(names.includes('proc'));
  assert.equal(await page.run('cd /; ls | wc -l'), String(names.length));
  assert.equal(await page.evaluate('crossOriginIsolated'), false);
  assert.equal(await page.evaluate('typeof SharedArrayBuffer'), 'undefined');
  for (const response of page.responses) {
    const sent = Object.keys(response.headers()).filter((name) => name.startsWith('cross-origin-'));
    assert.deepEqual(sent, [], response.url());
  }
  // What index.html asks for before the program runs is what the program then uses.
  const files = page.responses.map((response) => new URL(response.url()).pathname);
  assert.deepEqual(files, [...new Set(files)]);
  assert.deepEqual(page.complaints, []);
});

test('shows colours and UTF-8', async () => {
  await using page = await host.open();
  assert.equal(await page.run("printf '\\033[31mgr\\303\\266\\303\\237e\\033[0m 漢字\\n'"), 'größe 漢字');
  const colour = `(() => {
    const { active } = wasmlinux.terminal.buffer;
    for (let at = 0; at < active.length; at++) {
      const line = active.getLine(at);
      if (line.translateToString().startsWith('größe')) return line.getCell(0).getFgColor();
    }
  })()`;
  assert.equal(await page.evaluate(colour), 1);
  assert.equal(await page.run('echo größer'), 'größer');
});

test('Ctrl-C ends a sleeping command', async () => {
  await using page = await host.open();
  await page.prompt();
  await page.page.keyboard.type("sh -c 'echo running; exec sleep 1000'\n");
  await page.shows(/\nrunning\n/);
  await page.page.keyboard.press('Control+C');
  assert.equal(await page.run('echo $?'), '130');
});

test("the guest's window is the page's", async () => {
  await using page = await host.open();
  const size = () => page.evaluate<string>('[wasmlinux.terminal.rows, wasmlinux.terminal.cols].join(" ")');
  const before = await size();
  assert.equal(await page.run('stty size'), before);
  await page.page.keyboard.type(`sh -c 'trap "stty size; echo resized" WINCH; echo waiting; read line'\n`);
  await page.shows(/\nwaiting\n/);
  await page.page.setViewportSize({ width: 500, height: 300 });
  const lines = await page.shows(/\nresized\n/);
  const after = await size();
  assert.notEqual(after, before);
  assert.match(lines, new RegExp(`\n${after}\nresized\n`));
});

test('poweroff says so, and the machine boots again', async () => {
  await using page = await host.open();
  await page.run('echo gone >/tmp/file');
  await page.page.keyboard.type('poweroff\n');
  await visible(page, '#end');
  assert.equal(await page.page.getByRole('alertdialog').getByRole('heading').textContent(), 'The machine is off');
  // Whoever is still typing does not boot again unread.
  await page.page.keyboard.type('ls \n');
  assert.ok(await page.page.locator('#end').isVisible());
  await page.page.keyboard.press('Tab');
  await page.page.keyboard.press('Enter');
  await page.page.locator('#end').waitFor({ state: 'hidden' });
  assert.equal(await page.run('ls /tmp'), '');
  assert.deepEqual(page.complaints, []);
});

test('reboot boots again by itself, Reset whatever the guest does', async () => {
  await using page = await host.open();
  await page.run('echo gone >/tmp/file');
  await page.page.keyboard.type('reboot\n');
  // A new machine begins with an empty window.
  await page.shows(/^(?![\s\S]*reboot)[\s\S]*# \n*$/);
  assert.equal(await page.run('ls /tmp'), '');
  await page.page.keyboard.type("sh -c 'echo running; while :; do :; done'\n");
  await page.shows(/\nrunning\n/);
  await page.page.getByRole('button', { name: 'Reset' }).click();
  assert.equal(await page.run('echo back'), 'back');
});

test('three Ctrl-] end a machine that is busy for ever', async () => {
  await using page = await host.open();
  await page.prompt();
  await page.page.keyboard.type("sh -c 'echo running; while :; do :; done'\n");
  await page.shows(/\nrunning\n/);
  for (let i = 0; i < 3; i++) await page.page.keyboard.press('Control+]');
  await visible(page, '#end');
  assert.match(await page.evaluate('document.getElementById("end").innerText'), /^The machine was ended/);
});

test('a dead kernel shows its report', async () => {
  await using page = await host.open();
  await page.prompt();
  await page.page.keyboard.type('echo c >/proc/sysrq-trigger\n');
  const report = await page.page.getByRole('textbox', { name: 'Report' }).inputValue();
  for (const part of [/^sysrq triggered crash/, /in sysrq_handle_crash/, /Kernel panic - not syncing/]) {
    assert.match(report, part);
  }
  await page.page.getByRole('button', { name: 'Boot again' }).click();
  assert.equal(await page.run('echo back'), 'back');
  assert.deepEqual(page.complaints, []);
});

test('copies with Ctrl-Shift-C and pastes', async () => {
  await using page = await host.open({ permissions: ['clipboard-read', 'clipboard-write'] });
  await page.run('echo copied text');
  await page.evaluate(`(() => {
    const { active } = wasmlinux.terminal.buffer;
    for (let at = 0; at < active.length; at++) {
      if (active.getLine(at).translateToString(true) === 'copied text') wasmlinux.terminal.select(0, at, 11);
    }
  })()`);
  await page.page.keyboard.press('Control+Shift+C');
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), 'copied text');
  await page.evaluate("navigator.clipboard.writeText('echo pasted größe\\n')");
  await page.page.keyboard.press('Control+Shift+V');
  await page.shows(/\npasted größe\n/);
});

test('a browser that lacks something is told what', async () => {
  for (const [script, missing] of [
    ['delete WebAssembly.Suspending', 'JavaScript Promise Integration (WebAssembly.Suspending)'],
    ['WebAssembly.validate = () => false', 'WebAssembly exceptions with exnref (WebAssembly.JSTag)'],
  ] as const) {
    await using page = await host.open({}, script);
    await visible(page, '#end');
    const words = await page.evaluate<string>('document.getElementById("end").innerText');
    assert.ok(words.includes(`It lacks ${missing}.`), words);
    assert.deepEqual(page.complaints, []);
  }
});

test('files that do not come are named, and can be asked for again', async () => {
  await using page = await host.open(
    {},
    'const real = fetch; let calls = 0; fetch = (url) => real(calls++ < 2 ? "/no" : url);',
  );
  await visible(page, '#end');
  assert.match(await page.evaluate('document.getElementById("end").innerText'), /-[0-9a-f]+\.\w+: the server says 404/);
  await page.page.getByRole('button', { name: 'Try again' }).click();
  assert.equal(await page.run('echo back'), 'back');
});

test('is usable on a phone', async () => {
  await using page = await host.open({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  await page.prompt();
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360);
  assert.ok((await page.evaluate<number>('document.getElementById("keys").scrollWidth')) <= 360);
  assert.ok((await page.evaluate<number>('wasmlinux.terminal.cols')) >= 50);
  await page.page.keyboard.type('echo fir');
  await page.page.getByRole('button', { name: 'Control C' }).tap();
  await page.page.keyboard.type('echo second\n');
  await page.shows(/\nsecond\n/);
  await page.page.getByRole('button', { name: 'Up' }).tap();
  await page.page.keyboard.press('Enter');
  await page.shows(/\nsecond\n[\s\S]*\nsecond\n/);
});
