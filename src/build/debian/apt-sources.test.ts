// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { deb822Mirrors, oneLineMirrors, readMirrors, sourceEntry } from './apt-sources.ts';

describe('one-line entries', () => {
  it('give the mirror of the main archive, with its key', () => {
    const text = `
# deb http://commented.example/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib # mine
deb http://mirror.example/debian bookworm-updates main
deb http://security.example/debian-security bookworm-security main
deb https://third.example/apt nodistro main
deb-src http://plain.example/debian/ sid main
`;
    assert.deepEqual(oneLineMirrors(text), [
      { uris: ['http://mirror.example/debian'], signedBy: '/k.gpg' },
      { uris: ['http://plain.example/debian/'], signedBy: undefined },
    ]);
  });
});

describe('deb822 paragraphs', () => {
  it('give the mirror of the main archive, with its key', () => {
    const text = `Types: deb
# a comment in between
URIs: http://mirror.example/debian
 http://second.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
`;
    assert.deepEqual(deb822Mirrors(text), [
      {
        uris: ['http://mirror.example/debian', 'http://second.example/debian'],
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
    ]);
  });

  it('may hold the key itself', () => {
    const text =
      'Types: deb\nURIs: http://m.example/\nSuites: stable\nComponents: main\nSigned-By:\n -----BEGIN\n .\n x\n';
    const [mirror] = deb822Mirrors(text);
    assert.equal(mirror?.signedBy, '\n -----BEGIN\n .\n x');
    assert(mirror);
    assert.equal(
      sourceEntry(mirror, 'trixie'),
      'Types: deb-src\nURIs: http://m.example/\nSuites: trixie\nComponents: main\nSigned-By: \n -----BEGIN\n .\n x\n',
    );
  });
});

describe('readMirrors', () => {
  it('reads both formats of a folder, each mirror once, and nothing that is switched off by its name', () => {
    const etc = mkdtempSync(join(tmpdir(), 'wasmlinux-apt-'));
    try {
      mkdirSync(join(etc, 'sources.list.d'));
      const line = 'deb http://one.example/debian bookworm main\n';
      writeFileSync(join(etc, 'sources.list'), `${line}${line.replace('deb ', 'deb-src ')}`);
      const paragraph = 'Types: deb\nURIs: http://two.example/debian\nSuites: bookworm\nComponents: main\n';
      writeFileSync(join(etc, 'sources.list.d/debian.sources'), paragraph);
      writeFileSync(join(etc, 'sources.list.d/old.list.save'), 'deb http://old.example/debian bookworm main\n');
      assert.deepEqual(
        readMirrors(etc).map(({ uris }) => uris[0]),
        ['http://one.example/debian', 'http://two.example/debian'],
      );
      assert.deepEqual(readMirrors(join(etc, 'nowhere')), []);
    } finally {
      rmSync(etc, { recursive: true });
    }
  });
});
