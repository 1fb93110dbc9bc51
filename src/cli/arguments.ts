// SPDX-License-Identifier: MIT
/** The command line of `wasmlinux`: what it asks for, as data. Called by main.ts. */
import { DEFAULT_STRING_LIMIT, type TraceOptions } from '../trace/options.ts';
import type { InspectSettings } from './inspect.ts';
import { countLeadingOptions, type OptionTable, type OptionValues, optionValues } from './option-parser.ts';
import { describeSize, parseDuration, parseSize } from './quantities.ts';
import { UsageError } from './usage-error.ts';

const BUILD_USAGE = `\
  wasmlinux build [STEP...]                            build what has changed (all that a boot needs)
`;
const CLEAN_USAGE = `\
  wasmlinux clean                                      remove everything that was built
`;

/** What --help prints; `canBuild`: with the commands that a checkout alone has. */
export const usage = (canBuild: boolean): string => `\
wasmlinux: Linux, compiled to WebAssembly

Usage:
  wasmlinux [OPTION...]                                a shell on this terminal
  wasmlinux [OPTION...] run [OPTION...] COMMAND [ARG...]
                                                       run one command and pass on its exit status
${canBuild ? BUILD_USAGE : ''}  wasmlinux inspect [--json] [--strict] FILE...        what a program is by the ABI; with --strict fail if it does not follow it
${canBuild ? CLEAN_USAGE : ''}
COMMAND is a program of the guest, or a .wasm file of this machine. "--" ends the options.

Options:
      --root DIR|IMAGE     boot a copy of this folder, or this image, as the root file system
      --env NAME[=VALUE]   set a variable of the guest's environment, or pass on this one's
      --cwd DIR            start in this folder of the guest (default: the user's home)
      --user USER[:GROUP]  run as this user of the guest, by name or number (default root)
      --timeout TIME       end it after this time, as in 500ms, 10s, 2m or 1h; a bare number is seconds
  -m, --memory SIZE        memory of the machine, as in 64M or 1G; a bare number is MiB (default 256M)
  -a, --append TEXT        more words for the kernel's command line
  -q, --quiet              no message but errors: no greeting
  -v, --verbose            show the kernel's messages
      --trace              print the command's system calls on standard error, as strace does, with these options of its own:
        -f                   also those of the processes and threads that it makes
        -c                   only a table of counts, errors and times at the end
        -e EXPRESSION        only some: trace=openat,close  trace=%file  trace=!futex  signal=INT  status=failed
        -o FILE              print into this file
        -s N                 so many bytes of strings (default 32)
      --profile FILE       write where time goes, as a .cpuprofile file for Chrome's DevTools or speedscope
      --kernel FILE        boot this kernel
      --initramfs FILE     with this initramfs
  -h, --help               show this
  -V, --version            show the version

Three Ctrl-] in a row end the machine at once, with status 130.
Exit status: the command's (128+N when signal N killed it), 0 after poweroff, 2 for a mistake on the command line,
124 after --timeout, 70 when the kernel has died.
`;

export interface MachineSettings {
  /** Bytes that kernel and programs have together. */
  readonly memory: number;
  readonly append: string;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** File to write a CPU profile to. */
  readonly profile: string | undefined;
  readonly kernel: string | undefined;
  readonly initramfs: string | undefined;
  /** Folder or image of the host. */
  readonly root: string | undefined;
  /** Variables of the guest. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of the guest. */
  readonly cwd: string | undefined;
  /** User of the guest, as RunRequest has it. */
  readonly user: string | undefined;
  /** Milliseconds from this process's start. */
  readonly timeout: number | undefined;
  readonly trace: TraceSettings | undefined;
}

export interface TraceSettings extends TraceOptions {
  /** File of the host for the lines, else standard error. */
  readonly file: string | undefined;
}

export type Invocation =
  | { readonly kind: 'help' | 'version' | 'clean' }
  | { readonly kind: 'build'; readonly steps: readonly string[] }
  | { readonly kind: 'inspect'; readonly settings: InspectSettings }
  | { readonly kind: 'shell'; readonly settings: MachineSettings }
  | { readonly kind: 'run'; readonly settings: MachineSettings; readonly command: readonly [string, ...string[]] };

