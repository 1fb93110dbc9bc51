// SPDX-License-Identifier: MIT
/** GNU grep. See real-program.ts. */
import { sourceGrep } from '../debian/sources.ts';
import { AS_CONFIGURED, type RealProgram } from './real-program.ts';

export const grep: RealProgram = {
  name: 'Grep',
  file: 'grep.ts',
  source: sourceGrep,
  programs: { grep: 'src/grep' },
  hasConfigure: true,
  // The last two are what configure learns by running a program of the target, which this machine can't do.
  options: [
    '--disable-nls',
    '--disable-perl-regexp',
    'sv_cv_stack_direction=-1',
    'sv_cv_stack_direction_msg=grows down',
  ],
  goals: () => ['SUBDIRS=lib src', ...AS_CONFIGURED, 'all'],
  forks: false,
  compilations: 90,
};
