// SPDX-License-Identifier: MIT
/** `wasmlinux` on a real pseudo-terminal: what a user types and sees, and that the terminal is given back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pty } from './harness/pty.ts';

const PROMPT = /# $/;
/** The terminal's modes, as `stty -g` writes them. */
const MODES = /([0-9a-f]+(?::[0-9a-f]+)+)\r?\n/;

test('a session: prompt, commands, jobs, the end', async () => {
  await using pty = await Pty.start('./wasmlinux; echo status=$?');
  await pty.waitFor(PROMPT);
  pty.type('uname -a\n');
  await pty.waitFor(/Linux wasmlinux 6\.12\.\S+ .* wasm32 Linux\r\n/);
  await pty.waitFor(PROMPT);
  pty.type('tty; (cd /tmp; pwd); echo $(seq 3 | wc -l); echo grün\n');
  await pty.waitFor(/\r\n\/dev\/hvc0\r\n\/tmp\r\n3\r\ngrün\r\n/);
  await pty.waitFor(PROMPT);

  pty.type('sleep 1000\n');
  await pty.waitFor('sleep 1000\r\n');
  pty.type('\x03');
  await pty.waitFor(PROMPT);
  pty.type('echo rc=$?\n');
  await pty.waitFor('rc=130\r\n');
  await pty.waitFor(PROMPT);

  pty.type('sleep 1000\n');
  await pty.waitFor('sleep 1000\r\n');
  pty.type('\x1a');
  await pty.waitFor('Stopped');
  await pty.waitFor(PROMPT);
  pty.type('jobs\n');
  await pty.waitFor(/\[1\].* Stopped .*sleep 1000\r\n/);
  await pty.waitFor(PROMPT);
  pty.type('bg; jobs\n');
  await pty.waitFor(/\[1\].* Running .*sleep 1000\r\n/);
  await pty.waitFor(PROMPT);
  pty.type('kill %1; wait\n');
  await pty.waitFor('Terminated');
  await pty.waitFor(PROMPT);

  pty.type('cat >/tmp/typed\n');
  await pty.waitFor('typed\r\n');
  pty.type('one line\n\x04');
  await pty.waitFor(PROMPT);
  pty.type('wc -c </tmp/typed\n');
  await pty.waitFor('\r\n9\r\n');
  await pty.waitFor(PROMPT);

  pty.type('exit 7\n');
  await pty.waitFor('status=7\r\n');
});

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

test('vi edits a file', async () => {
  await using pty = await Pty.start("./wasmlinux run sh -c 'vi /tmp/x; cat /tmp/x'; echo status=$?");
  await pty.waitFor('/tmp/x');
  pty.type('ihello from vi\x1b');
  // An Escape with the next key right behind it would be a function key.
  await pty.waitFor('[Modified]');
  pty.type(':wq\n');
  await pty.waitFor('hello from vi\r\nstatus=0\r\n');
});

test('only the descriptors that are the terminal are the console', async () => {
  const command = "sh -c 'for fd in 0 1 2; do test -t $fd; echo -n $?; done'";
  await using both = await Pty.start(`./wasmlinux run ${command} | cat; echo .`);
  await both.waitFor('010.\r\n');
  await using input = await Pty.start(`./wasmlinux run ${command} </dev/null; echo .`);
  await input.waitFor('100.\r\n');
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
    await using pty = await Pty.start('stty -g; ./wasmlinux; echo status=$?; stty -g');
    const before = (await pty.waitFor(MODES))[1];
    await pty.waitFor(PROMPT);
    pty.type(keys);
    await pty.waitFor(`status=${status}\r\n`);
    assert.equal((await pty.waitFor(MODES))[1], before);
  });
}

for (const signal of ['TERM', 'HUP', 'QUIT', 'ABRT', 'KILL']) {
  test(`the terminal is as it was after SIG${signal}`, async () => {
    // After the last two it is another process that gives it back, which may take a moment more.
    const restored = 'until [ "$(stty -g)" = "$before" ]; do :; done; echo restored';
    await using pty = await Pty.start(`before=$(stty -g); sh -c 'echo pid=$$; exec ./wasmlinux'; ${restored}`);
    const pid = Number((await pty.waitFor(/pid=(\d+)\r\n/))[1]);
    await pty.waitFor(PROMPT);
    process.kill(pid, `SIG${signal}`);
    await pty.waitFor('restored\r\n');
  });
}

test('three Ctrl-] end a machine that computes without end, and two do not', async () => {
  await using pty = await Pty.start('./wasmlinux; echo status=$?');
  await pty.waitFor(PROMPT);
  pty.type('\x1d\x1d\x15echo still here\n');
  await pty.waitFor(/\r\nstill here\r\n/);
  await pty.waitFor(PROMPT);
  // No system call after the first line: not even the event loop of its thread gets a turn.
  pty.type('awk "BEGIN { print 6 * 7; while (1); }"\n');
  await pty.waitFor('\r\n42\r\n');
  pty.type('\x1d\x1d\x1d');
  await pty.waitFor('status=130\r\n');
});
