// SPDX-License-Identifier: MIT
/**
 * Reads where this machine's apt gets Debian from, in both formats that apt knows (sources.list(5)), and writes entries for
 * other releases of the same mirrors. private-apt.ts uses it; nothing under /etc is changed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A place with a Debian archive: its addresses, and how apt verifies it (a keyring file, fingerprints or a key), if told. */
export interface Mirror {
  readonly uris: readonly string[];
  readonly signedBy: string | undefined;
}

/** Names of whole Debian releases: an entry for one of them stands for the main archive (not security, not a third party). */
const RELEASES = ['oldstable', 'stable', 'testing', 'unstable', 'bookworm', 'trixie', 'forky', 'duke', 'sid'];

/** The mirrors of Debian's main archive in /etc/apt, or in another folder of the same form. */
export function readMirrors(etc = '/etc/apt'): Mirror[] {
  const mirrors = [...oneLineMirrors(read(join(etc, 'sources.list')))];
  for (const name of list(join(etc, 'sources.list.d'))) {
    const text = read(join(etc, 'sources.list.d', name));
    if (name.endsWith('.list')) mirrors.push(...oneLineMirrors(text));
    if (name.endsWith('.sources')) mirrors.push(...deb822Mirrors(text));
  }
  // The entries of one mirror are many: deb, deb-src, its updates.
  return [...new Map(mirrors.map((mirror) => [JSON.stringify(mirror), mirror])).values()];
}

/** `deb [ option=value ... ] uri suite component...` */
export function oneLineMirrors(text: string): Mirror[] {
  return text.split('\n').flatMap((line) => {
    const entry = /^\s*deb(?:-src)?\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    const [, options = '', uri = '', suite = '', components = ''] = entry ?? [];
    if (!isMainArchive([suite], components.split(/\s+/))) return [];
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return mirror([uri], signedBy?.replaceAll(',', ' '));
  });
}

/** Paragraphs of `Field: value`, where a line that begins with a blank continues the value. */
export function deb822Mirrors(text: string): Mirror[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap((paragraph) => {
    const fields = new Map<string, string>();
    for (const [, name = '', value = ''] of paragraph.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)) {
      fields.set(name.toLowerCase(), value);
    }
    const words = (name: string): string[] => (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
    if (/^(no|false|without|off|disable)$/i.test(fields.get('enabled') ?? '')) return [];
    if (!isMainArchive(words('suites'), words('components'))) return [];
    return mirror(words('uris'), fields.get('signed-by'));
  });
}

/** A paragraph with the source packages of one release of a mirror. */
export function sourceEntry({ uris, signedBy }: Mirror, release: string): string {
  const lines = ['Types: deb-src', `URIs: ${uris.join(' ')}`, `Suites: ${release}`, 'Components: main'];
  if (signedBy) lines.push(`Signed-By: ${signedBy}`);
  return `${lines.join('\n')}\n`;
}

function isMainArchive(suites: readonly string[], components: readonly string[]): boolean {
  return suites.some((suite) => RELEASES.includes(suite)) && components.includes('main');
}

function mirror(uris: readonly string[], signedBy: string | undefined): Mirror[] {
  // A disc has the release that it was burnt with and no other.
  const remote = uris.filter((uri) => !uri.startsWith('cdrom:'));
  return remote.length > 0 ? [{ uris: remote, signedBy: signedBy || undefined }] : [];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
