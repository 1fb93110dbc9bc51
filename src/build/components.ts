// SPDX-License-Identifier: MIT
/**
 * What a package has of others in its binary files: where it is from, under which licence, and which of our files belong to its
 * source. The offer of the source is written from it. Called by package.ts; versions are those of the sources that were built.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceBash, sourceBusybox, sourceDash, sourceMusl } from './debian/sources.ts';
import type { Step, StepContext } from './step.ts';

interface Component {
  readonly name: string;
  /** Debian's step, whose tree has a changelog; or the binary package that brings it. */
  readonly from: Step | { readonly binaryPackage: string };
  /** SPDX. */
  readonly licence: string;
  /** Texts of it: in the source's tree, or paths of the checkout. */
  readonly texts:
    | { readonly inSource: string }
    | { readonly inCheckout: readonly string[] }
    | { readonly debian: string };
  /** Where in the package's files it is. */
  readonly where: string;
  /** Files of the checkout that are part of its source: patches, port, configuration, how it is built. */
  readonly ours: readonly string[];
}

const COMPONENTS: readonly Component[] = [
  {
    name: 'Linux',
    from: { binaryPackage: 'linux-source-6.12' },
    licence: 'GPL-2.0-only WITH Linux-syscall-note',
    texts: { inCheckout: ['LICENSES/GPL-2.0', 'LICENSES/Linux-syscall-note'] },
    where: '`vmlinux.wasm`',
    ours: ['kernel'],
  },
  {
    name: 'BusyBox',
    from: sourceBusybox,
    licence: 'GPL-2.0-only',
    texts: { inSource: 'LICENSE' },
    where: '`/bin/busybox` and the links to it, `/usr/share/udhcpc/default.script`',
    ours: ['programs/busybox'],
  },
  {
    name: 'Bash',
    from: sourceBash,
    licence: 'GPL-3.0-or-later',
    texts: { inSource: 'COPYING' },
    where: '`/bin/bash`',
    ours: ['programs/bash'],
  },
  {
    name: 'dash',
    from: sourceDash,
    licence: 'BSD-3-Clause',
    texts: { inSource: 'COPYING' },
    where: '`/bin/dash`, `/bin/sh`',
    ours: [],
  },
  {
    name: 'musl',
    from: sourceMusl,
    licence: 'MIT',
    texts: { inSource: 'COPYRIGHT' },
    where: 'linked into every program',
    ours: ['libc'],
  },
  {
    name: "LLVM's compiler-rt",
    from: { binaryPackage: 'libclang-rt-22-dev-wasm32' },
    licence: 'Apache-2.0 WITH LLVM-exception',
    texts: { debian: '/usr/share/doc/libclang-rt-22-dev-wasm32/copyright' },
    where: 'linked into every program',
    ours: [],
  },
];

/** The steps whose sources must be there. */
export const componentSources: readonly Step[] = COMPONENTS.flatMap(({ from }) =>
  'binaryPackage' in from ? [] : [from],
);

/** What of the checkout goes with the binary files: it is the part of their source that nobody else has. */
export const ownSource: readonly string[] = [
  ...COMPONENTS.flatMap(({ ours }) => ours),
  ...['programs/base', 'programs/session', 'src/build', 'src/toolchain', 'src/wasm', 'src/image', 'bin'],
  ...['package.json', 'package-lock.json'],
];

export interface BuiltComponent {
  readonly name: string;
  readonly where: string;
  readonly licence: string;
  /** Of Debian's source package. */
  readonly source: string;
  readonly version: string;
  readonly ours: readonly string[];
  /** Its licence in full, by file name. */
  readonly texts: ReadonlyMap<string, string>;
}

export async function builtComponents(context: StepContext): Promise<BuiltComponent[]> {
  return Promise.all(
    COMPONENTS.map(async (component) => ({
      ...component,
      ...(await sourceOf(context, component)),
      texts: new Map(textsOf(context, component)),
    })),
  );
}

async function sourceOf(context: StepContext, { from }: Component): Promise<{ source: string; version: string }> {
  let line: string;
  if ('binaryPackage' in from) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    const format = '${source:Package} (${source:Version})';
    line = await context.capture('dpkg-query', ['--show', `--showformat=${format}`, from.binaryPackage]);
  } else {
    line = readFileSync(join(context.output(from), 'debian/changelog'), 'utf8');
  }
  const [, source, version] = /^(\S+) \((\S+)\)/.exec(line) ?? [];
  if (source === undefined || version === undefined) throw new Error(`no name and version of a source: ${line}`);
  return { source, version };
}

function textsOf(context: StepContext, { name, from, texts }: Component): [name: string, text: string][] {
  const file = name.toLowerCase().replace(/^.* /, '');
  if ('inCheckout' in texts) {
    return texts.inCheckout.map((path) => [path.replace(/^.*\//, ''), readFileSync(join(context.root, path), 'utf8')]);
  }
  if ('debian' in texts) return [[file, readFileSync(texts.debian, 'utf8')]];
  if ('binaryPackage' in from) throw new Error(`${name} has no source tree`);
  return [[file, readFileSync(join(context.output(from), texts.inSource), 'utf8')]];
}

/** The file SOURCES.md. */
export function sourceOffer(components: readonly BuiltComponent[]): string {
  const rows = components.map(
    ({ name, where, licence, source, version }) =>
      `| ${name} | ${where} | ${licence} | \`${source}\` ${version} | <https://snapshot.debian.org/package/${source}/${encodeURIComponent(version)}/> |`,
  );
  const patched = components.filter(({ ours }) => ours.length > 0);
  return `# What is in the binary files, and its source

\`dist/vmlinux.wasm\` is Linux. \`dist/initramfs.cpio\` and \`dist/root-boot.cpio\` hold programs of others beside our own, which are MIT. Their
licences are in \`licenses/\`.

| what | where | licence | Debian's source package | its files |
|---|---|---|---|---|
${rows.join('\n')}

The complete source of each is Debian's source package of exactly that version, with its patches, and our part, which lies in
\`source/\` of this package: ${patched.map(({ name, ours }) => `${ours.map((path) => `\`${path}\``).join(', ')} (${name})`).join(', ')}, and in
\`source/src/build\` the program that fetches, patches, configures and compiles them all. It needs a whole checkout to run.

**Offer.** Whoever publishes this package keeps these source packages beside it. For at least three years from the day on which you
received it, they give anybody who asks a complete machine-readable copy of the source of the GPL-licensed parts, over the network free
of charge, or on a medium for the cost of the copy.
`;
}
