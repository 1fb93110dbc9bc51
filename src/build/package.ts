// SPDX-License-Identifier: MIT
/**
 * Step `package`: a folder that is ready for `npm pack`.
 *
 *     package.json                 made from ours: exports, bin, no scripts, no dependencies
 *     dist/index.js, browser.js    the library for Node and for a page, each one program
 *     dist/node-worker.js, browser-worker.js    the Workers in which machines run
 *     dist/wasmlinux.js, cli.js    the command: any Node can load the first
 *     dist/vmlinux.wasm, *.cpio    what machines are booted from
 *     dist/types/                  the public declarations
 *     README.md, docs/, LICENSE, licenses/, SOURCES.md, source/    see components.ts
 *
 * Node refuses TypeScript under node_modules, and each file that it loads costs it a millisecond: so esbuild makes one for each
 * of these. It keeps names and lines as they are: a stack trace shows what was written. tsc makes the declarations, and nothing else.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { builtComponents, componentSources, ownSource, sourceOffer } from './components.ts';
import { installedVersions } from './debian/packages.ts';
import { sourceLinux } from './debian/source-linux.ts';
import { publicDeclarations } from './declarations.ts';
import { image } from './image.ts';
import { kernel } from './kernel.ts';
import { packageManifest } from './package-manifest.ts';
import { root } from './root.ts';
import type { Step, StepContext } from './step.ts';

/** The programs of Node, by file. */
const NODE_ENTRIES = {
  index: 'src/index.ts',
  'node-worker': 'src/host/node/worker-entry.ts',
  wasmlinux: 'src/installation/launch-package.ts',
  cli: 'src/cli/launch.ts',
};

/** Those of a page, and its Workers: these are no modules. */
const PAGE_ENTRIES = { browser: 'src/browser.ts' };
const PAGE_WORKERS = { 'browser-worker': 'src/host/browser/worker-entry.ts' };

/** What declarations are made of, and with which types. */
const DECLARED = [
  { entry: 'index', lib: ['es2024', 'esnext.disposable'], types: ['node'] },
  {
    entry: 'browser',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'],
    types: [],
  },
] as const;

const ASSETS = ['vmlinux.wasm', 'initramfs.cpio', 'root-boot.cpio'];

/** Files of the checkout that are copied as they are. By name: of a folder Markdown would not go into the key. */
const COPIED = ['README.md', 'CHANGELOG.md', 'LICENSE', ...globSync('docs/*', { cwd: root }).sort()];

export const packageStep: Step = {
  name: 'package',
  title: 'npm package',
  needs: [kernel, image, sourceLinux, ...componentSources],
  inputs: [
    ...['src', 'tsconfig.base.json', 'LICENSES', ...COPIED, ...ownSource].map((path) => ({ path })),
    installedVersions('linux-source-6.12', 'libclang-rt-22-dev-wasm32'),
  ],
  async run(context) {
    const dist = join(context.out, 'dist');
    mkdirSync(dist);
    await bundle(context, dist);
    await declare(context, join(dist, 'types'));
    for (const name of ASSETS) {
      const from = name === 'vmlinux.wasm' ? kernel : image;
      writeFileSync(join(dist, name), readFileSync(join(context.output(from), name)));
    }
    const components = await builtComponents(context);
    const licences = join(context.out, 'licenses');
    mkdirSync(licences);
    for (const { texts } of components) {
      for (const [name, text] of texts) writeFileSync(join(licences, name), text);
    }
    cpSync(join(context.root, 'LICENSES/MIT'), join(licences, 'MIT'));
    writeFileSync(join(context.out, 'SOURCES.md'), sourceOffer(components));
    for (const path of COPIED) cpSync(join(context.root, path), join(context.out, path));
    for (const path of ownSource) copySource(context, path);
    const manifest = packageManifest(
      JSON.parse(readFileSync(join(context.root, 'package.json'), 'utf8')),
      components.map(({ licence }) => licence),
    );
    writeFileSync(join(context.out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  },
};

async function bundle(context: StepContext, dist: string): Promise<void> {
  const { build } = await import('esbuild');
  const common = {
    absWorkingDir: context.root,
    outdir: dist,
    bundle: true,
    // Of the first engines with JSPI, and of those that come after.
    target: 'es2024',
    logLevel: 'silent',
  } as const;
  const installation: Plugin = {
    name: 'installation',
    setup({ onResolve }) {
      onResolve({ filter: /\/installation\/checkout\.ts$/ }, () => ({
        path: join(context.root, 'src/installation/package.ts'),
      }));
      onResolve({ filter: /\/cli\/launch\.ts$/ }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: './cli.js', external: true } : undefined,
      );
    },
  };
  await build({ ...common, entryPoints: NODE_ENTRIES, format: 'esm', platform: 'node', plugins: [installation] });
  await build({ ...common, entryPoints: PAGE_ENTRIES, format: 'esm', platform: 'browser' });
  await build({ ...common, entryPoints: PAGE_WORKERS, format: 'iife', platform: 'browser' });
}

/** Writes the public declarations. */
async function declare(context: StepContext, folder: string): Promise<void> {
  const all = new Map<string, string>();
  // Node and the DOM have different types for the same names: each entry is compiled with those of its own.
  for (const { entry, ...settings } of DECLARED) {
    const made = join(context.work, 'declarations', entry);
    const config = join(context.work, `tsconfig.${entry}.json`);
    const options = {
      ...settings,
      typeRoots: [join(context.root, 'node_modules/@types')],
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(context.root, 'src'),
      outDir: made,
    };
    const files = [`src/${entry}.ts`, 'src/machine/webassembly.d.ts'].map((path) => join(context.root, path));
    writeFileSync(
      config,
      JSON.stringify({ extends: join(context.root, 'tsconfig.base.json'), compilerOptions: options, files }),
    );
    rmSync(made, { recursive: true, force: true });
    await context.exec(process.execPath, [join(context.root, 'node_modules/typescript/bin/tsc'), '-p', config]);
    for (const path of globSync('**/*.d.ts', { cwd: made })) all.set(path, readFileSync(join(made, path), 'utf8'));
  }
  const entries = DECLARED.map(({ entry }) => `${entry}.d.ts`);
  for (const [path, text] of publicDeclarations(all, entries)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** A file or folder of the checkout, as far as it goes into the key: no tests, no Markdown. */
function copySource(context: StepContext, path: string): void {
  cpSync(join(context.root, path), join(context.out, 'source', path), {
    recursive: true,
    filter: (file) => !/\.(test\.ts|md)$/.test(file),
  });
}
