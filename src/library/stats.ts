// SPDX-License-Identifier: MIT
/** What stat(2) and readdir tell of a file, in the shape of Node's Stats and Dirent. Made by files.ts. */
import { DT_SHIFT, FileType } from '../task/file-flags.ts';
import type { FileStat } from '../task/file-structures.ts';

abstract class FileKind {
  /** The type in st_mode. */
  protected abstract kind(): number;

  isFile(): boolean {
    return this.kind() === FileType.S_IFREG;
  }
  isDirectory(): boolean {
    return this.kind() === FileType.S_IFDIR;
  }
  isSymbolicLink(): boolean {
    return this.kind() === FileType.S_IFLNK;
  }
  isFIFO(): boolean {
    return this.kind() === FileType.S_IFIFO;
  }
  isSocket(): boolean {
    return this.kind() === FileType.S_IFSOCK;
  }
  isBlockDevice(): boolean {
    return this.kind() === FileType.S_IFBLK;
  }
  isCharacterDevice(): boolean {
    return this.kind() === FileType.S_IFCHR;
  }
}

/** What stat(2) tells. */
export class Stats extends FileKind implements FileStat {
  readonly dev: number;
  readonly ino: number;
  /** Type and permissions. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  /** Bytes. */
  readonly size: number;
  readonly blksize: number;
  /** Of 512 bytes, that it takes. */
  readonly blocks: number;
  /** Milliseconds since 1970, with a fraction: read, written, changed in any way, made. */
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;

  constructor(stat: FileStat) {
    super();
    this.dev = stat.dev;
    this.ino = stat.ino;
    this.mode = stat.mode;
    this.nlink = stat.nlink;
    this.uid = stat.uid;
    this.gid = stat.gid;
    this.rdev = stat.rdev;
    this.size = stat.size;
    this.blksize = stat.blksize;
    this.blocks = stat.blocks;
    this.atimeMs = stat.atimeMs;
    this.mtimeMs = stat.mtimeMs;
    this.ctimeMs = stat.ctimeMs;
    this.birthtimeMs = stat.birthtimeMs;
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

  protected override kind(): number {
    return this.mode & FileType.S_IFMT;
  }
}

/** A name in a folder. */
export class Dirent extends FileKind {
  readonly name: string;
  /** The folder's path. */
  readonly parentPath: string;
  readonly #type: number;

  /** type: DT_REG and the like. */
  constructor(name: string, parentPath: string, type: number) {
    super();
    this.name = name;
    this.parentPath = parentPath;
    this.#type = type;
  }

  protected override kind(): number {
    return this.#type << DT_SHIFT;
  }
}
