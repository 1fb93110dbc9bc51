// SPDX-License-Identifier: MIT
/**
 * Finds code that has exceptions in the older of WebAssembly's two forms.
 *
 * Why: engines refuse a module that mixes both, and libc and the C++ libraries have the standard's final form (docs/abi.md). Objects
 * of stock clang have the older one unless told, so that a program with one of them would link and not start. Turning one form into the
 * other means to give each handler a block of its own; compiling again is simpler, so src/toolchain/link.ts refuses them.
 *
 *   found      try  call $f  catch $tag  ...  end
 *   not found  block $handler  try_table (catch $tag $handler)  call $f  end  ...  end
 */

import { type CodePlace, codePlaces } from './code-places.ts';
import { OP, skipImmediates } from './instructions.ts';
import { readLocals } from './locals.ts';
import { SECTION, type Section, sectionReader } from './module.ts';

/** The first place in each function that has such code. */
export function legacyExceptions(sections: readonly Section[]): CodePlace[] {
  const placeOf = codePlaces(sections);
  const places = sectionReader(sections, SECTION.code).vector((reader, body) => {
    const size = reader.u32();
    const end = reader.position + size;
    readLocals(reader);
    let found: number | undefined;
    while (found === undefined && reader.position < end) {
      const at = reader.position;
      const op = reader.byte();
      if (op === OP.try) found = at;
      else skipImmediates(reader, op);
    }
    reader.position = end;
    return found === undefined ? [] : [placeOf(body, found)];
  });
  return places.flat();
}
