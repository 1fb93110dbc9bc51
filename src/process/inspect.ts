// SPDX-License-Identifier: MIT
/**
 * Holds a module against docs/abi.md: what it imports, exports and keeps in globals, in its order, its note, and what is wrong with
 * it. `wasmlinux inspect` prints this, and a test asks it of every program of the default image.
 */

import { EXCEPTION_FLAVOUR, FORK_MODE, PREEMPTION_MODE, readAbiNote, SECTION_NAME, VERSION } from '../wasm/abi-note.ts';
import { MalformedModule, type Reader } from '../wasm/binary.ts';
import { gotEntries } from '../wasm/fold-got.ts';
import { readFunctionTypes, readTypeIndices, VALUE } from '../wasm/function-types.ts';
import { expressionEnd } from '../wasm/instructions.ts';
import {
  EXTERNAL,
  LIMIT,
  readExports,
  readImports,
  readModule,
  SECTION,
  type Section,
  sectionReader,
} from '../wasm/module.ts';
import { readGlobalNames } from '../wasm/names.ts';
import { abiExports, abiGlobals, abiImports, FORK_STATE } from './abi-lists.ts';
import { UnsuitableModule } from './module-safety.ts';
import { ASYNCIFY_STATE, defaultLimits, readProgramShape } from './program-shape.ts';

export interface InspectedItem {
  readonly name: string;
  /** As in "(i32, i32) -> i32", "memory", "table", "mutable i32 global". */
  readonly type: string;
}

export interface InspectedNote {
  readonly version: number;
  readonly fork: string;
  readonly preemption: string;
  readonly exceptions: string;
  /** Bytes of the main thread's stack. */
  readonly stackSize: number;
}

export interface Inspection {
  readonly profile: 'plain' | 'linux';
  /** Bytes of the module. */
  readonly size: number;
  /** Pages of 64 KiB; undefined: no maximum. */
  readonly memory: { readonly initial: number; readonly maximum: number | undefined } | undefined;
  /** Names with their modules, as in "env.memory". */
  readonly imports: readonly InspectedItem[];
  readonly exports: readonly InspectedItem[];
  readonly globals: readonly InspectedItem[];
  readonly note: InspectedNote | undefined;
  /** In the module's order, with the bytes of each. */
  readonly sections: readonly { readonly name: string; readonly size: number }[];
  /** What does not follow docs/abi.md, a sentence each. The kernel does not run what begins with "not executed". */
  readonly problems: readonly string[];
}

const VALUE_NAMES = new Map<number, string>(Object.entries(VALUE).map(([name, byte]) => [byte, name]));
const SECTION_NAMES = new Map<number, string>(Object.entries(SECTION).map(([name, id]) => [id, name]));
const nameOf = <T>(names: Readonly<Record<string, T>>, value: T) =>
  Object.entries(names).find(([, known]) => known === value)?.[0] ?? `unknown (${value})`;

interface Global {
  readonly type: string;
  readonly isMutable: boolean;
}

function readGlobals(sections: readonly Section[]): Global[] {
  return sectionReader(sections, SECTION.global).vector((reader) => {
    const value = VALUE_NAMES.get(reader.byte()) ?? 'reference';
    const isMutable = reader.byte() === 1;
    reader.position = expressionEnd(reader);
    return { type: `${isMutable ? 'mutable' : 'constant'} ${value} global`, isMutable };
  });
}

/** How a function's type is written here: parameters in parentheses, and the result or (). */
function describeTypes(sections: readonly Section[]): string[] {
  const list = (types: readonly number[]) => types.map((type) => VALUE_NAMES.get(type) ?? 'reference').join(', ');
  return readFunctionTypes(sections).map(({ params, results }) => {
    return `(${list(params)}) -> ${results.length === 1 ? list(results) : `(${list(results)})`}`;
  });
}

const KIND_NAMES = new Map<number, string>(Object.entries(EXTERNAL).map(([name, kind]) => [kind, name]));

function readLimits(reader: Reader): Inspection['memory'] {
  const flags = reader.byte();
  return { initial: reader.u32(), maximum: flags & LIMIT.hasMaximum ? reader.u32() : undefined };
}

function readMemory(sections: readonly Section[]): Inspection['memory'] {
  const imported = readImports(sections).find(({ kind }) => kind === EXTERNAL.memory);
  const reader = sectionReader(sections, imported ? SECTION.import : SECTION.memory);
  if (imported) reader.position = imported.limitsAt;
  else if (reader.u32() === 0) return undefined;
  return readLimits(reader);
}

/** Names that are listed, but stand behind one that is listed later. */
function outOfOrder(names: readonly string[], list: readonly string[]): string[] {
  let last = -1;
  return names.filter((name) => {
    const rank = list.indexOf(name);
    if (rank < 0) return false;
    const isBehind = rank < last;
    last = Math.max(last, rank);
    return isBehind;
  });
}

function orderProblems(what: string, names: readonly string[], list: readonly string[]): string[] {
  return outOfOrder(names, list).map((name) => `its ${what} ${name} stands behind others that have to follow it`);
}

