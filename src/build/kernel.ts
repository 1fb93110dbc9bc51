// SPDX-License-Identifier: MIT
/**
 * Steps `kernel` and `kernelDebug`: Debian's Linux, our patches and arch/wasm, built to vmlinux.wasm by kbuild with clang and
 * wasm-ld; the latter with line tables, so that its reports name files and lines. The tree and the objects stay in the step's
 * work folder, so a changed file rebuilds what depends on it.
 *
 * Output: vmlinux.wasm, vmlinux.map (wasm-ld's), System.config (the whole configuration).
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCodeOffset } from '../debug/source-lines.ts';
import { installedVersions } from './debian/packages.ts';
import { sourceLinux } from './debian/source-linux.ts';
import { unheldLines } from './kconfig-fragment.ts';
import { kernelHeader } from './kernel-header.ts';
import { checkLayout } from './kernel-layout.ts';
import { filesBelow, linuxTreeInputs, prepareLinuxTree, writeChanged } from './linux-tree.ts';
import { type Step, type StepContext, StepError } from './step.ts';

/** Compilations of a build from nothing, until one has been counted here. */
const ESTIMATED_OBJECTS = 930;

const inputs: Step['inputs'] = [
  ...linuxTreeInputs,
  { path: 'src/machine/kernel-interface.ts' },
  { path: 'src/build/kernel-header.ts' },
  { path: 'src/build/kernel-layout.ts' },
  { path: 'src/build/kernel.ts' },
  { path: 'src/build/kconfig-fragment.ts' },
  installedVersions('clang-22', 'lld-22', 'libclang-rt-22-dev-wasm32'),
];

export const kernel: Step = {
  name: 'kernel',
  title: 'Linux kernel',
  needs: [sourceLinux],
  inputs,
  async run(context) {
    const built = await buildKernel(context, () => ({}));
    copyFileSync(built, join(context.out, 'vmlinux.wasm'));
  },
};

/** Which functions and lines each instruction comes from, and nothing about types: a tenth of what -g makes of a kernel. */
export const kernelDebug: Step = {
  name: 'kernelDebug',
  title: 'Linux kernel with lines',
  needs: [sourceLinux],
  inputs: [...inputs, { path: 'src/debug/source-lines.ts' }],
  async run(context) {
    const built = await buildKernel(context, (tree) => ({
      KCFLAGS: `-gline-tables-only -fdebug-prefix-map=${tree}/= -fdebug-compilation-dir=.`,
    }));
    writeFileSync(join(context.out, 'vmlinux.wasm'), withCodeOffset(readFileSync(built)));
  },
};

/** Variables of a make, by name. */
type MakeVariables = Readonly<Record<string, string>>;

/** Builds all of the output but the module; that one's path. */
async function buildKernel(context: StepContext, variablesFor: (tree: string) => MakeVariables): Promise<string> {
  const tree = await prepareLinuxTree(context);
  const objects = join(context.work, 'objects');
  writeChanged(join(objects, 'arch/wasm/include/generated/asm/host.h'), kernelHeader());
  const make = makeIn(context, tree, objects, variablesFor(tree));
  context.progress(0, 0, 'configuring');
  await configure(context, objects, make);
  await compile(context, objects, make);
  const map = join(objects, 'vmlinux.map');
  const problems = checkLayout(readFileSync(map, 'utf8'));
  if (problems.length > 0) {
    throw new StepError(`vmlinux.wasm is laid out wrongly:\n${problems.join('\n')}`, {
      advice: 'kernel/arch/wasm/kernel/lds_head.c orders the sections; docs/kernel-port.md says how.',
    });
  }
  copyFileSync(map, join(context.out, 'vmlinux.map'));
  copyFileSync(join(objects, '.config'), join(context.out, 'System.config'));
  return join(objects, 'vmlinux.wasm');
}

/** Makes .config. Kconfig drops what it does not know or can't have without a word: here that is an error. */
async function configure(context: StepContext, objects: string, make: Make): Promise<void> {
  await make(['wasmlinux_defconfig']);
  const wanted = readFileSync(join(context.root, 'kernel', 'wasmlinux.config'), 'utf8');
  const dropped = unheldLines(readFileSync(join(objects, '.config'), 'utf8'), wanted);
  if (dropped.length > 0) {
    throw new StepError(`Kconfig has dropped lines of kernel/wasmlinux.config:\n${dropped.join('\n')}`, {
      advice: 'An option is misspelled, or something that it depends on is off.',
    });
  }
}

/** Builds vmlinux.wasm, telling how many objects are done of as many as the last whole build had. */
async function compile(context: StepContext, objects: string, make: Make): Promise<void> {
  const counted = join(context.work, 'objects.count');
  const whole = !existsSync(join(objects, 'vmlinux.wasm'));
  const total = existsSync(counted) ? Number(readFileSync(counted, 'utf8')) : ESTIMATED_OBJECTS;
  // A build that was interrupted goes on: what is there counts.
  let done = whole ? filesBelow(objects).filter((file) => /^(?!scripts\/).*\.o$/.test(file)).length : 0;
  await make([`--jobs=${context.jobs}`, 'vmlinux.wasm'], (line) => {
    const file = /^ {2}(?:CC|AS) +(\S+)$/.exec(line)?.[1];
    if (file === undefined) return;
    done++;
    // A build that goes on from an earlier one knows no total.
    context.progress(done, whole ? Math.max(total, done) : 0, file);
  });
  context.log(`${done} objects compiled`);
  if (whole) writeFileSync(counted, String(done));
}

/** Runs make in the kernel's tree with these targets and options. */
type Make = (args: readonly string[], onLine?: (line: string) => void) => Promise<void>;

function makeIn(context: StepContext, tree: string, objects: string, more: MakeVariables): Make {
  mkdirSync(objects, { recursive: true });
  const variables = {
    ARCH: 'wasm',
    LLVM: '-22',
    LD: 'wasm-ld-22',
    // The same input gives the same kernel: no user, host, count or time of this build in its banner.
    KBUILD_BUILD_USER: 'wasmlinux',
    KBUILD_BUILD_HOST: 'wasmlinux',
    KBUILD_BUILD_VERSION: '1',
    KBUILD_BUILD_TIMESTAMP: sourceDate(tree),
    ...more,
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return (args, onLine) =>
    context.exec('make', ['-C', tree, `O=${objects}`, ...assignments, ...args], onLine ? { onLine } : {});
}

/** When Debian made the source, as date(1) writes it: the time of a file of the tarball that no patch touches. */
function sourceDate(tree: string): string {
  const [weekday, day, month, year, time] = statSync(join(tree, 'COPYING')).mtime.toUTCString().split(/,? /);
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
