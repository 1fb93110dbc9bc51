// SPDX-License-Identifier: MIT
/** `wasmlinux run`: standard streams and status pass through exactly, as if the command ran on this machine. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { bash, type CommandResult } from './harness/command.ts';
import { builtFile } from './harness/guest.ts';

/** What the example has. */
const MUCH = 50_000_000;

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
});
after(() => rmSync(folder, { recursive: true }));

test('output and status are those of the command', async () => {
  const result = await bash("./wasmlinux run sh -c 'seq 1 100000 | sort -rn | head -1; exit 7'");
  assert.deepEqual(result, { status: 7, stdout: '100000\n', stderr: '' });
});

test('standard output and error are apart, or together in order', async () => {
  const script = "./wasmlinux run sh -c 'echo 1; echo 2 >&2; echo 3; echo 4 >&2'";
  assert.deepEqual(await bash(script), { status: 0, stdout: '1\n3\n', stderr: '2\n4\n' });
  assert.deepEqual(await bash(`${script} 2>&1`), { status: 0, stdout: '1\n2\n3\n4\n', stderr: '' });
});

test('arguments arrive as they are', async () => {
  const args = ['', ' two  words ', '*', '$HOME', '"', "'", '\\', 'grün', '--', '-x', 'line\nbreak'];
  const result = await bash('./wasmlinux run printf "[%s]" "$@"', ...args);
  assert.deepEqual(result, { status: 0, stdout: args.map((arg) => `[${arg}]`).join(''), stderr: '' });
});

test('bytes pass through unchanged, any number of them', async () => {
  const input = join(folder, 'random');
  const bytes = randomBytes(MUCH);
  writeFileSync(input, bytes);
  const hash = createHash('sha256').update(bytes).digest('hex');
  assert.deepEqual(await bash('cat "$1" | ./wasmlinux run sha256sum', input), {
    status: 0,
    stdout: `${hash}  -\n`,
    stderr: '',
  });
  assert.deepEqual(await bash('./wasmlinux run cat <"$1" | cmp - "$1"', input), { status: 0, stdout: '', stderr: '' });
  const copy = join(folder, 'copy');
  assert.deepEqual(await bash('./wasmlinux run cat <"$1" >"$2"', input, copy), { status: 0, stdout: '', stderr: '' });
  assert.ok(readFileSync(copy).equals(bytes));
});

test('death by a signal is 128 + its number', async () => {
  assert.equal((await bash("./wasmlinux run sh -c 'kill -KILL $$'")).status, 128 + 9);
  assert.equal((await bash("./wasmlinux run sh -c 'kill -TERM $$'")).status, 128 + 15);
});

test('a command that can not be run is 127 or 126, and said so', async () => {
  const absent = await bash('./wasmlinux run no-such-command');
  assert.equal(absent.status, 127);
  assert.match(absent.stderr, /^wasmlinux: no-such-command: .*not found\n$/);
  const noProgram = await bash('./wasmlinux run /etc/passwd');
  assert.equal(noProgram.status, 126);
  assert.match(noProgram.stderr, /^wasmlinux: \/etc\/passwd: .+\n$/);
});

test('a reader that goes away ends the writer quietly', async () => {
  const result = await bash('./wasmlinux run yes | head -1; echo "$PIPESTATUS"');
  assert.deepEqual(result, { status: 0, stdout: 'y\n141\n', stderr: '' });
  const messages = await bash('./wasmlinux -v run echo done 2>&1 >/dev/null | head -1; echo "$PIPESTATUS"');
  assert.match(messages.stdout, /Linux version .*\r\n0\n$/);
});

test('input that is empty, closed or a folder is what it is inside', async () => {
  assert.deepEqual(await bash('./wasmlinux run cat </dev/null'), { status: 0, stdout: '', stderr: '' });
  assert.deepEqual(await bash('./wasmlinux run cat <&-'), { status: 0, stdout: '', stderr: '' });
  const folderAsInput = await bash('./wasmlinux run cat <.');
  assert.equal(folderAsInput.status, 1);
  assert.match(folderAsInput.stderr, /directory/i);
});

test('input that the command does not read does not keep it, and is not lost', async () => {
  const result = await bash('{ ./wasmlinux run true; echo $?; cat; } < <(echo rest)');
  assert.deepEqual(result, { status: 0, stdout: '0\nrest\n', stderr: '' });
  // Nobody will ever write into this one, nor close it.
  assert.equal((await bash('mkfifo "$1"; exec 4<>"$1"; ./wasmlinux run true <&4', join(folder, 'fifo'))).status, 0);
});

