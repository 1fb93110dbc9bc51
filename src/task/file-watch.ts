// SPDX-License-Identifier: MIT
/** Watches a file or folder by inotify(7), with `recursive` also the folders below it, those that come later too. */
import { checked } from './descriptors.ts';
import { bytesOfPath, close, inFolder, type Path, stat, textOfPath } from './file-calls.ts';
import { DT_SHIFT, FileErrno, FileType, InotifyEvent, OpenFlag } from './file-flags.ts';
import { readWatchEvents } from './file-structures.ts';
import { hasErrno, listTree, typeOf } from './file-trees.ts';
import { BufferWriter } from './arguments.ts';
import type { HostTask } from './host-task.ts';
import type { Streams } from './streams.ts';
import { Syscall } from './syscall-numbers.ts';
import type { TaskPool } from './task-pool.ts';

const event = InotifyEvent;
const CONTENT = event.IN_MODIFY | event.IN_ATTRIB;
const MASK =
  CONTENT |
  event.IN_CREATE |
  event.IN_DELETE |
  event.IN_MOVED_FROM |
  event.IN_MOVED_TO |
  event.IN_DELETE_SELF |
  event.IN_MOVE_SELF;

/** rename: a name has come, gone or another meaning now; change: of what the name means. */
export interface FileChange {
  readonly eventType: 'rename' | 'change';
  /** From the watched folder; of a file, its own name. */
  readonly filename: string;
}

export class FileWatch {
  readonly #descriptor: number;
  readonly #path: Path;
  readonly #recursive: boolean;
  /** What is watched, by its watch: the path from the watched folder, which has none itself. */
  readonly #folders = new Map<number, Uint8Array>();

  private constructor(descriptor: number, path: Path, recursive: boolean) {
    this.#descriptor = descriptor;
    this.#path = path;
    this.#recursive = recursive;
  }

  static async start(task: HostTask, path: Path, recursive: boolean): Promise<FileWatch> {
    const isFolder = typeOf(await stat(task, path, true)) === FileType.S_IFDIR;
    const descriptor = await checked(
      'inotify_init1',
      task.call(Syscall.inotify_init1, OpenFlag.O_CLOEXEC | OpenFlag.O_NONBLOCK),
    );
    const watch = new FileWatch(descriptor, path, recursive && isFolder);
    try {
      await watch.#add(task, new Uint8Array());
      if (watch.#recursive) await watch.#addBelow(task, new Uint8Array());
    } catch (error) {
      await close(task, descriptor);
      throw error;
    }
    return watch;
  }

  /** The next changes, at least one; none when what was watched is gone. */
  async changes(pool: TaskPool, streams: Streams, signal?: AbortSignal): Promise<FileChange[]> {
    while (this.#folders.size > 0) {
      const changes: FileChange[] = [];
      for (const { watch, mask, name } of readWatchEvents(await streams.read(this.#descriptor, signal))) {
        const parent = this.#folders.get(watch);
        if (mask & event.IN_IGNORED) this.#folders.delete(watch);
        // The folder above tells the same of it.
        if (!parent || mask & event.IN_IGNORED || (parent.length > 0 && name === '')) continue;
        const below = bytesOfPath(name);
        const path = parent.length === 0 ? below : inFolder(parent, below);
        changes.push({
          eventType: mask & CONTENT ? 'change' : 'rename',
          filename: textOfPath(path) || this.#ownName(),
        });
        if (this.#recursive && mask & event.IN_ISDIR && mask & (event.IN_CREATE | event.IN_MOVED_TO)) {
          await pool.use((task) => this.#addFolder(task, path, changes));
        }
      }
      if (changes.length > 0) return changes;
    }
    return [];
  }

  async close(streams: Streams): Promise<void> {
    await streams.close(this.#descriptor);
  }

  #ownName(): string {
    const path = textOfPath(this.#path).replace(/\/+$/, '');
    return path.slice(path.lastIndexOf('/') + 1);
  }

  async #add(task: HostTask, below: Uint8Array): Promise<void> {
    const path = below.length === 0 ? this.#path : inFolder(this.#path, below);
    const address = new BufferWriter(task).bytes(Uint8Array.of(...bytesOfPath(path), 0));
    const call = task.call(Syscall.inotify_add_watch, this.#descriptor, address, MASK);
    this.#folders.set(await checked('inotify_add_watch', call, textOfPath(path)), below);
  }

  async #addBelow(task: HostTask, below: Uint8Array): Promise<void> {
    const path = below.length === 0 ? this.#path : inFolder(this.#path, below);
    for (const { name, parent, type } of await listTree(task, path, true)) {
      if (type !== FileType.S_IFDIR >> DT_SHIFT) continue;
      const inner = parent.length === 0 ? name : inFolder(parent, name);
      await this.#add(task, below.length === 0 ? inner : inFolder(below, inner));
    }
  }

  /** A new folder may have got names before it was watched. */
  async #addFolder(task: HostTask, below: Uint8Array, changes: FileChange[]): Promise<void> {
    try {
      await this.#add(task, below);
      for (const { name, parent } of await listTree(task, inFolder(this.#path, below), true)) {
        const inner = parent.length === 0 ? name : inFolder(parent, name);
        changes.push({ eventType: 'rename', filename: textOfPath(inFolder(below, inner)) });
      }
      await this.#addBelow(task, below);
    } catch (error) {
      // It has gone already.
      if (!hasErrno(error, FileErrno.ENOENT, FileErrno.ENOTDIR)) throw error;
    }
  }
}
