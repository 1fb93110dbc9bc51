// SPDX-License-Identifier: MIT
/** `wasmlinux inspect`: what a module is by docs/abi.md, for people and, with --json, for programs. */
import { readFileSync } from 'node:fs';
import { type InspectedItem, type Inspection, inspectModule } from '../process/inspect.ts';
import { MalformedModule } from '../wasm/binary.ts';
import { reasonOf } from './host-error.ts';
import { UsageError } from './usage-error.ts';

export interface InspectSettings {
  readonly files: readonly string[];
  readonly json: boolean;
  /** To fail when a module does not follow the ABI. */
  readonly strict: boolean;
}

const STATUS_PROBLEMS = 1;

function inspectFile(file: string): Inspection {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UsageError(`inspect: ${file}: ${reasonOf(error)}`);
  }
  try {
    return inspectModule(bytes);
  } catch (error) {
    if (!(error instanceof MalformedModule)) throw error;
    throw new UsageError(`inspect: ${file}: ${error.message}`);
  }
}

function table(title: string, items: readonly InspectedItem[]): string {
  if (items.length === 0) return '';
  const width = Math.max(...items.map(({ name }) => name.length));
  return `${title}:\n${items.map(({ name, type }) => `  ${name.padEnd(width)}  ${type}\n`).join('')}`;
}

function describe(file: string, inspection: Inspection): string {
  const { profile, size, memory, imports, exports, globals, note, problems } = inspection;
  const pages = memory && `${memory.initial} pages${memory.maximum === undefined ? '' : `, at most ${memory.maximum}`}`;
  return [
    `${file}: profile ${profile}, ${size} bytes${pages ? `, memory of ${pages}` : ''}\n`,
    note
      ? `ABI version ${note.version}; fork: ${note.fork}; preemption: ${note.preemption}; ` +
        `exceptions: ${note.exceptions}; stack: ${note.stackSize} bytes\n`
      : '',
    table('imports', imports),
    table('exports', exports),
    table('globals', globals),
    problems.length > 0 ? `problems:\n${problems.map((problem) => `  ${problem}\n`).join('')}` : '',
  ].join('');
}

/** What to print, and the exit status. Throws UsageError for a file that is no module. */
export function inspect({ files, json, strict }: InspectSettings): { text: string; status: number } {
  const all = files.map((file) => ({ file, ...inspectFile(file) }));
  const status = strict && all.some(({ problems }) => problems.length > 0) ? STATUS_PROBLEMS : 0;
  const text = json ? `${JSON.stringify(all, null, 2)}\n` : all.map((one) => describe(one.file, one)).join('\n');
  return { text, status };
}
