// SPDX-License-Identifier: MIT
/**
 * Unpacks the kernel's source into the work folder of a step, once for each version of the tarball; the builders of the kernel
 * and of its headers call it. What no build for wasm reads is left out: 530 MB and 35,000 files instead of 1.7 GB and 88,000,
 * in 5 s instead of 8 (two processors).
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Step, StepContext } from '../step.ts';
import { LINUX_TARBALL_NAME } from './source-linux.ts';

/**
 * Sources of other architectures and of devices that need a bus we do not have, texts, and large tools. Kconfig files and
 * Makefiles stay wherever they are, since the configuration reads them all; so does arch/x86's table of system calls, which
 * scripts/checksyscalls.sh compares with.
 */
const LEFT_OUT = [
  '*/arch/*.[chS]',
  '*/arch/*.dts*',
  '*/arch/*defconfig',
  '*/Documentation/*.rst',
  '*/Documentation/*.txt',
  '*/Documentation/*.yaml',
  '*/Documentation/*.svg',
  '*/drivers/gpu/*.[ch]',
  '*/drivers/infiniband/*.[ch]',
  '*/drivers/media/*.[ch]',
  '*/drivers/net/ethernet/*.[ch]',
  '*/drivers/net/wireless/*.[ch]',
  '*/drivers/staging/*.[ch]',
  '*/sound/*.[ch]',
  '*/tools/perf',
  '*/tools/testing',
];

/** The tarball's length in tar's records of 10 KiB, about, and how often tar tells how many it has read. */
const RECORDS = 152_000;
const CHECKPOINT = 2000;

/** The unpacked tree, in `<work>/<name>`. It is the caller's: an overlay may be written into it, and stays there. */
export async function unpackLinux(context: StepContext, sourceLinux: Step, name: string): Promise<string> {
  const tree = join(context.work, name);
  const stamp = `${tree}.from`;
  const source = context.output(sourceLinux);
  // The output's name holds its key, and so the version of the package and this list.
  const from = `${basename(source)}\n${LEFT_OUT.join('\n')}\n`;
  if (read(stamp) === from) return tree;
  rmSync(stamp, { force: true });
  rmSync(tree, { recursive: true, force: true });
  rmSync(`${tree}.new`, { recursive: true, force: true });
  mkdirSync(`${tree}.new`);
  await context.exec(
    'tar',
    [
      '-xf',
      join(source, LINUX_TARBALL_NAME),
      '--use-compress-program=xz -T0',
      '-C',
      `${tree}.new`,
      '--strip-components=1',
      '--no-same-owner',
      `--checkpoint=${CHECKPOINT}`,
      '--checkpoint-action=echo=%u',
      ...LEFT_OUT.map((pattern) => `--exclude=${pattern}`),
    ],
    {
      onLine(line) {
        const records = Number(/^tar: (\d+)$/.exec(line)?.[1] ?? 0);
        if (records > 0) context.progress(Math.min(records, RECORDS), RECORDS, 'unpacking Linux');
      },
    },
  );
  renameSync(`${tree}.new`, tree);
  writeFileSync(stamp, from);
  return tree;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