const options = {
  root: { type: 'string' },
  env: { type: 'string', multiple: true },
  cwd: { type: 'string' },
  user: { type: 'string' },
  timeout: { type: 'string' },
  memory: { type: 'string', short: 'm' },
  append: { type: 'string', short: 'a' },
  quiet: { type: 'boolean', short: 'q' },
  verbose: { type: 'boolean', short: 'v' },
  trace: { type: 'boolean' },
  'trace-follow': { type: 'boolean', short: 'f' },
  'trace-summary': { type: 'boolean', short: 'c' },
  'trace-filter': { type: 'string', short: 'e', multiple: true },
  'trace-output': { type: 'string', short: 'o' },
  'trace-strings': { type: 'string', short: 's' },
  profile: { type: 'string' },
  kernel: { type: 'string' },
  initramfs: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const satisfies OptionTable;

const inspectOptions = {
  json: { type: 'boolean' },
  strict: { type: 'boolean' },
} as const satisfies OptionTable;

type Values = OptionValues<typeof options>;

const DEFAULT_MEMORY = 256 * 2 ** 20;
const LEAST_MEMORY = 32 * 2 ** 20;
const MOST_MEMORY = 2 ** 31;
/** 24 days: what setTimeout can wait for is a little more. */
const MOST_TIMEOUT = 24 * 86_400_000;
/** A WebAssembly.Memory grows by so much. */
const WASM_PAGE = 65536;

/** Variables of the host that make sense in the guest without being asked for. */
const passedOn = /^(TERM|COLORTERM|NO_COLOR|LANG|LC_[A-Z]+|TZ)$/;

/**
 * Reads the arguments (without node and script); `host` is this process's environment. Options may stand on both sides of
 * `run`; what follows the command's name is the command's. Throws UsageError.
 */
export function parseInvocation(
  args: readonly string[],
  host: Readonly<Record<string, string | undefined>>,
): Invocation {
  const before = countLeadingOptions(args, options);
  const [subcommand, ...rest] = args.slice(before);
  const after = subcommand === 'run' ? countLeadingOptions(rest, options) : 0;
  const given = [...args.slice(0, before), ...rest.slice(0, after)];
  const values = optionValues(given, options);
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  switch (subcommand) {
    case undefined:
      return { kind: 'shell', settings: settings(values, host) };
    case 'run': {
      const [command, ...commandArguments] = rest.slice(rest[after] === '--' ? after + 1 : after);
      if (command === undefined) throw new UsageError('run: which command? (see wasmlinux --help)');
      if (command === '') throw new UsageError("run: the command's name is empty");
      return { kind: 'run', settings: settings(values, host), command: [command, ...commandArguments] };
    }
    case 'inspect':
      if (given[0] !== undefined) throw new UsageError(`inspect: takes --json and --strict, not ${given[0]}`);
      return { kind: 'inspect', settings: inspectSettings(rest) };
    case 'build':
    case 'clean':
      if (given[0] !== undefined) throw new UsageError(`${subcommand}: takes no options, not ${given[0]}`);
      if (subcommand === 'build') return { kind: 'build', steps: rest };
      if (rest[0] !== undefined) throw new UsageError(`clean: unexpected argument ${rest[0]}`);
      return { kind: 'clean' };
    case '--':
      if (rest.length === 0) return { kind: 'shell', settings: settings(values, host) };
      throw new UsageError(`unexpected argument ${rest[0]} (run a command inside with: wasmlinux run ${rest[0]})`);
    default:
      throw new UsageError(`unknown command ${subcommand} (run it inside with: wasmlinux run ${subcommand})`);
  }
}

function inspectSettings(args: readonly string[]): InspectSettings {
  const count = countLeadingOptions(args, inspectOptions);
  const { json = false, strict = false } = optionValues(args.slice(0, count), inspectOptions);
  const files = args.slice(args[count] === '--' ? count + 1 : count);
  if (files.length === 0) throw new UsageError('inspect: which file? (see wasmlinux --help)');
  return { files, json, strict };
}

function settings(values: Values, host: Readonly<Record<string, string | undefined>>): MachineSettings {
  if (values.quiet && values.verbose) throw new UsageError('--quiet and --verbose exclude each other');
  if (values.root !== undefined && values.initramfs !== undefined) {
    throw new UsageError('--root and --initramfs exclude each other');
  }
  return {
    memory: values.memory === undefined ? DEFAULT_MEMORY : memory(values.memory),
    append: values.append ?? '',
    quiet: values.quiet ?? false,
    verbose: values.verbose ?? false,
    profile: values.profile,
    kernel: values.kernel,
    initramfs: values.initramfs,
    root: values.root,
    environment: environment(values.env ?? [], host),
    cwd: values.cwd === undefined ? undefined : cwd(values.cwd),
    user: values.user === undefined ? undefined : user(values.user),
    timeout: values.timeout === undefined ? undefined : timeout(values.timeout),
    trace: trace(values),
  };
}

/** The short options are strace's; the long ones are not documented. */
const TRACE_OPTIONS = {
  'trace-follow': '-f',
  'trace-summary': '-c',
  'trace-filter': '-e',
  'trace-output': '-o',
  'trace-strings': '-s',
} as const;

function trace(values: Values): TraceSettings | undefined {
  if (!values.trace) {
    for (const [name, short] of Object.entries(TRACE_OPTIONS)) {
      if (values[name as keyof typeof TRACE_OPTIONS] === undefined) continue;
      throw new UsageError(`${short} is an option of --trace: wasmlinux run --trace ${short} ...`);
    }
    return undefined;
  }
  const strings = values['trace-strings'];
  if (strings !== undefined && !/^[0-9]{1,9}$/.test(strings)) throw new UsageError(`-s ${strings}: a number of bytes`);
  const file = values['trace-output'];
  // strace takes what follows for a command.
  if (file !== undefined && /^[|!]/.test(file)) {
    throw new UsageError(`-o ${file}: a file, not a command (a file of this name: -o './${file}')`);
  }
  return {
    follow: values['trace-follow'] ?? false,
    summary: values['trace-summary'] ?? false,
    filters: values['trace-filter'] ?? [],
    file,
    toFile: file !== undefined,
    stringLimit: strings === undefined ? DEFAULT_STRING_LIMIT : Number(strings),
    verbose: false,
  };
}

function memory(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined || bytes < LEAST_MEMORY || bytes > MOST_MEMORY) {
    const range = `from ${describeSize(LEAST_MEMORY)} to ${describeSize(MOST_MEMORY)}`;
    throw new UsageError(`--memory ${text}: a size ${range}, as in 256M`);
  }
  return Math.ceil(bytes / WASM_PAGE) * WASM_PAGE;
}

