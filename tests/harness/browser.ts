// SPDX-License-Identifier: MIT
/**
 * The page in a headless Chromium, for tests: opens it, types, and reads the terminal's lines. Nothing here waits for time:
 * every wait is for something that the terminal shows or the page does.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page, type Response } from 'playwright-core';
import { lastOutput } from '../../src/build/last-output.ts';
import { root } from '../../src/build/root.ts';
import { staticServer } from '../../src/server/static-server.ts';

/** Debian's (package chromium). */
const CHROMIUM = '/usr/bin/chromium';

/** Of Playwright's own waits: on a busy machine everything takes long, and the test runner has a limit. */
const NO_LIMIT = 0;

/** Root may not use its sandbox; the rest keeps it from looking for a network or a GPU. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** One Chromium and one server of the built page, for all tests of a file. */
export class PageHost {
  readonly url: string;
  readonly #browser: Browser;
  readonly #close: () => void;

  /** folder: what is served, default the page of web/. */
  static async start(folder = lastOutput(root, 'page')): Promise<PageHost> {
    if (!folder) throw new Error('the page is not built: npm test builds it, or ./wasmlinux build page');
    const server = staticServer(folder);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: NO_LIMIT });
    return new PageHost(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, () => {
      server.close();
      server.closeAllConnections();
    });
  }

  private constructor(browser: Browser, url: string, close: () => void) {
    this.#browser = browser;
    this.url = url;
    this.#close = close;
  }

  /** Opens the page in a profile of its own; `script` runs in it before anything else. */
  async open(options: BrowserContextOptions = {}, script = ''): Promise<TestPage> {
    const context = await this.#browser.newContext({ viewport: { width: 900, height: 560 }, ...options });
    context.setDefaultTimeout(NO_LIMIT);
    const page = await context.newPage();
    if (script) await page.addInitScript({ content: script });
    const testPage = new TestPage(page);
    await page.goto(this.url);
    return testPage;
  }

  /** Resident bytes of the process that shows the page, without the program of Chromium itself, which all its processes share. */
  async rendererMemory(): Promise<number> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentBytes(id));
    return Math.max(...renderers);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#close();
  }
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const parts = [...status.matchAll(/^Rss(?:Anon|Shmem):\s+([0-9]+) kB$/gm)];
  return parts.reduce((sum, [, kibibytes]) => sum + Number(kibibytes) * 1024, 0);
}

/** Runs in the page: all lines of the terminal, wrapped ones joined. */
const LINES = `(() => {
  const { active } = wasmlinux.terminal.buffer;
  let text = '';
  for (let at = 0; at < active.length; at++) {
    const line = active.getLine(at);
    text += (line.isWrapped ? '' : '\\n') + line.translateToString(true);
  }
  return text;
})`;

/**
 * Runs in the page: resolves to the lines when they match, now or after something was shown; rejects when the machine has ended
 * without that.
 */
const waitForLines = (pattern: RegExp) => `new Promise((resolve, reject) => {
  const end = document.getElementById('end');
  const look = () => {
    const lines = ${LINES}();
    if (${pattern}.test(lines)) resolve(lines);
    else if (!end.hidden) {
      reject(new Error(end.innerText + document.getElementById('end-report').value + '; the terminal shows' + lines));
    } else return;
    shown.dispose();
    ended.disconnect();
  };
  const shown = wasmlinux.terminal.onWriteParsed(look);
  const ended = new MutationObserver(look);
  ended.observe(end, { attributes: true });
  look();
})`;

export class TestPage {
  readonly page: Page;
  /** What the page has complained of. */
  readonly complaints: string[] = [];
  readonly responses: Response[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error.stack)));
    page.on('response', (response) => this.responses.push(response));
  }

  /** Runs an expression in the page. */
  evaluate<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  /** Waits until the terminal's lines match; resolves to them. */
  async shows(pattern: RegExp): Promise<string> {
    return this.evaluate(waitForLines(pattern));
  }

  async prompt(): Promise<void> {
    await this.shows(/# \n*$/);
  }

  /** Types a line at the prompt; resolves to what is shown between it and the next prompt. */
  async run(line: string): Promise<string> {
    await this.prompt();
    // Only what comes from now on.
    await this.evaluate('wasmlinux.terminal.clear()');
    await this.page.keyboard.type(`${line}\n`);
    const lines = await this.shows(/# [\s\S]*\n[^\n]*# \n*$/);
    return lines.trim().split('\n').slice(1, -1).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
