// SPDX-License-Identifier: MIT
/** Where a trace goes, and whether it can be made. Called by session.ts when --trace is given. */
import { createWriteStream, openSync } from 'node:fs';
import { streamSink } from '../host/node/standard-streams.ts';
import type { OutputSink } from '../host/worker/streams.ts';
import type { TraceSettings } from './arguments.ts';
import { UsageError } from './usage-error.ts';

const REASONS: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'no such folder'],
  ['EISDIR', 'is a folder'],
  ['EACCES', 'permission denied'],
]);

/** The sink for the lines: a file, else standard error. Throws UsageError, also for a filter that is none. */
export async function openTrace({ file, filters }: TraceSettings, standardError: OutputSink): Promise<OutputSink> {
  const { FilterError, parseFilter } = await import('../trace/filter.ts');
  try {
    parseFilter(filters);
  } catch (error) {
    throw error instanceof FilterError ? new UsageError(error.message) : error;
  }
  if (file === undefined) return standardError;
  try {
    const descriptor = openSync(file, 'w');
    return streamSink(createWriteStream(file, { fd: descriptor }), descriptor);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`-o ${file}: ${REASONS.get(code) ?? message}`);
  }
}
