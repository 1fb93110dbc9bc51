// SPDX-License-Identifier: MIT
/**
 * One machine on this process's terminal and standard streams, from boot to end: what `wasmlinux` and `wasmlinux run` do.
 * Called by main.ts.
 */
import { readFileSync } from 'node:fs';
import { loadKernel } from '../host/node/kernel-module.ts';
import { startMachine } from '../host/node/start-machine.ts';
import { Channel, type OutputChannel } from '../host/worker/protocol.ts';
import { standardInput, standardOutput } from '../host/node/standard-streams.ts';
import { Terminal } from '../host/node/terminal.ts';
import { runRequestArchive } from '../image/run-request.ts';
import type { MachineSettings } from './arguments.ts';
import type { Artefacts } from './artefacts.ts';
import { hostProgram } from './command-program.ts';
import { openTrace } from './trace.ts';
import { openProfile } from './profile.ts';
import { Signals } from './signals.ts';
import { UsageError } from './usage-error.ts';

/** The escape ends the process as if SIGINT had. */
const STATUS_ESCAPE = 130;
/** EX_IOERR of sysexits.h: the command succeeded, but what it wrote could not be passed on. */
const STATUS_OUTPUT_LOST = 74;
/** As timeout(1) ends. */
const STATUS_TIMED_OUT = 124;
/** As strace ends when nobody reads what it writes: by SIGPIPE. */
const STATUS_UNREAD = 141;
const TIMED_OUT = 'ended by --timeout';
/** Milliseconds that a command has after its time to clean up and end, and a reader of its output to take the rest. */
const GRACE = 1000;
/** What a user calls the outputs. */
const OUTPUT_NAMES: Readonly<Record<OutputChannel, string>> = {
  [Channel.Stdout]: 'standard output',
  [Channel.Stderr]: 'standard error',
  [Channel.Console]: 'standard output',
  [Channel.Trace]: 'the trace',
};

/**
 * Boots, runs the command (without one: an interactive shell) and returns the status to end with. Everything written has
 * left the process then, and the terminal is as it was. Throws UsageError.
 */
export async function runSession(
  artefacts: Artefacts,
  settings: MachineSettings,
  requested: readonly [string, ...string[]] | undefined,
): Promise<number> {
  const terminal = Terminal.open();
  const terminals = terminal?.descriptors ?? [];
  // A shell that is fed from a pipe is a command like others; only on a terminal alone it is the console's login shell.
  const command = requested ?? (terminals.length === 3 ? undefined : (['/bin/sh', '-l'] as const));
  const program = requested && hostProgram(requested[0]);
  const rootReader = settings.root === undefined ? undefined : await import('./root.ts');
  const root = rootReader?.readRoot(settings.root ?? '', settings.memory);
  const stdout = standardOutput(1);
  const stderr = standardOutput(2);
  /** A line of ours on standard error, if there is anybody to read it. */
  const complain = (line: string): Promise<void> => stderr.write(Buffer.from(`wasmlinux: ${line}\n`)).catch(() => {});
  const trace = settings.trace && (await openTrace(settings.trace, stderr));
  const profile = settings.profile === undefined ? undefined : await openProfile(settings.profile);
  const consoleOutput = terminal?.output ?? (settings.verbose ? stderr : undefined);

  const deadline = settings.timeout === undefined ? undefined : performance.timeOrigin + settings.timeout;
  const machine = startMachine({
    ...(profile && { beforeBoot: (worker) => profile.start(worker) }),
    boot: () => ({
      kernel: kernelModule(artefacts.kernel),
      initramfs: [
        readFileSync(artefacts.initramfs),
        runRequestArchive({
          ...(command && { argv: command }),
          ...(program && { program }),
          env: settings.environment,
          quiet: settings.quiet,
          ...(root && { root: root.type }),
          ...(deadline !== undefined && { deadline }),
          ...(settings.cwd !== undefined && { cwd: settings.cwd }),
          ...(settings.user !== undefined && { user: settings.user }),
          terminals,
        }),
        ...(root ? [root.archive] : []),
      ],
      commandLine: ['console=hvc0', settings.verbose ? '' : 'loglevel=0', root?.bootOption, settings.append]
        .filter(Boolean)
        .join(' '),
      memory: settings.memory,
      windowSize: terminal?.size,
      trace: trace?.options,
    }),
    inputs: {
      [Channel.Stdin]: standardInput(),
      ...(terminal && { [Channel.Console]: terminal.input }),
    },
    outputs: {
      [Channel.Stdout]: stdout,
      [Channel.Stderr]: stderr,
      ...(consoleOutput && { [Channel.Console]: consoleOutput }),
      ...(trace && { [Channel.Trace]: trace.sink }),
    },
    log: (line) => {
      if (settings.verbose) void complain(line);
    },
  });
  const escaped = new Promise<'escaped'>((resolve) => terminal?.start(() => resolve('escaped')));
  terminal?.onResize((size) => machine.resize(size));
  const signals = new Signals(machine, {
    hasCommand: command !== undefined,
    interrupt: terminal && (() => terminal.interrupt()),
    beforeDeath: () => {
      terminal?.restore();
      return profile?.finish();
    },
  });

  const late = deadline === undefined ? [] : [until(deadline + GRACE).then(() => 'late' as const)];
  const unread = machine.traceUnread.then(() => 'unread' as const);
  const end = await Promise.race([machine.ended, unread, escaped, ...late]);
  terminal?.restore();
  const profileProblem = await profile?.finish();
  if (profileProblem) await complain(profileProblem);
  const say = async (line: string): Promise<void> => {
    if (!settings.quiet) await complain(line);
  };
  /** Ends a machine that does not end by itself; what it has written has some time to leave, and so have the last words. */
  const endNow = async (lastWords?: () => Promise<void>): Promise<void> => {
    await machine.terminate();
    await Promise.race([machine.outputWritten().then(lastWords), until(Date.now() + GRACE)]);
  };
  if (end === 'late') {
    // A program that computes without end, or ignores SIGTERM; or nobody takes what it has written.
    await endNow(async () => {
      await trace?.writeSummary();
      await say(TIMED_OUT);
    });
    return STATUS_TIMED_OUT;
  }
  if (end === 'unread') {
    await endNow();
    return STATUS_UNREAD;
  }
  if (end === 'escaped') {
    if (trace) await endNow(() => trace.writeSummary());
    await stderr.write(Buffer.from('\nwasmlinux: ended by three Ctrl-]\n')).catch(() => {});
    return STATUS_ESCAPE;
  }
  if (end.status === STATUS_TIMED_OUT && deadline !== undefined && Date.now() >= deadline) await say(TIMED_OUT);
  if (end.report) await complain(`the machine has died: ${end.report.trimEnd()}`);
  // A shell would say what its command died of; with --verbose the kernel has.
  if (requested && end.trap && end.status === 128 + end.trap.signal && !settings.verbose) {
    await say(`${requested[0]}: signal ${end.trap.signal}: ${end.trap.report}`);
  }
  let { status } = end;
  if (profileProblem) status ||= STATUS_OUTPUT_LOST;
  for (const [channel, error] of machine.outputErrors) {
    const name = OUTPUT_NAMES[channel];
    await complain(`${name}: ${error.message}`);
    status ||= STATUS_OUTPUT_LOST;
  }
  await signals.followIn(status);
  return status;
}

/** Resolves at a time, milliseconds since the epoch. */
async function until(time: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, time - Date.now())));
}

function kernelModule(path: string): WebAssembly.Module {
  try {
    return loadKernel(path);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw new UsageError(`${path}: not a kernel`);
    throw error;
  }
}
