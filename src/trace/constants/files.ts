// SPDX-License-Identifier: MIT
/** Constants of files and descriptors. Values are Linux's (asm-generic); a test compares them with the headers. */
import { enumeration, flags } from '../text.ts';

export const accessModes = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'] as const;

/** Without the access mode, which is a number in the two lowest bits. */
export const openFlags = flags('fcntl.h', 'O_', {
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_SYNC: 0o4010000,
  O_DSYNC: 0o10000,
  O_ASYNC: 0o20000,
  O_DIRECT: 0o40000,
  O_LARGEFILE: 0o100000,
  O_TMPFILE: 0o20200000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_NOATIME: 0o1000000,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
});

export const fdFlags = flags('fcntl.h', 'FD_', { FD_CLOEXEC: 1 });

export const fileTypes = enumeration('sys/stat.h', 'S_IF', {
  S_IFSOCK: 0o140000,
  S_IFLNK: 0o120000,
  S_IFREG: 0o100000,
  S_IFBLK: 0o60000,
  S_IFDIR: 0o40000,
  S_IFCHR: 0o20000,
  S_IFIFO: 0o10000,
});

export const atFlags = flags('fcntl.h', 'AT_', {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH: 0x1000,
  AT_STATX_FORCE_SYNC: 0x2000,
  AT_STATX_DONT_SYNC: 0x4000,
  AT_RECURSIVE: 0x8000,
});

export const unlinkFlags = flags('fcntl.h', 'AT_', { AT_REMOVEDIR: 0x200 });

export const faccessFlags = flags('fcntl.h', 'AT_', {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_EACCESS: 0x200,
  AT_EMPTY_PATH: 0x1000,
});

export const accessChecks = flags('unistd.h', '?_OK', { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 });

export const whences = enumeration('unistd.h', 'SEEK_', {
  SEEK_SET: 0,
  SEEK_CUR: 1,
  SEEK_END: 2,
  SEEK_DATA: 3,
  SEEK_HOLE: 4,
});

export const fcntlCommands = enumeration('linux/fcntl.h', 'F_', {
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_GETLK: 5,
  F_SETLK: 6,
  F_SETLKW: 7,
  F_SETOWN: 8,
  F_GETOWN: 9,
  F_SETSIG: 10,
  F_GETSIG: 11,
  F_GETLK64: 12,
  F_SETLK64: 13,
  F_SETLKW64: 14,
  F_SETOWN_EX: 15,
  F_GETOWN_EX: 16,
  F_OFD_GETLK: 36,
  F_OFD_SETLK: 37,
  F_OFD_SETLKW: 38,
  F_SETLEASE: 1024,
  F_GETLEASE: 1025,
  F_NOTIFY: 1026,
  F_DUPFD_CLOEXEC: 1030,
  F_SETPIPE_SZ: 1031,
  F_GETPIPE_SZ: 1032,
  F_ADD_SEALS: 1033,
  F_GET_SEALS: 1034,
});

export const lockTypes = enumeration('fcntl.h', 'F_', { F_RDLCK: 0, F_WRLCK: 1, F_UNLCK: 2 });

export const ownerTypes = enumeration('fcntl.h', 'F_OWNER_', { F_OWNER_TID: 0, F_OWNER_PID: 1, F_OWNER_PGRP: 2 });

export const folderEvents = flags('fcntl.h', 'DN_', {
  DN_ACCESS: 1,
  DN_MODIFY: 2,
  DN_CREATE: 4,
  DN_DELETE: 8,
  DN_RENAME: 0x10,
  DN_ATTRIB: 0x20,
  DN_MULTISHOT: 0x80000000,
});

export const flockOperations = flags('sys/file.h', 'LOCK_', { LOCK_SH: 1, LOCK_EX: 2, LOCK_NB: 4, LOCK_UN: 8 });

export const statxFlags = flags('fcntl.h', 'AT_', {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH: 0x1000,
  AT_STATX_SYNC_AS_STAT: 0,
  AT_STATX_FORCE_SYNC: 0x2000,
  AT_STATX_DONT_SYNC: 0x4000,
});

