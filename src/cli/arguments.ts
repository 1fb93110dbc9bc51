// SPDX-License-Identifier: MIT
/** The command line of `wasmlinux`: what it asks for, as data. Called by main.ts. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export const usage = `\
wasmlinux: Linux, compiled to WebAssembly

Usage:
  wasmlinux [OPTION...]                              a shell on this terminal
  wasmlinux [OPTION...] run [--] COMMAND [ARG...]    run one command and pass on its exit status
  wasmlinux build [STEP...]                          build what has changed (all that a boot needs)
  wasmlinux clean                                    remove everything that was built

COMMAND is a program of the guest, or a .wasm file of this machine.

Options:
  -e, --env NAME[=VALUE]   set a variable of the guest's environment, or pass on this one's
  -m, --memory MIB         memory of the kernel (default 128)
  -a, --append TEXT        more words for the kernel's command line
  -v, --verbose            show the kernel's messages
      --kernel FILE        boot this kernel
      --initramfs FILE     with this initramfs
  -h, --help               show this
  -V, --version            show the version

Three Ctrl-] in a row end the machine at once, with status 130.
Exit status: the command's (128+N when signal N killed it), 0 after poweroff, 2 for a mistake on the command line,
70 when the kernel has died.
`;

/** What a mistake of the user ends with. */
export const STATUS_USAGE = 2;

/** A mistake that the user can mend; the message is one line. */
export class UsageError extends Error {}

export interface MachineSettings {
  /** Bytes of kernel memory. */
  readonly memory: number;
  readonly append: string;
  readonly verbose: boolean;
  readonly kernel: string | undefined;
  readonly initramfs: string | undefined;
  /** Variables of the guest. */
  readonly environment: Readonly<Record<string, string>>;
}

export type Invocation =
  | { readonly kind: 'help' | 'version' | 'clean' }
  | { readonly kind: 'build'; readonly steps: readonly string[] }
  | { readonly kind: 'shell'; readonly settings: MachineSettings }
  | { readonly kind: 'run'; readonly settings: MachineSettings; readonly command: readonly [string, ...string[]] };

const options = {
  env: { type: 'string', short: 'e', multiple: true },
  memory: { type: 'string', short: 'm' },
  append: { type: 'string', short: 'a' },
  verbose: { type: 'boolean', short: 'v' },
  kernel: { type: 'string' },
  initramfs: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const satisfies NonNullable<ParseArgsConfig['options']>;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** Variables of the host that make sense in the guest without being asked for. */
const passedOn = /^(TERM|COLORTERM|NO_COLOR|LANG|LC_[A-Z]+|TZ)$/;

/**
 * Reads the arguments (without node and script); `host` is this process's environment. Throws UsageError.
 */
export function parseInvocation(
  args: readonly string[],
  host: Readonly<Record<string, string | undefined>>,
): Invocation {
  const [values, [subcommand, ...rest]] = leadingOptions(args);
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  if (subcommand === undefined) return { kind: 'shell', settings: settings(values, host) };
  if (subcommand === 'run') {
    const [command, ...commandArguments] = rest[0] === '--' ? rest.slice(1) : rest;
    if (command === undefined) throw new UsageError('run: which command?');
    if (command.startsWith('-') && rest[0] !== '--') {
      throw new UsageError(`run: unknown option ${command} (options come before "run"; a command may follow "--")`);
    }
    return { kind: 'run', settings: settings(values, host), command: [command, ...commandArguments] };
  }
  if (subcommand === 'build') return { kind: 'build', steps: rest };
  if (subcommand === 'clean') {
    if (rest[0] !== undefined) throw new UsageError(`clean: unexpected argument ${rest[0]}`);
    return { kind: 'clean' };
  }
  throw new UsageError(`unknown command ${subcommand} (run it inside with: wasmlinux run ${subcommand})`);
}

/** Splits the options before the first word that is none from that word and all that follows, which is not ours to read. */
function leadingOptions(args: readonly string[]): [Values, string[]] {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const end = tokens.find((token) => token.kind !== 'option')?.index ?? args.length;
  try {
    return [parseArgs({ args: args.slice(0, end), options }).values, args.slice(end)];
  } catch (error) {
    const sentence = error instanceof Error ? error.message.split(/[.\n]/)[0] : String(error);
    throw new UsageError(`${sentence} (see wasmlinux --help)`);
  }
}

function settings(values: Values, host: Readonly<Record<string, string | undefined>>): MachineSettings {
  return {
    memory: parseMemory(values.memory ?? '128'),
    append: values.append ?? '',
    verbose: values.verbose ?? false,
    kernel: values.kernel,
    initramfs: values.initramfs,
    environment: environment(values.env ?? [], host),
  };
}

function parseMemory(text: string): number {
  const mebibytes = Number(text);
  if (!/^[0-9]+$/.test(text) || mebibytes < 32 || mebibytes > 2048) {
    throw new UsageError(`--memory ${text}: a number of MiB from 32 to 2048`);
  }
  return mebibytes * 1024 * 1024;
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
