// SPDX-License-Identifier: MIT
/** mawk, Debian's awk. See real-program.ts. */
import { sourceMawk } from '../debian/sources.ts';
import type { RealProgram } from './real-program.ts';

export const mawk: RealProgram = {
  name: 'Mawk',
  file: 'mawk.ts',
  source: sourceMawk,
  programs: { mawk: 'mawk' },
  hasConfigure: true,
  forks: true,
  compilations: 25,
};
