// SPDX-License-Identifier: MIT
/** sort and sha256sum of GNU coreutils. See real-program.ts. */
import { join } from 'node:path';
import { sourceCoreutils } from '../debian/sources.ts';
import { AS_CONFIGURED, type RealProgram } from './real-program.ts';

const PROGRAMS = { sort: 'src/sort', sha256sum: 'src/sha256sum' } as const;

export const coreutils: RealProgram = {
  name: 'Coreutils',
  file: 'coreutils.ts',
  source: sourceCoreutils,
  programs: PROGRAMS,
  hasConfigure: true,
  options: [
    '--disable-nls',
    '--without-selinux',
    '--disable-acl',
    '--disable-xattr',
    '--disable-libcap',
    '--without-openssl',
  ],
  // It asks as whom it makes special files, and refuses root; in a container there is nobody else.
  env: () => ({ FORCE_UNSAFE_CONFIGURE: '1' }),
  goals: (context) => [
    '-f',
    join(context.root, 'bench', 'real', 'coreutils.mk'),
    'one',
    `PROGRAM=${Object.values(PROGRAMS).join(' ')}`,
    ...AS_CONFIGURED,
  ],
  forks: true,
  compilations: 230,
};