export const statxMask = flags('linux/stat.h', 'STATX_', {
  STATX_ALL: 0xfff,
  STATX_BASIC_STATS: 0x7ff,
  STATX_TYPE: 1,
  STATX_MODE: 2,
  STATX_NLINK: 4,
  STATX_UID: 8,
  STATX_GID: 0x10,
  STATX_ATIME: 0x20,
  STATX_MTIME: 0x40,
  STATX_CTIME: 0x80,
  STATX_INO: 0x100,
  STATX_SIZE: 0x200,
  STATX_BLOCKS: 0x400,
  STATX_BTIME: 0x800,
  STATX_MNT_ID: 0x1000,
  STATX_DIOALIGN: 0x2000,
  STATX_MNT_ID_UNIQUE: 0x4000,
  STATX_SUBVOL: 0x8000,
});

export const statxAttributes = flags('linux/stat.h', 'STATX_ATTR_', {
  STATX_ATTR_COMPRESSED: 4,
  STATX_ATTR_IMMUTABLE: 0x10,
  STATX_ATTR_APPEND: 0x20,
  STATX_ATTR_NODUMP: 0x40,
  STATX_ATTR_ENCRYPTED: 0x800,
  STATX_ATTR_AUTOMOUNT: 0x1000,
  STATX_ATTR_MOUNT_ROOT: 0x2000,
  STATX_ATTR_VERITY: 0x100000,
  STATX_ATTR_DAX: 0x200000,
  STATX_ATTR_WRITE_ATOMIC: 0x400000,
});

export const pipeFlags = flags('fcntl.h', 'O_', { O_NONBLOCK: 0o4000, O_CLOEXEC: 0o2000000, O_DIRECT: 0o40000 });

export const renameFlags = flags('linux/fs.h', 'RENAME_', {
  RENAME_NOREPLACE: 1,
  RENAME_EXCHANGE: 2,
  RENAME_WHITEOUT: 4,
});

export const fallocateModes = flags('linux/falloc.h', 'FALLOC_FL_', {
  FALLOC_FL_KEEP_SIZE: 1,
  FALLOC_FL_PUNCH_HOLE: 2,
  FALLOC_FL_COLLAPSE_RANGE: 8,
  FALLOC_FL_ZERO_RANGE: 0x10,
  FALLOC_FL_INSERT_RANGE: 0x20,
  FALLOC_FL_UNSHARE_RANGE: 0x40,
});

export const adviceOfFiles = enumeration('fcntl.h', 'POSIX_FADV_', {
  POSIX_FADV_NORMAL: 0,
  POSIX_FADV_RANDOM: 1,
  POSIX_FADV_SEQUENTIAL: 2,
  POSIX_FADV_WILLNEED: 3,
  POSIX_FADV_DONTNEED: 4,
  POSIX_FADV_NOREUSE: 5,
});

export const mountFlags = flags('linux/mount.h', 'MS_', {
  MS_RDONLY: 1,
  MS_NOSUID: 2,
  MS_NODEV: 4,
  MS_NOEXEC: 8,
  MS_SYNCHRONOUS: 16,
  MS_REMOUNT: 32,
  MS_MANDLOCK: 64,
  MS_DIRSYNC: 128,
  MS_NOSYMFOLLOW: 256,
  MS_NOATIME: 1024,
  MS_NODIRATIME: 2048,
  MS_BIND: 4096,
  MS_MOVE: 8192,
  MS_REC: 16384,
  MS_SILENT: 32768,
  MS_POSIXACL: 65536,
  MS_UNBINDABLE: 131072,
  MS_PRIVATE: 262144,
  MS_SLAVE: 524288,
  MS_SHARED: 1048576,
  MS_RELATIME: 2097152,
  MS_STRICTATIME: 16777216,
  MS_LAZYTIME: 33554432,
});

export const umountFlags = flags('sys/mount.h', 'MNT_', {
  MNT_FORCE: 1,
  MNT_DETACH: 2,
  MNT_EXPIRE: 4,
  UMOUNT_NOFOLLOW: 8,
});

export const pollEvents = flags('poll.h', 'POLL', {
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,
  POLLRDNORM: 0x40,
  POLLRDBAND: 0x80,
  POLLWRNORM: 0x100,
  POLLWRBAND: 0x200,
  POLLMSG: 0x400,
  POLLRDHUP: 0x2000,
});

