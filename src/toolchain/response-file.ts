// SPDX-License-Identifier: MIT
/** Response files as GCC and clang read them: an argument @file stands for the arguments in the file. Called by cc.ts. */

import { readFileSync } from 'node:fs';

/** Splits at white space; quotes group, a backslash takes the next character as it is. */
function split(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\') word = (word ?? '') + text.charAt(++at);
    else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Replaces each @file, also within such files. One that can't be read stays as it is, as in GCC. */
export function expandResponseFiles(args: readonly string[]): string[] {
  return args.flatMap((argument) => {
    if (!argument.startsWith('@')) return [argument];
    let text: string;
    try {
      text = readFileSync(argument.slice(1), 'utf8');
    } catch {
      return [argument];
    }
    return expandResponseFiles(split(text));
  });
}
