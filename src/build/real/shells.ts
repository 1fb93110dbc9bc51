// SPDX-License-Identifier: MIT
/** The guest's dash and bash, linked in other ways too; natively they are of the step nativeShells. See real-program.ts. */
import { join } from 'node:path';
import { BASH, BASH_OPTIONS, BASH_STACK } from '../bash.ts';
import { DASH, DASH_STACK } from '../dash.ts';
import type { RealProgram } from './real-program.ts';

export const realDash: RealProgram = {
  name: 'Dash',
  file: 'shells.ts',
  source: DASH.source,
  programs: { dash: DASH.program },
  hasConfigure: true,
  goals: () => ['all'],
  stack: DASH_STACK,
  forks: true,
  compilations: DASH.compilations,
};

export const realBash: RealProgram = {
  name: 'Bash',
  file: 'shells.ts',
  source: BASH.source,
  programs: { bash: BASH.program },
  hasConfigure: true,
  options: BASH_OPTIONS,
  env: (context) => ({ CONFIG_SITE: join(context.root, 'programs', 'bash', 'config.site') }),
  stack: BASH_STACK,
  forks: true,
  compilations: BASH.compilations,
};
