// SPDX-License-Identifier: MIT
/**
 * Steps `packages` and `testPackages`: have the Debian packages that the other steps use, and those that only tests do, installed
 * with apt as root or through sudo. Where neither is possible they name the one line to type. docs/dependencies.md says what each
 * package is for.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type ExecOptions, type Input, type Step, type StepContext, StepError } from '../step.ts';
import packageLists from './packages.json' with { type: 'json' };

const execFileText = promisify(execFile);

/** No questions, no packages beyond those needed, and patience with another apt that holds the lock. */
const APT_OPTIONS = ['--yes', '--quiet', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];

/** What building takes; bootstrap.mjs names them too, when it can't start Node 26. */
export const packages = packageStep('packages', 'Debian packages', packageLists.build);

/** What `npm test` takes beside, and neither a build nor a boot. */
export const testPackages = packageStep('testPackages', 'Debian packages for tests', packageLists.test);

function packageStep(name: string, title: string, names: readonly string[]): Step {
  return {
    name,
    title,
    needs: [],
    inputs: [{ text: names.join(' ') }],
    isDone: async () => (await missingOf(names)).length === 0,
    async run(context) {
      const missing = await missingOf(names);
      const apt = await aptAsRoot(missing);
      // On a fresh machine apt's index is empty, on an old one it names files that are gone: a new index mends both.
      try {
        await install(context, apt, missing);
      } catch {
        context.progress(0, 0, 'reading the package index (apt-get update)');
        await apt(context, ['update', '--quiet']);
        await install(context, apt, missing);
      }
    },
  };
}

/** The installed versions of some of these packages, as an input of the steps that use them. */
export function installedVersions(...names: string[]): Input {
  for (const name of names)
    if (!packageLists.build.includes(name)) throw new Error(`${name} is not in the list of packages`);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  return { command: ['dpkg-query', '--show', '--showformat=${Package} ${Version}\n', ...names] };
}

async function missingOf(names: readonly string[]): Promise<string[]> {
  const installed = new Set(
    (await packageStates(names))
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

async function packageStates(names: readonly string[]): Promise<string> {
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    const query = ['--show', '--showformat=${Package} ${db:Status-Status}\n', ...names];
    return (await execFileText('dpkg-query', query)).stdout;
  } catch (error) {
    // Status 1: it does not know some of them; it has printed the others.
    const { code, stdout } = error as { code: number | string; stdout?: string };
    if (code === 1) return stdout ?? '';
    throw new StepError('this machine has no dpkg-query: WasmLinux is built on Debian 12 or newer', {
      advice: 'Build it on Debian, or in a container or virtual machine that runs Debian.',
    });
  }
}

type Apt = (context: StepContext, args: readonly string[], options?: ExecOptions) => Promise<void>;

/** apt-get as root: directly, or through sudo if it asks for no password. */
async function aptAsRoot(missing: readonly string[]): Promise<Apt> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (process.getuid?.() === 0) return (context, args, options) => context.exec('apt-get', args, { env, ...options });
  try {
    await execFileText('sudo', ['-n', 'true']);
  } catch {
    throw new StepError('Debian packages are missing, and this user may not install them', {
      advice: `Type this line, then give the same command again:\n\n  sudo sh -c 'apt-get update && apt-get install --yes --no-install-recommends ${missing.join(' ')}'\n`,
    });
  }
  return (context, args, options) =>
    context.exec('sudo', ['-n', 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args], options);
}

async function install(context: StepContext, apt: Apt, names: readonly string[]): Promise<void> {
  context.progress(0, 0, names.join(' '));
  await apt(context, ['install', ...APT_OPTIONS, '-o', 'APT::Status-Fd=1', ...names], {
    onLine(line) {
      // `dlstatus:item:percent:text` while downloading, then `pmstatus:package:percent:text` while unpacking: half each.
      const [kind, , percent, text] = line.split(':');
      if (kind === 'dlstatus') context.progress(Number(percent) / 2, 100, text ?? '');
      if (kind === 'pmstatus') context.progress(50 + Number(percent) / 2, 100, text ?? '');
    },
  });
}
