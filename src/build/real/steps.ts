// SPDX-License-Identifier: MIT
/** The one list of real programs, and their steps. */
import type { Step } from '../step.ts';
import { coreutils } from './coreutils.ts';
import { grep } from './grep.ts';
import { gzip } from './gzip.ts';
import { lua } from './lua.ts';
import { mawk } from './mawk.ts';
import { quickjs } from './quickjs.ts';
import { guestStep, nativeStep } from './real-program.ts';
import { realBash, realDash } from './shells.ts';
import { sqlite } from './sqlite.ts';

const PROGRAMS = [lua, quickjs, sqlite, gzip, mawk, coreutils, grep];

/** Also of a suite: tests/suites/sqlite.ts. */
export const benchSqlite = guestStep(sqlite);

export const realPrograms: readonly Step[] = [
  benchSqlite,
  ...[...PROGRAMS.filter((program) => program !== sqlite), realDash, realBash].map(guestStep),
];
export const nativePrograms: readonly Step[] = PROGRAMS.map(nativeStep);
