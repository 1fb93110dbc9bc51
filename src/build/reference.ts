// SPDX-License-Identifier: MIT
/**
 * The library's reference, written from its public declarations (declarations.ts): docs/reference.md. `npm run reference` writes it; a
 * test (tests/package.test.ts) fails when it is not what the types say.
 */
import { posix } from 'node:path';
import type { Declarations } from './declarations.ts';

const HEAD = `# Reference of the library

Written from the types by \`npm run reference\`: what is said here is what editors show. How to use it all is in [library.md](library.md).

\`\`\`ts
import { Linux, LinuxError } from 'wasmlinux';
\`\`\`
`;

/** A declaration with its comment, which is not there for all. */
const DECLARATION =
  /^(?:(\/\*\*(?:[^*]|\*(?!\/))*\*\/)\n)?export (?:declare )?((?:abstract )?(?:class|interface|type|const|function) (\w+)[\s\S]*?)(?=\n(?:\/\*\*|export |declare |type )|\s*$(?![\s\S]))/gm;

/** The names that a file exports, in its order: its own, then what it passes on. */
function exportedNames(declarations: Declarations, path: string): string[] {
  const text = declarations.get(path) ?? '';
  const own = [...text.matchAll(/^export declare class (\w+)/gm)].map(([, name]) => `${name}`);
  const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)].flatMap(([, names]) =>
    `${names}`.split(',').map((name) => name.replace('type ', '').trim()),
  );
  const fromOthers = [...text.matchAll(/^export \* from '([^']+)\.js';/gm)].flatMap(([, module]) =>
    exportedNames(declarations, `${posix.join(posix.dirname(path), `${module}`)}.d.ts`),
  );
  return [...own, ...passedOn.filter((name) => name !== ''), ...fromOthers];
}

export function reference(declarations: Declarations, entry: string): string {
  const found = new Map<string, { comment: string; code: string }>();
  for (const text of declarations.values()) {
    for (const [, comment = '', code, name] of text.matchAll(DECLARATION)) {
      found.set(`${name}`, { comment: prose(comment), code: withoutPrivates(`${code}`) });
    }
  }
  const names = exportedNames(declarations, entry);
  const bases = names.map((name) => / extends (\w+) \{/.exec(found.get(name)?.code ?? '')?.[1] ?? name);
  const first = [...names.slice(0, 1), ...bases.slice(0, 1), ...names.filter((name) => /^Linux/.test(name))];
  // What the exports are made of, by other names, is part of what they say.
  const rest = [...names, ...found.keys()].filter((name) => !first.includes(name));
  const sections = [...new Set([...first, ...rest])].map((name) => {
    const declared = found.get(name);
    if (!declared) throw new Error(`${entry} exports ${name}, which is declared nowhere`);
    const { comment, code } = declared;
    return `## ${name}\n\n${comment ? `${comment}\n\n` : ''}\`\`\`ts\n${code}\n\`\`\`\n`;
  });
  return [HEAD, ...sections].join('\n');
}

/** A comment as text: its stars are gone, its lines joined. */
function prose(comment: string): string {
  return comment
    .replace(/^\/\*\*|\s*\*\/$/g, '')
    .replace(/^ \* ?/gm, '')
    .replace(/(?<=\S)\n(?=\S)/g, ' ')
    .trim();
}

function withoutPrivates(code: string): string {
  return code
    .replace(/^ +(#private|protected constructor\(\));\n/gm, '')
    .replace(/^ +/gm, (spaces) => ' '.repeat(2 * Math.floor(spaces.length / 4) + (spaces.length % 4)));
}
