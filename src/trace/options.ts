// SPDX-License-Identifier: MIT
/** What a trace is to look like: the options of `--trace` as data. */

/** Bytes of strings that are shown unless told otherwise, as by strace. */
export const DEFAULT_STRING_LIMIT = 32;

/** Bytes for the counts of -c: three numbers for each of more calls than there are. */
export const COUNTS_BYTES = 512 * 3 * 8;

export interface TraceOptions {
  /** -f: the processes and threads that the command makes, too. */
  readonly follow: boolean;
  /** -c: no lines, but a table at the end. */
  readonly summary: boolean;
  /** -e: expressions as filter.ts reads them. */
  readonly filters: readonly string[];
  /** -s: bytes of strings that are shown. */
  readonly stringLimit: number;
  /** -v: environments, long arrays and structures whole. */
  readonly verbose: boolean;
  /** Where -c counts (COUNTS_BYTES). In shared memory, the table can be printed of a machine that was ended at once. */
  readonly counts?: ArrayBufferLike;
  /** -o: the lines go to a file, where each begins with its pid when `follow` is on. */
  readonly toFile: boolean;
}
