// SPDX-License-Identifier: MIT
/** The one list of real programs, and their steps. */
import type { Step } from '../step.ts';
import { lua } from './lua.ts';
import { quickjs } from './quickjs.ts';
import { guestStep, nativeStep } from './real-program.ts';

const PROGRAMS = [lua, quickjs];

export const realPrograms: readonly Step[] = PROGRAMS.map(guestStep);
export const nativePrograms: readonly Step[] = PROGRAMS.map(nativeStep);
