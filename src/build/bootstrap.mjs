// SPDX-License-Identifier: MIT
/**
 * Runs a script of this project under its own Node: `node bootstrap.mjs SCRIPT [ARG...]`. Any Node from 20 on runs this file,
 * with nothing installed: it has npm install the packages of the lock file when they are absent or another lock file's, Node 26
 * among them. package.json's scripts and ./wasmlinux start here. The flags of Node's that this is run with are passed on.
 *
 * They all run it with --no-concurrent-sparkplug: process.exit() waits for V8's threads, and one that compiles JavaScript may
 * wait for a garbage collection by the main thread, for ever (7 of 46 runs of a command did).
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
/** A copy of the lock file that node_modules was installed from; ./wasmlinux compares it too. */
const installedLock = join(root, 'node_modules/.installed-lock.json');
const ownNode = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);

if (!existsSync(ownNode) || !existsSync(installedLock) || !readFileSync(lockFile).equals(readFileSync(installedLock))) {
  await install();
}
const [script = '', ...args] = process.argv.slice(2);
if (realpathSync(process.execPath) === realpathSync(ownNode)) {
  process.argv.splice(1, 2, join(root, script));
  await import(pathToFileURL(join(root, script)).href);
} else {
  process.exitCode = await run(ownNode, [...process.execArgv, join(root, script), ...args]);
}

/** `npm ci`, by the npm that the user has. */
async function install() {
  process.stderr.write('Installing the npm packages (npm ci) ...\n');
  // Inside `npm run`, the first `node` in PATH is the one that npm ci is about to remove.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const status = await run('npm', ['ci', '--include=dev', '--include=optional', '--no-progress'], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
  });
  if (status !== 0) {
    process.stderr.write('npm ci failed (see above). When the cause is removed, give the same command again.\n');
    process.exit(1);
  }
  if (!existsSync(ownNode)) {
    process.stderr.write(`There is no package with Node 26 for ${process.platform} on ${process.arch}.\n`);
    process.exit(1);
  }
  if (spawnSync(ownNode, ['--version']).status !== 0) {
    // npm's scripts would find this Node first, so it is not linked before it can start.
    const link = join(root, 'node_modules/.bin/node');
    rmSync(link, { force: true });
    await installLibraries();
    symlinkSync(ownNode, link);
  }
  copyFileSync(lockFile, installedLock);
}

/** Node 26 is linked with libatomic, which a fresh Debian lacks; the step `packages` can't install it, since that runs in it. */
async function installLibraries() {
  let sudo = [];
  if (process.getuid?.() !== 0) {
    sudo = ['sudo', '-n'];
    if (spawnSync('sudo', ['-n', 'true']).status !== 0) {
      const names = JSON.parse(readFileSync(join(root, 'src/build/debian/packages.json'), 'utf8')).build.join(' ');
      process.stderr.write(
        'Debian packages are missing, and this user may not install them.\n' +
          'Type this line, then give the same command again:\n\n' +
          `  sudo sh -c 'apt-get update && apt-get install --yes --no-install-recommends ${names}'\n\n`,
      );
      process.exit(1);
    }
  }
  process.stderr.write('Installing libatomic1, which Node 26 needs (apt-get) ...\n');
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'libatomic1']]) {
    const command = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
    if ((await run(command[0], command.slice(1))) !== 0) process.exit(1);
  }
  if (spawnSync(ownNode, ['--version'], { stdio: 'inherit' }).status !== 0) process.exit(1);
}

/**
 * Runs a command on this terminal; resolves to its status, or 128+n when signal n ended it. The terminal sends Ctrl-C to both,
 * so this process only waits; a signal sent to it alone is passed on.
 */
function run(command, args, options = {}) {
  return new Promise((settle) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      process.stderr.write(`can't run ${command}: ${error.message}\n`);
      settle(1);
    });
    child.on('exit', (status, signal) => settle(status ?? 128 + constants.signals[signal]));
  });
}
