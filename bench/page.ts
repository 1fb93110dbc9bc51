// SPDX-License-Identifier: MIT
/**
 * What the page costs in Chromium: navigation to prompt with its parts, memory, bytes to download. `npx node bench/page.ts`,
 * after `npm test` or `npm run web` has built the page; it is a command of its own, since Chromium is a package for tests only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { lastOutput } from '../src/build/last-output.ts';
import { root } from '../src/build/root.ts';
import { PageHost, type TestPage } from '../tests/harness/browser.ts';

const ROUNDS = 9;

/** Runs in the page before its own program: notes when the first output and the prompt are shown. */
const WATCH = `
  let handle;
  Object.defineProperty(globalThis, 'wasmlinux', {
    get: () => handle,
    set(value) {
      handle = value;
      performance.mark('terminal-open');
      const { terminal } = handle;
      const shown = terminal.onWriteParsed(() => {
        const { active } = terminal.buffer;
        const line = (at) => active.getLine(at).translateToString(true);
        if (!performance.getEntriesByName('first-output').length && line(1) !== '') performance.mark('first-output');
        if (!/# $/.test(line(active.cursorY))) return;
        performance.mark('prompt');
        shown.dispose();
      });
    },
  });
`;

/** The parts, each by the mark at which it ends. */
const PARTS = [
  ['page and terminal', 'terminal-open'],
  ['kernel compiled, files loaded', 'files-loaded'],
  ['kernel boots, first output', 'first-output'],
  ['shell starts, prompt', 'prompt'],
] as const;

/** Milliseconds since navigation, by mark. */
async function marks(page: TestPage): Promise<number[]> {
  await page.prompt();
  const times = await page.evaluate<Record<string, number>>(
    'Object.fromEntries(performance.getEntriesByType("mark").map(({ name, startTime }) => [name, startTime]))',
  );
  return PARTS.map(([, mark]) => times[mark] ?? Number.NaN);
}

function print(title: string, runs: readonly number[][]): void {
  const total = (run: readonly number[]) => run.at(-1) ?? Number.NaN;
  const sorted = runs.toSorted((a, b) => total(a) - total(b));
  const best = sorted[0] ?? [];
  const median = total(sorted[Math.floor(sorted.length / 2)] ?? []);
  console.log(`${title}: best ${total(best).toFixed(0)} ms, median ${median.toFixed(0)} ms; of the best`);
  for (const [at, [part]] of PARTS.entries()) {
    console.log(`  ${part.padEnd(32)}${((best[at] ?? 0) - (best[at - 1] ?? 0)).toFixed(0).padStart(6)} ms`);
  }
}

const host = await PageHost.start();
const first: number[][] = [];
const again: number[][] = [];
let memory = 0;
for (let round = 0; round < ROUNDS; round++) {
  await using page = await host.open({}, WATCH);
  first.push(await marks(page));
  memory = await host.rendererMemory();
  await page.page.reload();
  again.push(await marks(page));
}
await host.close();

print('navigation to prompt, nothing cached', first);
print('the same page again', again);
console.log(`memory of the renderer at the prompt: ${(memory / 1e6).toFixed(0)} MB`);
const folder = lastOutput(root, 'page') ?? '';
const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
const total = (size: (file: Buffer) => number) =>
  `${(files.reduce((sum, file) => sum + size(file), 0) / 1e6).toFixed(1)} MB`;
console.log(
  `download: ${total((file) => file.length)}, gzip ${total((file) => gzipSync(file).length)}, brotli ${total((file) => brotliCompressSync(file).length)}`,
);
