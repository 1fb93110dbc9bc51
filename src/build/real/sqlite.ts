// SPDX-License-Identifier: MIT
/** sqlite's shell. See real-program.ts. */
import { join } from 'node:path';
import { sourceSqlite } from '../debian/sources.ts';
import type { RealProgram } from './real-program.ts';

export const sqlite: RealProgram = {
  name: 'Sqlite',
  file: 'sqlite.ts',
  source: sourceSqlite,
  programs: { sqlite3: 'sqlite3' },
  hasConfigure: true,
  options: ['--disable-tcl', '--disable-shared', '--disable-readline'],
  goals: (context) => ['-f', join(context.root, 'bench', 'real', 'sqlite.mk'), 'sqlite3'],
  forks: false,
  compilations: 2,
};
