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
    '[2/3] kernel  25 %  0:26  about 1:18 left  CC 25.o\n',
    '[2/3] kernel  50 %  0:51  about 0:51 left  CC 50.o\n',
    '[2/3] kernel  75 %  1:16  about 0:25 left  CC 75.o\n',
    '[2/3] kernel  done in 1:41\n',
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