function cwd(text: string): string {
  if (!text.startsWith('/')) throw new UsageError(`--cwd ${text}: a folder of the guest begins with /`);
  return text;
}

function user(text: string): string {
  if (!/^[^:]+(:[^:]+)?$/.test(text)) throw new UsageError(`--user ${text}: NAME or UID, perhaps with :GROUP or :GID`);
  return text;
}

/** Undefined for 0, which timeout(1) takes for no limit. */
function timeout(text: string): number | undefined {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new UsageError(`--timeout ${text}: a time as in 500ms, 10s, 2m or 1h`);
  if (milliseconds > MOST_TIMEOUT) throw new UsageError(`--timeout ${text}: at most 24d`);
  return milliseconds || undefined;
}

function environment(
  wishes: readonly string[],
  host: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(host)) {
    if (value !== undefined && passedOn.test(name)) result.set(name, value);
  }
  for (const wish of wishes) {
    const equals = wish.indexOf('=');
    const name = equals < 0 ? wish : wish.slice(0, equals);
    if (name === '') throw new UsageError(`--env ${wish}: NAME or NAME=VALUE`);
    const value = equals < 0 ? host[name] : wish.slice(equals + 1);
    if (value !== undefined) result.set(name, value);
  }
  return Object.fromEntries(result);
}
