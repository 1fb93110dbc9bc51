// SPDX-License-Identifier: MIT
/** lua, with a `process` of our own that can fork. See real-program.ts. */
import { join } from 'node:path';
import { sourceLua } from '../debian/sources.ts';
import type { RealProgram } from './real-program.ts';

export const lua: RealProgram = {
  name: 'Lua',
  file: 'lua.ts',
  source: sourceLua,
  programs: { lua: 'src/lua' },
  hasConfigure: false,
  goals: (context) => ['-C', 'src', '-f', join(context.root, 'bench', 'real', 'lua.mk'), 'lua'],
  binding: { file: 'lua-process.c', include: 'src', wraps: 'luaL_openlibs' },
  forks: true,
  compilations: 33,
};