test('output that can not be written is an error', async () => {
  const result = await bash('./wasmlinux run echo lost >/dev/full');
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /standard output: .*space/);
});

test('a shell without a terminal reads its commands from standard input', async () => {
  const result = await bash("echo 'echo from $0; exit 3' | ./wasmlinux");
  assert.equal(result.status, 3);
  assert.match(result.stdout, /^from /);
});

test('a .wasm file of this machine runs inside', async () => {
  const program = builtFile('guestTests', 'seed/hello-fd-plain.wasm');
  assert.deepEqual(await bash('cd "$1" && "$OLDPWD"/wasmlinux run "$2"', dirname(program), basename(program)), {
    status: 0,
    stdout: 'hello, world!\n',
    stderr: '',
  });
});

test('variables pass when asked for', async () => {
  const result = await bash('SECRET=1 A=2 ./wasmlinux --env A run --env B=3 sh -c \'echo "$A $B [$SECRET]"\'');
  assert.deepEqual(result, { status: 0, stdout: '2 3 []\n', stderr: '' });
});

test('--cwd is where the command starts', async () => {
  const run = './wasmlinux run';
  assert.deepEqual(await bash(`${run} --cwd /usr/bin pwd`), { status: 0, stdout: '/usr/bin\n', stderr: '' });
  assert.deepEqual(await bash(`${run} --cwd /nowhere touch /tmp/x`), {
    status: 2,
    stdout: '',
    stderr: 'wasmlinux: the folder /nowhere: No such file or directory\n',
  });
});

test('--user has the groups and the variables that a login gives', async () => {
  const script = 'id; echo $HOME $USER $LOGNAME $SHELL; pwd; cat /dev/stdin';
  const run = async (...options: readonly string[]) => {
    const result = await bash(`echo input | ./wasmlinux run "$@" sh -c '${script}'`, ...options);
    assert.equal(result.stderr, '');
    return result.stdout.split('\n');
  };
  assert.deepEqual(await run('--user', 'user'), [
    'uid=1000(user) gid=1000(user) groups=10(wheel),100(users),1000(user)',
    '/home/user user user /bin/ash',
    '/home/user',
    'input',
    '',
  ]);
  const [id, variables] = await run('--user', '1000:tty', '--env', 'HOME=/tmp');
  assert.equal(id, 'uid=1000(user) gid=5(tty) groups=5(tty),10(wheel),100(users)');
  assert.equal(variables, '/tmp user user /bin/ash');
  // A number needs no entry.
  const [number, numberVariables] = await run('--user', '4242');
  assert.equal(number, 'uid=4242 gid=4242');
  assert.equal(numberVariables, '/ 4242 4242 /bin/sh');
});

test('a user or a group that the guest does not know is a mistake', async () => {
  for (const [user, message] of [
    ['nemo', "wasmlinux: there is no user nemo in the guest's /etc/passwd\n"],
    ['user:nemo', "wasmlinux: there is no group nemo in the guest's /etc/group\n"],
  ] as const) {
    assert.deepEqual(await bash('./wasmlinux run --user "$1" true', user), { status: 2, stdout: '', stderr: message });
  }
});

test('a folder that the user may not enter is a mistake', async () => {
  assert.deepEqual(await bash('./wasmlinux run --user user --cwd /root ls'), {
    status: 2,
    stdout: '',
    stderr: 'wasmlinux: the folder /root: Permission denied\n',
  });
});

/** Runs a command for bash, with more and more time until its output shows that it got as far as it was to come. */
async function timeOut(command: string, wanted: string): Promise<CommandResult> {
  for (let seconds = 1; ; seconds *= 2) {
    const result = await bash(`./wasmlinux run --timeout ${seconds}s ${command}`);
    if (result.stdout.includes(wanted) || seconds > 60) return result;
  }
}

test('--timeout ends a command as timeout(1) does, and lets it clean up', async () => {
  const script = 'trap "echo cleaned up; exit 3" TERM; echo ready; while :; do sleep 1000 & wait; done';
  assert.deepEqual(await timeOut(`sh -c '${script}'`, 'cleaned up'), {
    status: 124,
    stdout: 'ready\ncleaned up\n',
    stderr: 'wasmlinux: ended by --timeout\n',
  });
});

test('--timeout ends a program that makes no system call, and what it has written is not lost', async () => {
  const program = 'BEGIN { for (i = 0; i < 100; i++) { print i; fflush() } while (1); }';
  assert.deepEqual(await timeOut(`--quiet awk '${program}'`, '99\n'), {
    status: 124,
    stdout: Array.from({ length: 100 }, (_, i) => `${i}\n`).join(''),
    stderr: '',
  });
});