export const epollEvents = flags('sys/epoll.h', 'EPOLL', {
  EPOLLIN: 1,
  EPOLLPRI: 2,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 0x10,
  EPOLLRDNORM: 0x40,
  EPOLLRDBAND: 0x80,
  EPOLLWRNORM: 0x100,
  EPOLLWRBAND: 0x200,
  EPOLLMSG: 0x400,
  EPOLLRDHUP: 0x2000,
  EPOLLEXCLUSIVE: 0x10000000,
  EPOLLWAKEUP: 0x20000000,
  EPOLLONESHOT: 0x40000000,
  EPOLLET: 0x80000000,
});

export const epollOperations = enumeration('sys/epoll.h', 'EPOLL_CTL_', {
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CTL_MOD: 3,
});

export const epollFlags = flags('sys/epoll.h', 'EPOLL_', { EPOLL_CLOEXEC: 0o2000000 });

export const eventfdFlags = flags('sys/eventfd.h', 'EFD_', {
  EFD_SEMAPHORE: 1,
  EFD_CLOEXEC: 0o2000000,
  EFD_NONBLOCK: 0o4000,
});

export const inotifyFlags = flags('sys/inotify.h', 'IN_', { IN_CLOEXEC: 0o2000000, IN_NONBLOCK: 0o4000 });

export const inotifyEvents = flags('sys/inotify.h', 'IN_', {
  IN_ALL_EVENTS: 0xfff,
  IN_ACCESS: 1,
  IN_MODIFY: 2,
  IN_ATTRIB: 4,
  IN_CLOSE_WRITE: 8,
  IN_CLOSE_NOWRITE: 0x10,
  IN_OPEN: 0x20,
  IN_MOVED_FROM: 0x40,
  IN_MOVED_TO: 0x80,
  IN_CREATE: 0x100,
  IN_DELETE: 0x200,
  IN_DELETE_SELF: 0x400,
  IN_MOVE_SELF: 0x800,
  IN_UNMOUNT: 0x2000,
  IN_Q_OVERFLOW: 0x4000,
  IN_IGNORED: 0x8000,
  IN_ONLYDIR: 0x1000000,
  IN_DONT_FOLLOW: 0x2000000,
  IN_EXCL_UNLINK: 0x4000000,
  IN_MASK_CREATE: 0x10000000,
  IN_MASK_ADD: 0x20000000,
  IN_ISDIR: 0x40000000,
  IN_ONESHOT: 0x80000000,
});

export const memfdFlags = flags('linux/memfd.h', 'MFD_', {
  MFD_CLOEXEC: 1,
  MFD_ALLOW_SEALING: 2,
  MFD_HUGETLB: 4,
  MFD_NOEXEC_SEAL: 8,
  MFD_EXEC: 16,
});

export const seals = flags('linux/fcntl.h', 'F_SEAL_', {
  F_SEAL_SEAL: 1,
  F_SEAL_SHRINK: 2,
  F_SEAL_GROW: 4,
  F_SEAL_WRITE: 8,
  F_SEAL_FUTURE_WRITE: 16,
  F_SEAL_EXEC: 32,
});

export const spliceFlags = flags('fcntl.h', 'SPLICE_F_', {
  SPLICE_F_MOVE: 1,
  SPLICE_F_NONBLOCK: 2,
  SPLICE_F_MORE: 4,
  SPLICE_F_GIFT: 8,
});

export const rwFlags = flags('linux/fs.h', 'RWF_', {
  RWF_HIPRI: 1,
  RWF_DSYNC: 2,
  RWF_SYNC: 4,
  RWF_NOWAIT: 8,
  RWF_APPEND: 16,
  RWF_NOAPPEND: 32,
  RWF_ATOMIC: 64,
});

export const xattrFlags = flags('sys/xattr.h', 'XATTR_', { XATTR_CREATE: 1, XATTR_REPLACE: 2 });

export const closeRangeFlags = flags('linux/close_range.h', 'CLOSE_RANGE_', {
  CLOSE_RANGE_UNSHARE: 2,
  CLOSE_RANGE_CLOEXEC: 4,
});

export const syncRangeFlags = flags('fcntl.h', 'SYNC_FILE_RANGE_', {
  SYNC_FILE_RANGE_WAIT_BEFORE: 1,
  SYNC_FILE_RANGE_WRITE: 2,
  SYNC_FILE_RANGE_WAIT_AFTER: 4,
});

