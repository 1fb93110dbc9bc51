// SPDX-License-Identifier: MIT
/** The guest's shell and editor as a user on a terminal meets them. What the terminal itself does is terminal.test.ts's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pty } from './harness/pty.ts';

const PROMPT = /# $/;

/** Leaves the shell, and with it the machine. */
async function leave(pty: Pty): Promise<void> {
  pty.type('exit\n');
  assert.equal(await pty.ended, 0);
}

test('the message of the day and a coloured prompt that names user, host and folder', async () => {
  await using pty = await Pty.start('./wasmlinux');
  await pty.waitFor(/WasmLinux: .*\r\n/);
  await pty.waitFor('\x1b[1;31mroot@wasmlinux\x1b[0m:\x1b[1;34m~\x1b[0m# ');
  pty.type('cd /usr/bin; su user\n');
  await pty.waitFor('\x1b[1;32muser@wasmlinux\x1b[0m:\x1b[1;34m/usr/bin\x1b[0m$ ');
  pty.type('exit\n');
  await pty.waitFor(PROMPT);
  await leave(pty);
});

test('names are completed, old commands come back and can be edited', async () => {
  await using pty = await Pty.start('./wasmlinux');
  await pty.waitFor(PROMPT);
  pty.type('echo /etc/pass\t\n');
  await pty.waitFor('\r\n/etc/passwd\r\n');
  await pty.waitFor(PROMPT);
  // Arrow up, Ctrl-A, the letter "s" and a space: edits the beginning of the line before.
  pty.type('\x1b[A\x01time \n');
  await pty.waitFor('real');
  await pty.waitFor(PROMPT);
  await leave(pty);
});

test('vi edits a file', async () => {
  await using pty = await Pty.start('./wasmlinux');
  await pty.waitFor(PROMPT);
  pty.type('vi /tmp/text\n');
  await pty.waitFor('~');
  // What follows an escape at once would be a key's sequence.
  pty.type('ifirst line\nsecond grün\x1b');
  await pty.waitFor('- /tmp/text [Modified]');
  pty.type('1Gdwx:wq\n');
  await pty.waitFor(PROMPT);
  pty.type('cat /tmp/text\n');
  await pty.waitFor('\r\nine\r\nsecond grün\r\n');
  await pty.waitFor(PROMPT);
  await leave(pty);
});

test('a stopped job goes on in the foreground', async () => {
  await using pty = await Pty.start('./wasmlinux');
  await pty.waitFor(PROMPT);
  // It says itself that it runs: a key that is typed before goes to the shell.
  pty.type("sh -c 'echo running; exec cat >/tmp/out'\n");
  await pty.waitFor('\r\nrunning\r\n');
  pty.type('\x1a');
  await pty.waitFor('Stopped');
  await pty.waitFor(PROMPT);
  pty.type('fg\n');
  await pty.waitFor('fg\r\nsh -c');
  pty.type('after\n\x04');
  await pty.waitFor(PROMPT);
  pty.type('rev /tmp/out\n');
  await pty.waitFor('\r\nretfa\r\n');
  await pty.waitFor(PROMPT);
  await leave(pty);
});

test('Ctrl-C ends a pipeline, and the shell goes on', async () => {
  await using pty = await Pty.start('./wasmlinux');
  await pty.waitFor(PROMPT);
  pty.type("sh -c 'echo running >&2; exec yes' | cat >/dev/null\n");
  await pty.waitFor('\r\nrunning\r\n');
  pty.type('\x03');
  await pty.waitFor(PROMPT);
  pty.type('echo status $?\n');
  await pty.waitFor('\r\nstatus 130\r\n');
  await pty.waitFor(PROMPT);
  await leave(pty);
});

test('a shell that is left at once ends the machine with status 0', async () => {
  await using pty = await Pty.start('./wasmlinux');
  await pty.waitFor(PROMPT);
  await leave(pty);
});

test('poweroff in the shell ends the machine with status 0', async () => {
  await using pty = await Pty.start('./wasmlinux');
  await pty.waitFor(PROMPT);
  pty.type('poweroff\n');
  assert.equal(await pty.ended, 0);
});

test('a command that was run on a terminal has it: Ctrl-C reaches it, Ctrl-Z can not stop it', async () => {
  await using pty = await Pty.start(
    `./wasmlinux run sh -c 'tty; trap "echo interrupted; exit 4" INT; read -r x; echo "read $x"; read -r x'`,
  );
  await pty.waitFor('/dev/hvc0\r\n');
  pty.type('\x1aline\n');
  await pty.waitFor('read line');
  pty.type('\x03');
  await pty.waitFor('interrupted');
  assert.equal(await pty.ended, 4);
});
