// SPDX-License-Identifier: MIT
/**
 * The guest's shell and editor as a user on a terminal meets them. What the command does to the terminal is terminal.test.ts's.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuestShell } from './harness/guest-shell.ts';
import { Pty } from './harness/pty.ts';

test('the message of the day and a coloured prompt that names user, host and folder', async () => {
  await using pty = await Pty.start('./wasmlinux');
  await pty.waitFor(/WasmLinux: .*\r\n/);
  await pty.waitFor('\x1b[1;31mroot@wasmlinux\x1b[0m:\x1b[1;34m~\x1b[0m# ');
  pty.type('cd /usr/bin; su user\n');
  await pty.waitFor('\x1b[1;32muser@wasmlinux\x1b[0m:\x1b[1;34m/usr/bin\x1b[0m$ ');
  pty.type('exit\n');
  await pty.waitFor('\x1b[1;31mroot@wasmlinux\x1b[0m:\x1b[1;34m/usr/bin\x1b[0m# ');
});

test('--quiet leaves out the message of the day', async () => {
  await using pty = await Pty.start('./wasmlinux --quiet');
  await pty.waitFor('root@wasmlinux');
  assert.doesNotMatch(pty.shown, /WasmLinux:/);
});

test('a shell has its user and folder too', async () => {
  await using pty = await Pty.start('./wasmlinux --user user --cwd /usr/bin --env A=b');
  await pty.waitFor('\x1b[1;32muser@wasmlinux\x1b[0m:\x1b[1;34m/usr/bin\x1b[0m$ ');
  pty.type('echo $A $HOME; exit 4\n');
  await pty.waitFor('\r\nb /home/user\r\n');
  assert.equal(await pty.ended, 4);
});

test('commands run, and what they print arrives', async () => {
  await using shell = await GuestShell.start();
  await shell.run('uname -a', /Linux wasmlinux 6\.12\.\S+ .* wasm32 Linux\r\n/);
  await shell.run('tty; (cd /tmp; pwd); echo $(seq 3 | wc -l); echo grün', /\r\n\/dev\/hvc0\r\n\/tmp\r\n3\r\ngrün\r\n/);
  await shell.leave();
});

test('names are completed, old commands come back and can be edited', async () => {
  await using shell = await GuestShell.start();
  await shell.run('echo /etc/pass\t', '\r\n/etc/passwd\r\n');
  // Arrow up, Ctrl-A, the word "time" and a space: edits the beginning of the line before.
  await shell.run('\x1b[A\x01time ', 'real');
  await shell.leave();
});

test('vi edits a file', async () => {
  await using shell = await GuestShell.start();
  shell.pty.type('vi /tmp/text\n');
  await shell.pty.waitFor('~');
  // What follows an escape at once would be a key's sequence.
  shell.pty.type('ifirst line\nsecond grün\x1b');
  await shell.pty.waitFor('- /tmp/text [Modified]');
  shell.pty.type('1Gdwx:wq\n');
  await shell.prompt();
  await shell.run('cat /tmp/text', '\r\nine\r\nsecond grün\r\n');
  await shell.leave();
});

test('Ctrl-D ends the input of a command, not the shell', async () => {
  await using shell = await GuestShell.start();
  await shell.begin({ program: 'cat', after: '>/tmp/typed' });
  shell.pty.type('one line\n\x04');
  await shell.prompt();
  await shell.run('wc -c </tmp/typed', '\r\n9\r\n');
  await shell.leave();
});

test('Ctrl-C ends a command, also a pipeline, and the shell goes on', async () => {
  await using shell = await GuestShell.start();
  for (const job of [
    { program: 'sleep 1000' },
    { program: 'awk "BEGIN { while (1) n++ }"' },
    { program: 'cat', before: 'yes |', after: '>/dev/null' },
  ]) {
    await shell.begin(job);
    shell.pty.type('\x03');
    await shell.prompt();
    await shell.run('echo status $?', '\r\nstatus 130\r\n');
  }
  await shell.leave();
});

test('a stopped job goes on in the foreground', async () => {
  await using shell = await GuestShell.start();
  await shell.begin({ program: 'cat', after: '>/tmp/out' });
  await shell.stop();
  await shell.resume();
  shell.pty.type('after\n\x04');
  await shell.prompt();
  await shell.run('rev /tmp/out', '\r\nretfa\r\n');
  await shell.leave();
});

test('or in the background, and can be killed there', async () => {
  await using shell = await GuestShell.start();
  await shell.begin({ program: 'sleep 1000' });
  await shell.stop();
  await shell.run('jobs', /\[1\].* Stopped .*sleep 1000.*\r\n/);
  await shell.run('bg; jobs', /\[1\].* Running .*sleep 1000.*\r\n/);
  await shell.run('kill %1; wait', 'Terminated');
  await shell.leave();
});

test('dash and bash at the prompt say who and where, and control jobs', async () => {
  await using shell = await GuestShell.start('./wasmlinux --cwd /usr/bin');
  await shell.run('dash', '\r\nroot@wasmlinux:/usr/bin');
  await shell.begin({ program: 'sleep 1000' });
  await shell.stop();
  await shell.run('bg; jobs; kill %1; wait; cd /; echo $((40+2))', /Running.*\r\n42\r\n/);
  await shell.run('exit', 'root@wasmlinux');
  await shell.run('exec bash', '\x1b[1;34m/usr/bin\x1b[0m');
  await shell.run('echo /etc/pass\t', '\r\n/etc/passwd\r\n');
  await shell.begin({ program: 'cat', after: '>/tmp/out' });
  await shell.stop();
  await shell.resume();
  shell.pty.type('typed\n\x04');
  await shell.prompt();
  await shell.run('cat /tmp/out; history | wc -l', /\r\ntyped\r\n\d+\r\n/);
  await shell.leave();
});