export const statfsTypes = enumeration('linux/magic.h', '', {
  ANON_INODE_FS_MAGIC: 0x09041934,
  CGROUP2_SUPER_MAGIC: 0x63677270,
  CGROUP_SUPER_MAGIC: 0x27e0eb,
  DEBUGFS_MAGIC: 0x64626720,
  DEVPTS_SUPER_MAGIC: 0x1cd1,
  EROFS_SUPER_MAGIC_V1: 0xe0f5e1e2,
  EXT4_SUPER_MAGIC: 0xef53,
  FUSE_SUPER_MAGIC: 0x65735546,
  OVERLAYFS_SUPER_MAGIC: 0x794c7630,
  PIPEFS_MAGIC: 0x50495045,
  PROC_SUPER_MAGIC: 0x9fa0,
  RAMFS_MAGIC: 0x858458f6,
  SOCKFS_MAGIC: 0x534f434b,
  SQUASHFS_MAGIC: 0x73717368,
  SYSFS_MAGIC: 0x62656572,
  TMPFS_MAGIC: 0x01021994,
});

const statvfsFlags = flags('sys/statvfs.h', 'ST_', {
  ST_RDONLY: 1,
  ST_NOSUID: 2,
  ST_NODEV: 4,
  ST_NOEXEC: 8,
  ST_SYNCHRONOUS: 16,
  ST_MANDLOCK: 64,
  ST_NOATIME: 1024,
  ST_NODIRATIME: 2048,
  ST_RELATIME: 4096,
});

/** The kernel's are those, and two that no header for programs has. */
export const statfsFlags = flags('', 'ST_', { ST_VALID: 0x20, ...statvfsFlags.values, ST_NOSYMFOLLOW: 0x2000 });

export const resolveFlags = flags('linux/openat2.h', 'RESOLVE_', {
  RESOLVE_NO_XDEV: 1,
  RESOLVE_NO_MAGICLINKS: 2,
  RESOLVE_NO_SYMLINKS: 4,
  RESOLVE_BENEATH: 8,
  RESOLVE_IN_ROOT: 16,
  RESOLVE_CACHED: 32,
});

export const openTreeFlags = flags('fcntl.h linux/mount.h', 'OPEN_TREE_', {
  OPEN_TREE_CLONE: 1,
  OPEN_TREE_CLOEXEC: 0o2000000,
});

export const moveMountFlags = flags('linux/mount.h', 'MOVE_MOUNT_', {
  MOVE_MOUNT_F_SYMLINKS: 1,
  MOVE_MOUNT_F_AUTOMOUNTS: 2,
  MOVE_MOUNT_F_EMPTY_PATH: 4,
  MOVE_MOUNT_T_SYMLINKS: 0x10,
  MOVE_MOUNT_T_AUTOMOUNTS: 0x20,
  MOVE_MOUNT_T_EMPTY_PATH: 0x40,
  MOVE_MOUNT_SET_GROUP: 0x100,
  MOVE_MOUNT_BENEATH: 0x200,
});

export const fsopenFlags = flags('linux/mount.h', 'FSOPEN_', { FSOPEN_CLOEXEC: 1 });

export const fsmountFlags = flags('linux/mount.h', 'FSMOUNT_', { FSMOUNT_CLOEXEC: 1 });

export const mountAttributes = flags('linux/mount.h', 'MOUNT_ATTR_', {
  MOUNT_ATTR_RDONLY: 1,
  MOUNT_ATTR_NOSUID: 2,
  MOUNT_ATTR_NODEV: 4,
  MOUNT_ATTR_NOEXEC: 8,
  MOUNT_ATTR_NOATIME: 0x10,
  MOUNT_ATTR_STRICTATIME: 0x20,
  MOUNT_ATTR_NODIRATIME: 0x80,
  MOUNT_ATTR_IDMAP: 0x100000,
  MOUNT_ATTR_NOSYMFOLLOW: 0x200000,
});

export const fsconfigCommands = enumeration('linux/mount.h', 'FSCONFIG_', {
  FSCONFIG_SET_FLAG: 0,
  FSCONFIG_SET_STRING: 1,
  FSCONFIG_SET_BINARY: 2,
  FSCONFIG_SET_PATH: 3,
  FSCONFIG_SET_PATH_EMPTY: 4,
  FSCONFIG_SET_FD: 5,
  FSCONFIG_CMD_CREATE: 6,
  FSCONFIG_CMD_RECONFIGURE: 7,
  FSCONFIG_CMD_CREATE_EXCL: 8,
});
