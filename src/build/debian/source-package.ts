// SPDX-License-Identifier: MIT
/**
 * Fetches and unpacks the Debian source package of a wanted upstream version. The machine's own release may have an older one
 * and a mirror may lack a file that its index names, so releases and versions are tried in turn. sources.ts uses it.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type StepContext, StepError } from '../step.ts';
import { type Mirror, readMirrors } from './apt-sources.ts';
import { PrivateApt } from './private-apt.ts';

export interface SourcePackage {
  /** Debian's name. */
  readonly name: string;
  /** The upstream version: `1.2.5` matches Debian's `1.2.5-3`. */
  readonly version: string;
  /** Releases to look in, by preference. */
  readonly releases: readonly string[];
  /** Of a large source: these folders only, as upstream has them. Debian's patches are neither fetched nor applied. */
  readonly folders?: readonly string[];
}

/** Puts the upstream source with Debian's patches applied into `folder`; Debian's packaging stays beside it in debian/. */
export async function fetchSource(
  context: StepContext,
  wanted: SourcePackage,
  folder: string,
  mirrors: readonly Mirror[] = readMirrors(),
): Promise<void> {
  const downloads = join(context.work, 'downloads');
  const file = await download(context, wanted, mirrors, downloads);
  context.progress(2, 3, 'unpacking');
  if (wanted.folders) await unpackFolders(context, join(downloads, file), wanted.folders, folder);
  else await unpackSource(context, join(downloads, file), folder);
  rmSync(downloads, { recursive: true });
}

/** Downloads the first version that is whole; returns the name of its .dsc file, or of upstream's archive for some folders. */
async function download(
  context: StepContext,
  wanted: SourcePackage,
  mirrors: readonly Mirror[],
  folder: string,
): Promise<string> {
  if (mirrors.length === 0) {
    throw new StepError("apt's sources on this machine name no Debian mirror", {
      advice: 'Name one in /etc/apt/sources.list (see sources.list(5)), then give the same command again.',
    });
  }
  const failures: string[] = [];
  for (const release of wanted.releases) {
    const apt = new PrivateApt(context, release, mirrors);
    // The second try is with a new index: an old one names files that mirrors no longer have.
    for (const withNewIndex of apt.hasIndex ? [false, true] : [true]) {
      try {
        if (withNewIndex) {
          context.progress(0, 3, `reading the source index of Debian ${release}`);
          await apt.update();
        }
        const versions = await apt.versions(wanted.name);
        const fitting = versions.filter((version) => upstreamVersion(version) === wanted.version);
        if (fitting.length === 0) {
          failures.push(`${release}: has ${versions.length > 0 ? versions.join(', ') : 'no such package'}`);
        }
        for (const version of fitting) {
          context.progress(1, 3, `downloading ${wanted.name} ${version} from Debian ${release}`);
          const file = await tryDownload(context, apt, wanted, version, folder);
          if (file) return file;
          failures.push(`${release}: ${version} is listed, but the mirror lacks a file of it`);
        }
      } catch (error) {
        if (!(error instanceof StepError)) throw error;
        failures.push(`${release}: its index can't be fetched`);
      }
    }
  }
  throw new StepError(`the source of ${wanted.name} ${wanted.version} is on none of this machine's Debian mirrors`, {
    tail: [...new Set(failures)],
    advice:
      'Check that the network works, or name a complete Debian mirror in /etc/apt/sources.list; then give the same command again.',
  });
}

async function tryDownload(
  context: StepContext,
  apt: PrivateApt,
  wanted: SourcePackage,
  version: string,
  folder: string,
): Promise<string | undefined> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await apt.download(wanted.name, version, folder, wanted.folders ? 'upstream' : 'all');
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    context.log(error.message);
    return undefined;
  }
  const main = wanted.folders ? /\.orig\.tar\.\w+$/ : /\.dsc$/;
  return readdirSync(folder).find((file) => main.test(file));
}

/** Unpacks folders of upstream's archive, each with all below it. */
async function unpackFolders(
  context: StepContext,
  archive: string,
  folders: readonly string[],
  into: string,
): Promise<void> {
  await context.exec('tar', [
    '-xf',
    archive,
    '--use-compress-program=xz -T0',
    '-C',
    into,
    '--strip-components=1',
    '--no-same-owner',
    '--wildcards',
    '--no-wildcards-match-slash',
    ...folders.map((name) => `*/${name}`),
  ]);
}

/** `1:1.37.0-6` without epoch and Debian revision: `1.37.0`. */
export function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}

/** What `dpkg-source --extract` does for format 3.0 (quilt), without dpkg-dev, which would bring a second toolchain. */
export async function unpackSource(context: StepContext, dsc: string, folder: string): Promise<void> {
  const text = readFileSync(dsc, 'utf8');
  const downloads = join(dsc, '..');
  const format = /^Format: (.*)$/m.exec(text)?.[1];
  const orig = /^ \S+ \d+ (\S+\.orig\.tar\.\w+)$/m.exec(text)?.[1];
  const debian = /^ \S+ \d+ (\S+\.debian\.tar\.\w+)$/m.exec(text)?.[1];
  if (format !== '3.0 (quilt)' || !orig || !debian) throw new StepError(`${dsc}: unknown source format ${format}`);
  await context.exec('tar', ['-xf', join(downloads, orig), '-C', folder, '--strip-components=1', '--no-same-owner']);
  await context.exec('tar', ['-xf', join(downloads, debian), '-C', folder, '--no-same-owner']);
  for (const patch of seriesOf(folder)) {
    await context.exec(
      'patch',
      ['-p1', '--batch', '--forward', '--no-backup-if-mismatch', '-i', `debian/patches/${patch}`],
      {
        cwd: folder,
      },
    );
  }
}

/** The patches of debian/patches/series: one a line, perhaps with options after it, # begins a comment. */
function seriesOf(folder: string): string[] {
  try {
    const series = readFileSync(join(folder, 'debian', 'patches', 'series'), 'utf8');
    return series.split('\n').flatMap(
      (line) =>
        line
          .replace(/(^|\s)#.*/, '')
          .trim()
          .split(/\s+/)[0] || [],
    );
  } catch {
    return [];
  }
}
