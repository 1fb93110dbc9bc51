// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errno, Poll } from '../../machine/devices.ts';
import { GuestInput, GuestOutput, OutputBatch } from './guest-channels.ts';
import { PENDING_BYTES, PendingOutput } from './pending-output.ts';
import { CHANNEL_WINDOW, Channel, type OutputPiece } from './protocol.ts';

function readAll(input: GuestInput, size: number): { bytes: number[]; last: number } {
  const bytes: number[] = [];
  const target = new Uint8Array(size);
  for (;;) {
    const count = input.read(target);
    if (count <= 0) return { bytes, last: count };
    bytes.push(...target.subarray(0, count));
  }
}

test('nothing is asked for before the guest reads or polls, then a whole window', () => {
  const grants: number[] = [];
  const input = new GuestInput((bytes) => grants.push(bytes));
  assert.deepEqual(grants, []);
  assert.equal(input.read(new Uint8Array(1)), -Errno.EAGAIN);
  assert.deepEqual(grants, [CHANNEL_WINDOW]);
  assert.equal(input.poll(), 0);
  assert.deepEqual(grants, [CHANNEL_WINDOW]);
});

test('reads of any size give the bytes in order, then the end', () => {
  const input = new GuestInput(() => {});
  input.accept(Uint8Array.of(1, 2, 3));
  input.accept(Uint8Array.of());
  input.accept(Uint8Array.of(4, 5, 6, 7));
  assert.equal(input.poll(), Poll.In);
  input.end(0);
  assert.deepEqual(readAll(input, 2), { bytes: [1, 2, 3, 4, 5, 6, 7], last: 0 });
  assert.equal(input.poll(), Poll.In | Poll.Hup);
});

test('a failed source gives what it had, then its error', () => {
  const input = new GuestInput(() => {});
  input.accept(Uint8Array.of(1));
  input.end(5);
  assert.deepEqual(readAll(input, 8), { bytes: [1], last: -5 });
  assert.equal(input.poll(), Poll.In | Poll.Hup | Poll.Err);
});

test('room is granted again as it is used, half a window at a time', () => {
  let granted = 0;
  let messages = 0;
  const input = new GuestInput((bytes) => {
    granted += bytes;
    messages++;
  });
  const target = new Uint8Array(1024);
  assert.equal(input.read(target), -Errno.EAGAIN);
  for (let sent = 0; sent < 4 * CHANNEL_WINDOW; sent += CHANNEL_WINDOW) {
    input.accept(new Uint8Array(CHANNEL_WINDOW));
    while (input.read(target) > 0);
  }
  assert.equal(granted, 5 * CHANNEL_WINDOW);
  assert.equal(messages, 9);
});

/** Pieces as text. */
const texts = (posts: OutputPiece[][]) =>
  posts.map((pieces) => pieces.map(({ channel, data }) => `${channel} ${Buffer.from(data)}`));

test('output is posted at once, in order over the channels', () => {
  const posts: OutputPiece[][] = [];
  const batch = new OutputBatch((pieces) => posts.push(pieces));
  const stdout = new GuestOutput(batch, Channel.Stdout);
  const stderr = new GuestOutput(batch, Channel.Stderr);
  const buffer = Buffer.from('ab');
  stdout.write(buffer);
  buffer.fill('x'); // the guest's memory is its own again
  stderr.write(Buffer.from('c'));
  assert.deepEqual(texts(posts), [['1 ab'], ['2 c']]);
});

test('much output is collected until the turn, still in order, small writes joined', async () => {
  const posts: OutputPiece[][] = [];
  const batch = new OutputBatch((pieces) => posts.push(pieces));
  const stdout = new GuestOutput(batch, Channel.Stdout);
  const stderr = new GuestOutput(batch, Channel.Stderr);
  for (let i = 0; i < 10_000; i++) stdout.write(Buffer.from('a'));
  stderr.write(Buffer.from('b'));
  stdout.write(Buffer.from('c'));
  assert.ok(posts.length < 100);
  await Promise.resolve();
  assert.ok(posts.length < 100);
  const all = texts(posts).flat();
  assert.deepEqual(all.slice(-2), ['2 b', '1 c']);
  assert.equal(
    all
      .slice(0, -2)
      .map((piece) => piece.slice(2))
      .join(''),
    'a'.repeat(10_000),
  );
});

test('what was written and not posted yet can be taken from outside', () => {
  const posts: OutputPiece[][] = [];
  const memory = new SharedArrayBuffer(PENDING_BYTES);
  const batch = new OutputBatch((pieces) => posts.push(pieces), new PendingOutput(memory));
  const stdout = new GuestOutput(batch, Channel.Stdout);
  const stderr = new GuestOutput(batch, Channel.Stderr);
  for (let i = 0; i < 100; i++) (i % 3 === 0 ? stderr : stdout).write(Buffer.from([i]));
  const outside = new PendingOutput(memory).take();
  assert.ok(outside.length > 0);
  const all = [...posts.flat(), ...outside].flatMap(({ data }) => [...data]);
  assert.deepEqual(
    all,
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test('the windows of all channels pass, though they do not fit at once', async () => {
  const posts: OutputPiece[][] = [];
  const batch = new OutputBatch((pieces) => posts.push(pieces));
  for (let i = 0; i < 20; i++) batch.add(Channel.Stdout, new Uint8Array(0));
  for (const channel of [Channel.Stdout, Channel.Stderr, Channel.Console] as const) {
    batch.add(channel, new Uint8Array(CHANNEL_WINDOW).fill(channel));
  }
  await Promise.resolve();
  const sums = new Map<number, number>();
  for (const { channel, data } of posts.flat()) sums.set(channel, (sums.get(channel) ?? 0) + data.length);
  assert.deepEqual(
    [...sums],
    [1, 2, 3].map((channel) => [channel, CHANNEL_WINDOW]),
  );
});

test('a writer is held up when a window is under way, and goes on with what is granted', () => {
  const output = new GuestOutput(new OutputBatch(() => {}), Channel.Stdout);
  assert.equal(output.poll(), Poll.Out);
  assert.equal(output.write(new Uint8Array(CHANNEL_WINDOW + 1)), CHANNEL_WINDOW);
  assert.equal(output.write(new Uint8Array(1)), -Errno.EAGAIN);
  assert.equal(output.poll(), 0);
  output.grant(3);
  assert.equal(output.write(new Uint8Array(5)), 3);
});

test('after the end of its reader a writer gets the error', () => {
  const output = new GuestOutput(new OutputBatch(() => {}), Channel.Stdout);
  output.end(32);
  assert.equal(output.write(new Uint8Array(5)), -32);
  assert.equal(output.poll(), Poll.Out | Poll.Err);
});
