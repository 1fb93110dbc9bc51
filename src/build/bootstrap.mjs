// SPDX-License-Identifier: MIT
/**
 * Runs a script of this project under its own Node: `node bootstrap.mjs SCRIPT [ARG...]`. Any Node from 20 on runs this file,
 * with nothing installed: it has npm install the packages of the lock file when they are absent or another lock file's, Node 26
 * among them. package.json's scripts and ./wasmlinux start here.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, realpathSync } from 'node:fs';
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
  process.exitCode = await run(ownNode, [join(root, script), ...args]);
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
  copyFileSync(lockFile, installedLock);
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
