// SPDX-License-Identifier: MIT
/** Where a trace goes, and whether it can be made. Called by session.ts when --trace is given. */
import { createWriteStream, openSync } from 'node:fs';
import { streamSink } from '../host/node/standard-streams.ts';
import type { OutputSink } from '../host/worker/streams.ts';
import { COUNTS_BYTES, type TraceOptions } from '../trace/options.ts';
import type { TraceSettings } from './arguments.ts';
import { reasonOf } from './host-error.ts';
import { UsageError } from './usage-error.ts';

export interface Trace {
  readonly options: TraceOptions;
  readonly sink: OutputSink;
  /** The table of -c, for a machine that was ended at once and could not print it. */
  writeSummary(): Promise<void>;
}

/** Prepares a trace. Throws UsageError, also for a filter that is none. */
export async function openTrace(settings: TraceSettings, standardError: OutputSink): Promise<Trace> {
  const { FilterError, parseFilter } = await import('../trace/filter.ts');
  try {
    parseFilter(settings.filters);
  } catch (error) {
    throw error instanceof FilterError ? new UsageError(error.message) : error;
  }
  const counts = new SharedArrayBuffer(COUNTS_BYTES);
  const sink = settings.file === undefined ? standardError : fileSink(settings.file);
  return {
    options: { ...settings, counts },
    sink,
    async writeSummary() {
      if (!settings.summary) return;
      const { Summary } = await import('../trace/summary.ts');
      await sink.write(Buffer.from(new Summary(counts).text())).catch(() => {});
    },
  };
}

function fileSink(path: string): OutputSink {
  try {
    const descriptor = openSync(path, 'w');
    return streamSink(createWriteStream(path, { fd: descriptor }), descriptor);
  } catch (error) {
    throw new UsageError(`-o ${path}: ${reasonOf(error)}`);
  }
}
