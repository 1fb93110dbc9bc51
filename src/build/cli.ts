// SPDX-License-Identifier: MIT
/**
 * The scripts of npm that do more than the command `wasmlinux`: `npm start`, `npm test [-- FILE...]`,
 * `npm run programs [-- FILE...]`, `npm run bench [-- ...]`, `npm run web [-- --port N]`, `npm run fuzz [-- ...]`,
 * `npm run conformance [-- ...]`, `npm run soak [-- --count N]`, `npm run package`, `npm run reference`.
 * bootstrap.mjs runs it under the package's own Node; each first builds what it needs.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { constants } from 'node:os';
import { main } from '../cli/main.ts';
import { STATUS_USAGE, UsageError } from '../cli/usage-error.ts';
import { parsePort, serveWeb } from '../server/main.ts';
import { buildCommand } from './command.ts';
import { guestTests } from './guest-tests.ts';
import { packageStep } from './package.ts';
import { root } from './root.ts';
import { bootTargets, conformanceTargets, suiteTargets, testTargets, webTargets } from './steps.ts';

/** Every test of the project; the long suites are not among them, they are commands of their own. */
const TESTS = ['src/**/*.test.ts', 'bench/**/*.test.ts', 'tests/**/*.test.ts'];

/** The suites of the programs themselves. */
const SUITES = 'tests/suites/*.ts';

const [command, ...args] = process.argv.slice(2);
switch (command) {
  case 'start':
    process.exit((await buildCommand(bootTargets)) || (await main([])));
    break;
  case 'test':
    process.exitCode = (await buildCommand(testTargets)) || (await runTests(args));
    break;
  case 'programs':
    process.exitCode = (await buildCommand(suiteTargets)) || (await runTests(args.length > 0 ? args : [SUITES]));
    break;
  case 'bench': {
    // Not needed to start or to test.
    const { bench } = await import('../../bench/main.ts');
    process.exitCode = await bench(args);
    break;
  }
  case 'fuzz': {
    const { fuzzCommand } = await import('../../tests/hostile/fuzz-command.ts');
    process.exitCode = (await buildCommand([...bootTargets, guestTests])) || (await fuzzCommand(args));
    break;
  }
  case 'conformance': {
    const { conformance } = await import('../../tests/conformance/command.ts');
    process.exitCode = await conformance(args, () => buildCommand(conformanceTargets));
    break;
  }
  case 'soak': {
    const { soakCommand } = await import('../../tests/soak/soak-command.ts');
    process.exitCode = (await buildCommand([...bootTargets, guestTests])) || (await soakCommand(args));
    break;
  }
  case 'package':
  case 'reference': {
    const { packCommand, referenceCommand } = await import('./release.ts');
    const run = command === 'package' ? packCommand : referenceCommand;
    process.exitCode = (await buildCommand([packageStep])) || (await run());
    break;
  }
  case 'web':
    process.exitCode = await web(args);
    break;
  default:
    console.error(
      'usage: npm start | npm test [-- FILE...] | npm run SCRIPT [-- OPTION...], SCRIPT one of programs, conformance, soak, fuzz, bench, web, package, reference',
    );
    process.exitCode = STATUS_USAGE;
}

async function web(args: readonly string[]): Promise<number> {
  let port: number;
  try {
    port = parsePort(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`npm run web: ${error.message}`);
    return STATUS_USAGE;
  }
  return (await buildCommand(webTargets)) || (await serveWeb(port));
}

/** Runs test files, all unless some are named, under Node's test runner; returns its status. */
function runTests(named: readonly string[]): Promise<number> {
  const files = named.length > 0 ? named : globSync(TESTS, { cwd: root }).sort();
  // Booted machines in more files at once than there are processors only slow each other down.
  // Tests wait for events only; one that never comes fails its test here, and what it leaves open holds up nobody.
  // The runner passes its own flags on to the process of each file.
  const flags = [...process.execArgv, '--test', '--test-concurrency=2', '--test-timeout=600000', '--test-force-exit'];
  const child = spawn(process.execPath, [...flags, ...files], { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
}
