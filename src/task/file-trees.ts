// SPDX-License-Identifier: MIT
/** Folders with all that is in them: made, listed, removed, copied. Each on one host task, call by call. */
import {
  bytesOfPath,
  changeMode,
  changeTimes,
  close,
  entries,
  inFolder,
  makeFolder,
  open,
  type Path,
  readLink,
  removeFolder,
  stat,
  symlink,
  textOfPath,
  unlink,
  withDescriptor,
} from './file-calls.ts';
import { copyWhole } from './file-contents.ts';
import { DT_SHIFT, FileErrno, FileType, OpenFlag } from './file-flags.ts';
import type { FileStat, NamedEntry } from './file-structures.ts';
import type { HostTask } from './host-task.ts';
import { LinuxError } from './linux-error.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_TRUNC, O_WRONLY } = OpenFlag;
const SLASH = 0x2f;
const PERMISSIONS = 0o7777;
const HERE = new TextEncoder().encode('.');
const PARENT = new TextEncoder().encode('..');

/** Whether an error is this one of Linux's. */
export function hasErrno(error: unknown, ...errnos: readonly number[]): boolean {
  return error instanceof LinuxError && errnos.includes(error.errno);
}

export function typeOf({ mode }: FileStat): number {
  return mode & FileType.S_IFMT;
}

/** Makes a folder and those above it that there are not; the first that was made, if any was. */
export async function makeFolders(task: HostTask, path: Path, mode: number): Promise<string | undefined> {
  const bytes = bytesOfPath(path);
  const missing: Uint8Array[] = [];
  let first: string | undefined;
  for (let at = bytes; ; ) {
    try {
      await makeFolder(task, at, mode);
      first = textOfPath(at);
      break;
    } catch (error) {
      if (hasErrno(error, FileErrno.EEXIST)) {
        if (typeOf(await stat(task, at, true)) !== FileType.S_IFDIR) throw error;
        break;
      }
      const above = parentOf(at);
      if (!hasErrno(error, FileErrno.ENOENT) || above.length === 0) throw error;
      missing.push(at);
      at = above;
    }
  }
  for (const folder of missing.reverse()) {
    // `a/..` may be there now.
    await makeFolder(task, folder, mode).catch((error: unknown) => {
      if (!hasErrno(error, FileErrno.EEXIST)) throw error;
    });
    first ??= textOfPath(folder);
  }
  return first;
}

function parentOf(path: Uint8Array): Uint8Array {
  let end = path.length;
  while (end > 0 && path[end - 1] === SLASH) end--;
  while (end > 0 && path[end - 1] !== SLASH) end--;
  while (end > 1 && path[end - 1] === SLASH) end--;
  return path.subarray(0, end);
}

export interface TreeEntry extends NamedEntry {
  /** From the folder that was listed; empty for its own entries. */
  readonly parent: Uint8Array;
}

/**
 * Lists a folder, sorted by the names' bytes, and then with `recursive` what its folders have; symbolic links are not followed.
 */
