// SPDX-License-Identifier: MIT
/** Puts the bench's table into a document, between two lines that mark the place, so that figures are never typed by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from '../src/cli/usage-error.ts';

const BEGIN = '<!-- npm run bench: begin -->';
const END = '<!-- npm run bench: end -->';

/** The document with `table` between its marks. Throws UsageError when they are not there. */
export function withTable(document: string, table: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new UsageError(`it has no lines "${BEGIN}" and "${END}" to put the table between`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table.trim()}\n\n${document.slice(end)}`;
}

/** Whether the file can take a table: to be asked before what takes minutes. Throws UsageError. */
export function checkDocument(path: string): void {
  fileWithTable(path, '');
}

export function updateDocument(path: string, table: string): void {
  writeFileSync(path, fileWithTable(path, table));
}

function fileWithTable(path: string, table: string): string {
  try {
    return withTable(readFileSync(path, 'utf8'), table);
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof UsageError ? error.message : 'no such file, or not readable'}`);
  }
}
