// SPDX-License-Identifier: MIT
/** GNU gzip. See real-program.ts. */
import { sourceGzip } from '../debian/sources.ts';
import { AS_CONFIGURED, type RealProgram } from './real-program.ts';

export const gzip: RealProgram = {
  name: 'Gzip',
  file: 'gzip.ts',
  source: sourceGzip,
  programs: { gzip: 'gzip' },
  hasConfigure: true,
  goals: () => ['SUBDIRS=lib .', ...AS_CONFIGURED, 'all'],
  forks: false,
  compilations: 70,
};