function globalProblems(globals: readonly InspectedItem[], isMutable: (index: number) => boolean): string[] {
  const names = globals.map(({ name }) => name);
  const unknown = names.filter((name, index) => isMutable(index) && !abiGlobals.includes(name));
  return [
    ...unknown.map((name) => `its mutable global ${name} is not in the list`),
    ...orderProblems('global', names, abiGlobals),
  ];
}

function exportProblems(exports: readonly InspectedItem[]): string[] {
  const wrong = exports.flatMap(({ name, type }) => {
    const listed = abiExports.find((item) => item.name === name);
    return listed && !listed.types.includes(type)
      ? [`its export ${name} is ${type}, not ${listed.types.join(' or ')}`]
      : [];
  });
  const names = exports.map(({ name }) => name);
  return [
    ...wrong,
    ...orderProblems(
      'export',
      names,
      abiExports.map(({ name }) => name),
    ),
  ];
}

function importProblems(imports: readonly InspectedItem[]): string[] {
  const names = imports.map(({ name }) => name);
  return orderProblems(
    'import',
    names,
    abiImports.map(({ name }) => `env.${name}`),
  );
}

function noteProblems(
  sections: readonly Section[],
  { profile, imports, note }: Omit<Inspection, 'problems'>,
): string[] {
  if (profile === 'plain') return note ? ['a plain program has no wasmlinux.abi'] : [];
  if (!note) return ['it has no wasmlinux.abi: link it with wasmlinux-cc'];
  const problems: string[] = [];
  if (note.version !== VERSION) problems.push(`its wasmlinux.abi is of version ${note.version}, not ${VERSION}`);
  if (sections.at(-1)?.name !== SECTION_NAME) problems.push('its wasmlinux.abi is not the last section');
  const forks = imports.some(({ name }) => name === 'env.wasmlinux_fork');
  if (forks !== (note.fork !== 'none')) problems.push(`it says of fork "${note.fork}", which its imports contradict`);
  return problems;
}

/** What the loader says of it. */
function refusal(sections: readonly Section[]): string[] {
  try {
    readProgramShape(sections, defaultLimits);
    return [];
  } catch (error) {
    if (!(error instanceof UnsuitableModule)) throw error;
    return [`not executed: ${error.message}`];
  }
}

/** Reads a module. Throws MalformedModule when it is none that an engine takes. */
export function inspectModule(bytes: Uint8Array<ArrayBuffer>): Inspection {
  const sections = readModule(bytes);
  try {
    new WebAssembly.Module(bytes);
  } catch (error) {
    throw new MalformedModule(error instanceof Error ? error.message : String(error));
  }
  const types = describeTypes(sections);
  const functions = readTypeIndices(sections);
  const globals = readGlobals(sections);
  const typeOf = (kind: number, index: number): string => {
    if (kind === EXTERNAL.function) return types[functions[index] ?? -1] ?? 'function';
    return (kind === EXTERNAL.global ? globals[index]?.type : undefined) ?? KIND_NAMES.get(kind) ?? 'unknown';
  };
  const exported = readExports(sections);
  const names = readGlobalNames(sections);
  for (const { kind, index, name } of exported) {
    if (kind === EXTERNAL.global && !names.has(index)) names.set(index, name);
  }
  // A stripped program's only one without any name.
  const last = globals.length - 1;
  const forks = exported.some(({ name }) => name === ASYNCIFY_STATE);
  if (forks && globals[last]?.isMutable && !names.has(last)) names.set(last, FORK_STATE);
  const found = readAbiNote(sections);
  const report = {
    profile: readImports(sections).some(({ kind }) => kind === EXTERNAL.memory) ? 'linux' : 'plain',
    size: bytes.length,
    memory: readMemory(sections),
    imports: readImports(sections).map(({ module, name, kind, type }) => ({
      name: `${module}.${name}`,
      type: kind === EXTERNAL.function ? (types[type] ?? 'function') : (KIND_NAMES.get(kind) ?? 'unknown'),
    })),
    exports: exported.map(({ name, kind, index }) => ({ name, type: typeOf(kind, index) })),
    globals: globals.map(({ type }, index) => ({ name: names.get(index) ?? `global ${index}`, type })),
    note: found && {
      version: found.version,
      fork: nameOf(FORK_MODE, found.fork),
      preemption: nameOf(PREEMPTION_MODE, found.preemption),
      exceptions: nameOf(EXCEPTION_FLAVOUR, found.exceptions),
      stackSize: found.stackSize,
    },
    sections: sections.map(({ id, name, payload }) => ({
      name: name || (SECTION_NAMES.get(id) ?? `section ${id}`),
      size: payload.length,
    })),
  } as const;
  const problems = [
    ...refusal(sections),
    ...gotEntries(sections).map((name) => `it has ${name}, of a global offset table`),
    ...importProblems(report.imports),
    ...exportProblems(report.exports),
    ...globalProblems(report.globals, (index) => globals[index]?.isMutable ?? false),
    ...noteProblems(sections, report),
  ];
  return { ...report, problems };
}
