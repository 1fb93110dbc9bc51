// SPDX-License-Identifier: MIT
/**
 * Runs the commands of build steps: output to the log line by line, a failure as a StepError with the end of the output. The
 * environment is fixed, so that a build's result does not depend on the shell that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { StepLog } from './log.ts';
import { type ExecOptions, StepError } from './step.ts';

/** What commands see of the caller's environment: where programs are, who asks, and the way to the network. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** The environment of every command: in English and without the caller's CFLAGS, MAKEFLAGS and the like. */
function buildEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: 'C' };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  // Debian's root has it, a user's shell may not.
  environment.PATH = `${environment.PATH ?? '/usr/local/bin:/usr/bin:/bin'}:/usr/sbin:/sbin`;
  return environment;
}

/**
 * Runs a command to its end and returns its standard output. Standard error, and standard output unless `options.quiet`, go
 * to the log. `signal` ends the command and all that it has started (SIGTERM); the promise settles when these are gone. Throws
 * a StepError when it can't be started or its status is not 0.
 */
export function run(
  command: string,
  args: readonly string[],
  options: ExecOptions & {
    readonly cwd: string;
    readonly log: StepLog;
    readonly quiet?: boolean;
    readonly signal?: AbortSignal;
  },
): Promise<string> {
  const { log } = options;
  log.line(`$ ${[command, ...args].map(quoted).join(' ')}`);
  // A process group of its own, so that `signal` reaches what a make has started below a shell. Not for sudo: it remembers a
  // password by the terminal, which a new group of Node's making has not; and what runs as root can't be signalled by us.
  const grouped = command !== 'sudo';
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(command, args, {
      cwd: options.cwd,
      env: { ...buildEnvironment(), ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: grouped,
    });
    const end = (): void => endProcess(child, grouped);
    options.signal?.addEventListener('abort', end);
    let stdout = '';
    const seeLine = (line: string, inLog: boolean): void => {
      if (inLog) log.line(line);
      options.onLine?.(line);
    };
    const endOut = readLines(child.stdout, (line) => {
      if (options.quiet) stdout += `${line}\n`;
      seeLine(line, !options.quiet);
    });
    const endErr = readLines(child.stderr, (line) => seeLine(line, true));
    // A command that does not read its input to the end is free to do so: its status says whether it succeeded.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'no such command' : error.message;
      reject(new StepError(`can't run ${command}: ${reason}`, { tail: log.tail() }));
    });
    child.on('close', (status, signal) => {
      options.signal?.removeEventListener('abort', end);
      endOut();
      endErr();
      if (status === 0) resolve(stdout);
      else {
        const how = signal ? `was ended by ${signal}` : `ended with status ${status}`;
        reject(new StepError(`${command} ${how}`, { tail: log.tail() }));
      }
    });
  });
}

/** Sends SIGTERM to a process, with its group if it leads one. */
function endProcess(child: ChildProcess, grouped: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(grouped ? -child.pid : child.pid, 'SIGTERM');
  } catch {
    // It has ended already, or it is root's and gets the terminal's signals itself.
  }
}

/** Splits a stream into lines; a carriage return ends one too, since that is how programs redraw their progress. */
function readLines(stream: Readable | null, onLine: (line: string) => void): () => void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  return () => {
    if (rest) onLine(rest);
    rest = '';
  };
}

/** As it could be typed into a shell, for whoever wants to repeat a command of the log. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