test('--timeout ends also what nobody reads', async () => {
  const result = await bash(
    'mkfifo "$1"; exec 4<>"$1"; ./wasmlinux --quiet run --timeout 1s yes >&4; echo $?',
    join(folder, 'unread'),
  );
  assert.deepEqual(result, { status: 0, stdout: '124\n', stderr: '' });
});

test('a command that ends in time has its own status', async () => {
  assert.equal((await bash("./wasmlinux run --timeout 1h sh -c 'exit 3'")).status, 3);
});

test('mistakes on the command line are one line and status 2', async () => {
  for (const mistake of [
    '--frobnicate',
    'run',
    'run absent.wasm',
    '--kernel /absent run true',
    '--kernel README.md run true',
    'ls',
  ]) {
    const { status, stdout, stderr } = await bash(`./wasmlinux ${mistake}`);
    assert.deepEqual({ mistake, status, stdout }, { mistake, status: 2, stdout: '' });
    assert.match(stderr, /^wasmlinux: [^\n]+\n$/);
  }
});

test('a signal ends the machine and this process', async () => {
  for (const signal of ['TERM', 'INT', 'HUP'] as const) {
    // The guest says that it runs before it is ended.
    const script = `
      coproc ./wasmlinux run sh -c 'echo running; exec sleep 1000'
      pid=$COPROC_PID # bash forgets the variable when it sees the end
      read -r line <&"\${COPROC[0]}"
      kill -${signal} "$pid"
      wait "$pid"
      echo "$line $?"`;
    const numbers = { TERM: 15, INT: 2, HUP: 1 };
    assert.equal((await bash(script)).stdout, `running ${128 + numbers[signal]}\n`);
  }
});

/** A script that runs COMMAND in a machine; `told` reads a line of it, `pid` is its process, `end` waits and prints the status. */
const asChild = (command: string, script: string) => `
  exec 3< <(echo $BASHPID; exec ./wasmlinux run sh -c '${command}')
  read -r pid <&3
  told() { read -r line <&3; echo "$line"; }
  ${script}`;

test('signals are passed on to the command', async () => {
  const command = `
    for signal in HUP QUIT USR1 USR2; do trap "echo $signal" $signal; done
    trap "sleep 0.3; echo clean; exit 7" TERM
    echo ready
    while :; do sleep 1000 & wait; done`;
  const script = `
    told
    for signal in HUP QUIT USR1 USR2 HUP; do kill -$signal "$pid"; told; done
    # timeout(1) sends it twice; the second must not cut the cleaning short
    kill -TERM "$pid"; kill -TERM "$pid"; told
    wait "$pid"; echo $?`;
  const { stdout } = await bash(asChild(command, script));
  assert.deepEqual(stdout.trim().split('\n'), ['ready', 'HUP', 'QUIT', 'USR1', 'USR2', 'HUP', 'clean', '7']);
});

test('a signal that the command dies of is what this process dies of', async () => {
  for (const signal of ['TERM', 'HUP', 'QUIT', 'USR1'] as const) {
    const script = `exec ./wasmlinux run sh -c 'echo; exec sleep 1000' > >(read -r line; kill -${signal} $$)`;
    assert.equal((await bash(script)).status, `SIG${signal}`);
  }
  // As a terminal sends it: to all of the command's group.
  const script =
    'exec ./wasmlinux run sh -c "(echo; exec sleep 1000); echo no" > >(read -r line; kill -INT $$; cat >&2)';
  assert.deepEqual(await bash(script), { status: 'SIGINT', stdout: '', stderr: '' });
});

test('SIGTERM ends a machine that does not take it', async () => {
  // The process that would pass it on does not run, while the machine has its turns.
  const command = `cd /sys/fs/cgroup && mkdir held && echo 1 >held/cgroup.procs && echo 1 >held/cgroup.freeze
    until grep -qx "frozen 1" held/cgroup.events; do :; done
    echo ready; while :; do echo >/dev/null; done`;
  const { stdout } = await bash(asChild(command, 'told; kill -TERM "$pid"; wait "$pid"; echo $?'));
  assert.equal(stdout, 'ready\n143\n');
});

test('the second SIGTERM ends a machine whose command ignores it', async () => {
  const script = `
    told
    while kill -TERM "$pid" 2>/dev/null; do sleep 0.2; done
    wait "$pid"; echo $?`;
  const { stdout } = await bash(asChild('trap "" TERM; echo ready; while :; do sleep 1000; done', script));
  assert.equal(stdout, 'ready\n143\n');
});