export async function listTree(
  task: HostTask,
  path: Path,
  recursive: boolean,
  signal?: AbortSignal,
): Promise<TreeEntry[]> {
  const all: TreeEntry[] = [];
  const folders: Uint8Array[] = [new Uint8Array()];
  // It grows on the way.
  for (const parent of folders) {
    signal?.throwIfAborted();
    const folder = parent.length === 0 ? path : inFolder(path, parent);
    const flags = O_RDONLY | O_DIRECTORY | (parent.length === 0 ? 0 : O_NOFOLLOW);
    const found = await withDescriptor(task, folder, flags, (descriptor) => entries(task, descriptor)).catch(
      (error: unknown) => {
        // It has been removed, or replaced, since it was listed.
        if (parent.length > 0 && hasErrno(error, FileErrno.ENOENT, FileErrno.ENOTDIR)) return [];
        throw error;
      },
    );
    for (const entry of found.sort((a, b) => compareBytes(a.name, b.name))) {
      const type = entry.type || typeOf(await stat(task, inFolder(folder, entry.name), false)) >> DT_SHIFT;
      all.push({ name: entry.name, type, parent });
      if (recursive && type === FileType.S_IFDIR >> DT_SHIFT) {
        folders.push(parent.length === 0 ? entry.name : inFolder(parent, entry.name));
      }
    }
  }
  return all;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Removes a name, and when it is a folder's all that is in that. Never goes through a symbolic link. */
export async function removeTree(task: HostTask, path: Path, signal?: AbortSignal, folder?: number): Promise<void> {
  signal?.throwIfAborted();
  try {
    await unlink(task, path, folder);
    return;
  } catch (error) {
    if (!hasErrno(error, FileErrno.EISDIR)) throw error;
  }
  const descriptor = await open(task, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, folder);
  try {
    for (const { name } of await entries(task, descriptor)) {
      await removeTree(task, name, signal, descriptor).catch((error: unknown) => {
        if (!hasErrno(error, FileErrno.ENOENT)) throw error;
      });
    }
  } finally {
    await close(task, descriptor);
  }
  await removeFolder(task, path, folder);
}

/** Copies a file's bytes and permissions. `exclusive`: not over another. */
export async function copyFile(
  task: HostTask,
  from: Path,
  to: Path,
  exclusive: boolean,
  signal?: AbortSignal,
): Promise<void> {
  await withDescriptor(task, from, O_RDONLY, async (source) => {
    const its = await stat(task, source, true);
    if (typeOf(its) === FileType.S_IFDIR) throw new LinuxError(FileErrno.EISDIR, 'read', textOfPath(from));
    const permissions = its.mode & PERMISSIONS;
    // Not emptied before it is known to be another.
    const flags = O_WRONLY | O_CREAT | (exclusive ? O_EXCL : 0);
    await withDescriptor(
      task,
      to,
      flags,
      async (target) => {
        const old = await stat(task, target, true);
        if (old.dev === its.dev && old.ino === its.ino) return;
        await withDescriptor(task, to, O_WRONLY | O_TRUNC, async () => {});
        await copyWhole(task, source, target, signal);
        await changeMode(task, target, permissions);
      },
      permissions,
    );
  });
}

export interface CopyOptions {
  /** Copy folders, too. */
  readonly recursive: boolean;
  /** Over what there is already; else it stays, or with errorOnExist, is an error. */
  readonly force: boolean;
  readonly errorOnExist: boolean;
  /** Copy what symbolic links lead to, not them. */
  readonly dereference: boolean;
  readonly preserveTimestamps: boolean;
}

/** Whether a path, which there need not be, is a folder or somewhere in it. */
async function isWithin(task: HostTask, path: Path, { dev, ino }: FileStat): Promise<boolean> {
  let at = bytesOfPath(path);
  for (;;) {
    try {
      for (let its = await stat(task, at, true); ; ) {
        if (its.dev === dev && its.ino === ino) return true;
        at = inFolder(at, PARENT);
        const above = await stat(task, at, true);
        if (above.dev === its.dev && above.ino === its.ino) return false;
        its = above;
      }
    } catch (error) {
      if (hasErrno(error, FileErrno.ENOTDIR)) return false;
      if (!hasErrno(error, FileErrno.ENOENT)) throw error;
      const above = parentOf(at);
      at = above.length > 0 ? above : HERE;
    }
  }
}

/** Copies a file, a symbolic link or, with all that is in it, a folder. Folders that are there already are filled. */
export async function copyTree(
  task: HostTask,
  from: Path,
  to: Path,
  options: CopyOptions,
  signal?: AbortSignal,
  isTop = true,
): Promise<void> {
  signal?.throwIfAborted();
  const its = await stat(task, from, options.dereference);
  const error = (errno: number) => new LinuxError(errno, 'cp', textOfPath(from), textOfPath(to));
  switch (typeOf(its)) {
    case FileType.S_IFDIR: {
      if (!options.recursive) throw error(FileErrno.EISDIR);
      // A folder in itself has no end.
      if (isTop && (await isWithin(task, to, its))) throw error(FileErrno.EINVAL);
      const found = await withDescriptor(task, from, O_RDONLY | O_DIRECTORY, (folder) => entries(task, folder));
      const isThere = await makeFolder(task, to, 0o700).then(
        () => false,
        (failure: unknown) => {
          if (hasErrno(failure, FileErrno.EEXIST)) return true;
          throw failure;
        },
      );
      for (const { name } of found) {
        await copyTree(task, inFolder(from, name), inFolder(to, name), options, signal, false);
      }
      if (!isThere) await changeMode(task, to, its.mode & PERMISSIONS);
      break;
    }
    case FileType.S_IFREG:
      try {
        await copyFile(task, from, to, !options.force, signal);
      } catch (failure) {
        if (options.force || options.errorOnExist || !hasErrno(failure, FileErrno.EEXIST)) throw failure;
        return;
      }
      break;
    case FileType.S_IFLNK: {
      const text = await readLink(task, from);
      try {
        await symlink(task, text, to);
      } catch (failure) {
        if (!hasErrno(failure, FileErrno.EEXIST) || (!options.force && options.errorOnExist)) throw failure;
        if (!options.force) return;
        await unlink(task, to);
        await symlink(task, text, to);
      }
      break;
    }
    default:
      throw error(FileErrno.EINVAL);
  }
  if (options.preserveTimestamps) await changeTimes(task, to, its.atimeMs, its.mtimeMs, options.dereference);
}
