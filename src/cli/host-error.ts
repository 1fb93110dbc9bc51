// SPDX-License-Identifier: MIT
/** What a user reads for an error of this machine's file system. */

const REASONS: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file'],
  ['EISDIR', 'is a directory'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ERR_FS_FILE_TOO_LARGE', 'larger than 2G'],
]);

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : undefined;
  return REASONS.get(code) ?? error.message.split('\n', 1)[0] ?? '';
}
