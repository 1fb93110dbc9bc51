// SPDX-License-Identifier: MIT
/** What `wasmlinux` does to the terminal that it was started on: bytes, size, keys, front and background; and that it gives it back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuestShell } from './harness/guest-shell.ts';
import { Pty } from './harness/pty.ts';

/** The terminal's modes, as `stty -g` writes them. */
const MODES = /([0-9a-f]+(?::[0-9a-f]+)+)\r?\n/;

test('the window has its size, and changes of it arrive', async () => {
  const script = 'trap "stty size; exit" WINCH; stty size; while :; do sleep 1; done';
  await using pty = await Pty.start(`./wasmlinux run sh -c '${script}'`, { columns: 90, rows: 25 });
  await pty.waitFor('25 90\r\n');
  pty.resize(100, 30);
  await pty.waitFor('30 100\r\n');
});

test('a full-screen program draws with bare line feeds', async () => {
  await using pty = await Pty.start('./wasmlinux run sh -c \'stty raw; printf "a\\nb\\r\\n"\'; echo status=$?');
  await pty.waitFor('a\nb\r\nstatus=0');
});

test('only the descriptors that are the terminal are the console', async () => {
  const command = "sh -c 'for fd in 0 1 2; do test -t $fd; echo -n $?; done'";
  await using both = await Pty.start(`./wasmlinux run ${command} | cat; echo .`);
  await both.waitFor('010.\r\n');
  await using input = await Pty.start(`./wasmlinux run ${command} </dev/null; echo .`);
  await input.waitFor('100.\r\n');
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

test('Ctrl-C reaches a command whose input is a pipe', async () => {
  await using pty = await Pty.start("sleep 1000 | ./wasmlinux run sh -c 'echo running; cat'; echo status=$?");
  await pty.waitFor('running');
  pty.type('\x03');
  await pty.ended;
});

test('in the background it leaves the terminal alone, and takes it when it comes to the front', async () => {
  await using pty = await Pty.start('PS1="host> " bash --norc --noprofile -i');
  await pty.waitFor('host> ');
  pty.type('./wasmlinux run echo from behind & wait\n');
  await pty.waitFor('from behind');
  await pty.waitFor('host> ');

  pty.type('sh -c \'echo pid=$$; exec ./wasmlinux run sh -c "echo begun; read line; echo got \\$line"\'\n');
  const pid = Number((await pty.waitFor(/pid=(\d+)\r\n/))[1]);
  await pty.waitFor('begun\r\n');
  // Its own Ctrl-Z is the guest's; this is how an impatient user stops it.
  process.kill(pid, 'SIGSTOP');
  await pty.waitFor('Stopped');
  await pty.waitFor('host> ');
  pty.type('fg\n');
  // bash shows what it brings to the front.
  await pty.waitFor(/fg\r\n[\s\S]*exec .\/wasmlinux run .*\r\n/);
  pty.type('hello\n');
  await pty.waitFor('got hello\r\n');
  await pty.waitFor('host> ');
  pty.type('exit\n');
  assert.equal(await pty.ended, 0);
});

const ends: readonly (readonly [how: string, type: string, status: number])[] = [
  ['exit', 'exit 5\n', 5],
  ['poweroff', 'poweroff\n', 0],
  ['Ctrl-D', '\x04', 0],
  ['three Ctrl-]', '\x1d\x1d\x1d', 130],
  ['a dead kernel', 'echo c >/proc/sysrq-trigger\n', 70],
];
for (const [how, keys, status] of ends) {
  test(`the terminal is as it was after ${how}`, async () => {
    await using shell = await GuestShell.start('stty -g; ./wasmlinux; echo status=$?; stty -g');
    const { pty } = shell;
    const before = MODES.exec(pty.shown)?.[1];
    pty.type(keys);
    await pty.waitFor(`status=${status}\r\n`);
    assert.equal((await pty.waitFor(MODES))[1], before);
  });
}

for (const signal of ['TERM', 'HUP', 'QUIT', 'ABRT', 'KILL']) {
  test(`the terminal is as it was after SIG${signal}`, async () => {
    // After the last two it is another process that gives it back, which may take a moment more.
    const restored = 'until [ "$(stty -g)" = "$before" ]; do :; done; echo restored';
    await using shell = await GuestShell.start(`before=$(stty -g); sh -c 'echo pid=$$; exec ./wasmlinux'; ${restored}`);
    const pid = Number(/pid=(\d+)\r\n/.exec(shell.pty.shown)?.[1]);
    process.kill(pid, `SIG${signal}`);
    await shell.pty.waitFor('restored\r\n');
  });
}

test('three Ctrl-] end a machine that computes without end, and two do not', async () => {
  await using shell = await GuestShell.start('./wasmlinux; echo status=$?');
  const { pty } = shell;
  await shell.run('\x1d\x1d\x15echo still here', '\r\nstill here\r\n');
  // No system call after the first line: not even the event loop of its thread gets a turn.
  pty.type('awk "BEGIN { print 6 * 7; while (1); }"\n');
  await pty.waitFor('\r\n42\r\n');
  pty.type('\x1d\x1d\x1d');
  await pty.waitFor('status=130\r\n');
});
