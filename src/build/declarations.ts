// SPDX-License-Identifier: MIT
/**
 * The declarations that tsc writes, made those of a package: of each file only what its entries lead to. Of the library's
 * constructors nothing, since a machine's objects are made by methods; their parameters would drag in the whole program. Called by
 * package.ts.
 */
import { posix } from 'node:path';

/** Declarations by path, which ends with .d.ts. */
export type Declarations = ReadonlyMap<string, string>;

interface Statement {
  readonly text: string;
  /** The name that it declares. */
  readonly name: string;
}

interface Import {
  readonly path: string;
  /** What the other file calls it. */
  readonly name: string;
}

interface File {
  /** Its first comment. */
  readonly head: string;
  readonly imports: ReadonlyMap<string, Import>;
  readonly statements: readonly Statement[];
  /** `export ... from`. */
  readonly passedOn: readonly PassedOn[];
}

interface PassedOn {
  readonly text: string;
  readonly path: string;
  /** Without: all that the other file exports. */
  readonly names?: readonly string[];
}

const COMMENT = /\/\*[\s\S]*?\*\//g;
/** A statement of a file begins in the first column, with its comment. */
const BEGINS = /^(?:\/\*\*|export |declare |type |interface |import )/;
const FROM = /^(import|export) (?:type )?\{([^}]*)\} from '([^']+)';\n$/;
const ALL_FROM = /^export \* from '([^']+)';\n$/;
const DECLARES = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/;
const INLINE_IMPORT = /import\("([^"]+)"\)\.(\w+)/g;
const CONSTRUCTOR = /^( +)(?:protected |private )?constructor\([\s\S]*?\);$/gm;

/** `all` reduced to what the entries' exports need; its paths lead from one to the other by .js. */
export function publicDeclarations(all: Declarations, entries: readonly string[]): Map<string, string> {
  const files = new Map<string, File>();
  const needed = new Map<string, Set<string>>();
  const fileAt = (path: string): File => {
    const source = all.get(path);
    if (source === undefined) throw new Error(`no declarations were made of ${path}`);
    const file = files.get(path) ?? parse(path, source);
    files.set(path, file);
    return file;
  };
  const need = (path: string, name: string): void => {
    const names = needed.get(path) ?? new Set();
    needed.set(path, names);
    const { imports, statements, passedOn } = fileAt(path);
    if (names.has(name)) return;
    const found = statements.find((statement) => statement.name === name);
    const imported = imports.get(name);
    const passed = passedOn.find((one) => one.names?.includes(name));
    if (!found && !imported) {
      if (passed) need(passed.path, name);
      return;
    }
    names.add(name);
    if (imported) need(imported.path, imported.name);
    if (!found) return;
    for (const [, module, other] of found.text.matchAll(INLINE_IMPORT)) need(pathOf(path, `${module}`), `${other}`);
    for (const word of wordsOf(found.text)) need(path, word);
  };
  const whole = new Set<string>();
  const needAll = (path: string): void => {
    whole.add(path);
    const { statements, passedOn } = fileAt(path);
    needed.set(path, needed.get(path) ?? new Set());
    for (const { name } of statements) need(path, name);
    for (const { path: target, names } of passedOn) {
      if (names) for (const name of names) need(target, name);
      else needAll(target);
    }
  };
  for (const entry of entries) needAll(entry);
  return new Map(
    [...needed]
      .filter(([path, names]) => names.size > 0 || whole.has(path))
      .map(([path, names]) => [path, textOf(path, fileAt(path), names, whole.has(path))]),
  );
}

function parse(path: string, source: string): File {
  const hidden = path.startsWith('library/') ? source.replace(CONSTRUCTOR, '$1protected constructor();') : source;
  const parts: string[] = [];
  let follows = false;
  for (const line of hidden.replace(/^export \{\};\n/m, '').split(/(?<=\n)/)) {
    // What follows a comment is what it is about.
    if (BEGINS.test(line) && !follows) parts.push(line);
    else parts.push((parts.pop() ?? '') + line);
    follows = /^(\/\*\*.*| )\*\/\n$/.test(line);
  }
  const imports = new Map<string, Import>();
  const statements: Statement[] = [];
  const passedOn: PassedOn[] = [];
  const head = /^\/\*\*[\s\S]*?\*\/\n(?=import |export \{|export type \{)/.exec(parts[0] ?? '')?.[0] ?? '';
  parts[0] = (parts[0] ?? '').slice(head.length);
  for (const text of parts) {
    const from = FROM.exec(text.replace(COMMENT, '').trimStart());
    const allFrom = ALL_FROM.exec(text.replace(COMMENT, '').trimStart())?.[1];
    if (allFrom !== undefined) {
      passedOn.push({ text, path: pathOf(path, allFrom) });
      continue;
    }
    const declared = DECLARES.exec(text.replace(COMMENT, '').trimStart())?.[1];
    if (from) {
      const names = `${from[2]}`
        .split(',')
        .map((name) => name.replace(/\btype /, '').trim())
        .filter((name) => name !== '');
      const target = pathOf(path, `${from[3]}`);
      if (from[1] === 'export') passedOn.push({ text, path: target, names });
      else {
        for (const name of names) {
          const [theirs = name, ours = name] = name.split(' as ');
          imports.set(ours, { path: target, name: theirs });
        }
      }
      continue;
    }
    const last = declared ? undefined : statements.pop();
    if (declared) statements.push({ text, name: declared });
    // The middle of a long type, which tsc leaves as it was written.
    else if (!/^(?:export|import) /m.test(text))
      statements.push({ text: (last?.text ?? '') + text, name: last?.name ?? '' });
    else throw new Error(`${path}: no declaration that is known:\n${text}`);
  }
  return { head, imports, statements, passedOn };
}

function textOf(path: string, file: File, names: ReadonlySet<string>, isWhole: boolean): string {
  const imports = [...file.imports]
    .filter(([name]) => names.has(name))
    .map(([ours, { path: target, name }]) => {
      const module = posix.relative(posix.dirname(path), target).replace(/\.d\.ts$/, '.js');
      const both = ours === name ? name : `${name} as ${ours}`;
      return `import type { ${both} } from '${module.startsWith('.') ? module : `./${module}`}';\n`;
    });
  const statements = file.statements.filter(({ name }) => names.has(name)).map(({ text }) => text);
  const body = [...statements, ...(isWhole ? file.passedOn.map(({ text }) => text) : [])]
    .join('')
    .replace(/(from '|import\(")(\.[^'"]+)\.ts(?=['"])/g, '$1$2.js');
  // A user's own settings may lack the types of `await using`.
  const reference = /\bAsyncDisposable\b/.test(body) ? '/// <reference lib="esnext.disposable" />\n' : '';
  // A base class is more than a type.
  const extended = new Set([...body.matchAll(/\bextends (\w+) \{/g)].map(([, name]) => name));
  const written = imports.map((line) =>
    extended.has(/(\w+) \}/.exec(line)?.[1]) ? line.replace('import type', 'import') : line,
  );
  return (isWhole ? file.head : '') + reference + written.join('') + body;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.replace(COMMENT, '').match(/\b[A-Za-z_]\w*\b/g));
}

function pathOf(from: string, module: string): string {
  return posix.join(posix.dirname(from), module.replace(/\.ts$/, '.d.ts'));
}
