// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { minutes, Progress } from './progress.ts';

function watch(screen: object) {
  const written: string[] = [];
  let now = 0;
  const progress = new Progress({ ...screen, write: (text: string) => written.push(text) }, 3, () => now);
  return { written, progress, after: (milliseconds: number) => (now += milliseconds) };
}

it('writes a plain line an event where there is no terminal', () => {
  const { written, progress, after } = watch({});
  progress.begin(2, 'kernel');
  for (let done = 0; done <= 100; done++) {
    after(1000);
    progress.update(done, 100, `CC ${done}.o`);
  }
  progress.end();
  assert.deepEqual(written, [
    '[2/3] kernel ...\n',
    '[2/3] kernel  25 %  0:26  about 1:15 left  CC 25.o\n',
    '[2/3] kernel  50 %  0:51  about 0:50 left  CC 50.o\n',
    '[2/3] kernel  75 %  1:16  about 0:25 left  CC 75.o\n',
    '[2/3] kernel  done in 1:41\n',
  ]);
});

it('counts each run from 0 to its total, and guesses from what it has seen of it', () => {
  const { written, progress, after } = watch({});
  progress.begin(1, 'kernel');
  for (let done = 0; done <= 4; done++) progress.update(done, 4, 'unpacking');
  after(60_000);
  // Goes on from an interrupted build: 40 of 100 were there.
  progress.update(40, 100, 'CC');
  after(10_000);
  progress.update(50, 100, 'CC');
  assert.deepEqual(written.slice(1), [
    '[1/3] kernel  25 %  0:00  unpacking\n',
    '[1/3] kernel  50 %  0:00  unpacking\n',
    '[1/3] kernel  75 %  0:00  unpacking\n',
    '[1/3] kernel  50 %  1:10  about 0:50 left  CC\n',
  ]);
});

it('redraws one line on a terminal, never wider than it and not at every update', () => {
  const { written, progress, after } = watch({ isTTY: true, columns: 30 });
  progress.begin(1, 'libc');
  for (let i = 0; i < 50; i++) progress.update(i, 100, 'a long name of something');
  assert.equal(written.length, 1);
  after(200);
  progress.update(60, 100, 'a long name of something');
  progress.fail();
  assert.equal(written.length, 3);
  for (const text of written) {
    assert(text.startsWith('\r\x1b[K'));
    assert(text.trimEnd().length < 30 + 4);
  }
  assert.equal(written[2], '\r\x1b[K[1/3] libc  failed after 0:00\n');
});

it('writes minutes and seconds', () => {
  assert.deepEqual([0, 59_400, 59_600, 3_600_000].map(minutes), ['0:00', '0:59', '1:00', '60:00']);
});
