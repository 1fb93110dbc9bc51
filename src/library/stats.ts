// SPDX-License-Identifier: MIT
/** What a file is, in the shape of node:fs's Stats and Dirent. */
import { type DirectoryEntry, type FileStatus, FileType } from '../task/file-status.ts';

const TYPE_SHIFT = 12;

/** A type of file, as DT_* has it. */
abstract class Typed {
  protected abstract readonly type: number;

  isFile(): boolean {
    return this.type === FileType.File;
  }
  isDirectory(): boolean {
    return this.type === FileType.Directory;
  }
  isSymbolicLink(): boolean {
    return this.type === FileType.Link;
  }
  isFIFO(): boolean {
    return this.type === FileType.Fifo;
  }
  isSocket(): boolean {
    return this.type === FileType.Socket;
  }
  isCharacterDevice(): boolean {
    return this.type === FileType.Character;
  }
  isBlockDevice(): boolean {
    return this.type === FileType.Block;
  }
}

/** stat(2). */
export class Stats extends Typed implements FileStatus {
  readonly dev: number;
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  readonly blksize: number;
  readonly blocks: number;
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;

  constructor(status: FileStatus) {
    super();
    this.dev = status.dev;
    this.ino = status.ino;
    this.mode = status.mode;
    this.nlink = status.nlink;
    this.uid = status.uid;
    this.gid = status.gid;
    this.rdev = status.rdev;
    this.size = status.size;
    this.blksize = status.blksize;
    this.blocks = status.blocks;
    this.atimeMs = status.atimeMs;
    this.mtimeMs = status.mtimeMs;
    this.ctimeMs = status.ctimeMs;
    this.birthtimeMs = status.birthtimeMs;
  }

  protected get type(): number {
    return this.mode >> TYPE_SHIFT;
  }
  get atime(): Date {
    return new Date(this.atimeMs);
  }
  get mtime(): Date {
    return new Date(this.mtimeMs);
  }
  get ctime(): Date {
    return new Date(this.ctimeMs);
  }
  get birthtime(): Date {
    return new Date(this.birthtimeMs);
  }
}

/** An entry of a folder. */
export class Dirent extends Typed {
  readonly name: string;
  /** The folder that it is in. */
  readonly parentPath: string;
  protected readonly type: number;

  constructor({ name, type }: DirectoryEntry, parentPath: string) {
    super();
    this.name = name;
    this.parentPath = parentPath;
    this.type = type;
  }
}
