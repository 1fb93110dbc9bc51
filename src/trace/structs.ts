// SPDX-License-Identifier: MIT
/**
 * The structures that system calls take and give: those of the guest's kernel headers (ILP32, 64-bit time). A test compares
 * offsets and sizes with the headers.
 */
import * as files from './constants/files.ts';
import * as processes from './constants/processes.ts';
import { alternateStackFlags, signalName, signalSet } from './constants/signals.ts';
import {
  address,
  arrayIn,
  half,
  hex32,
  hidden,
  i16,
  i32,
  i64,
  type Layout,
  showAt,
  structure,
  text,
  u8,
  u16,
  u32,
  u64,
  word,
} from './layout.ts';
import { hex, octal, permissions, pointer } from './text.ts';

/** Type and permissions of a file. */
export function fileMode(value: number): string {
  const type = value & 0o170000;
  return type === 0 ? permissions(value) : `${files.fileTypes.show(type)}|${permissions(value & 0o7777)}`;
}

/** glibc's and the kernel's 64-bit device number: major and minor interleaved. */
export function deviceNumber(value: number): string {
  const minor = (value & 0xff) | ((value >>> 12) & 0xfff00);
  return `makedev(${hex((value >>> 8) & 0xfff)}, ${hex(minor)})`;
}

const timespecFields = [
  ['tv_sec', 0, i64],
  ['tv_nsec', 8, i32],
] as const;
export const timespec = structure('time.h', 'struct timespec', 16, timespecFields);

const UTIME_NOW = 0x3fffffff;
const UTIME_OMIT = 0x3ffffffe;
/** As utimensat takes it, with two special values. */
export const fileTime: Layout = {
  size: 16,
  show: (memory, at, call) => {
    const nanoseconds = memory.u32(at + 8);
    if (nanoseconds === UTIME_NOW) return 'UTIME_NOW';
    return nanoseconds === UTIME_OMIT ? 'UTIME_OMIT' : timespec.show(memory, at, call);
  },
};

/** struct __kernel_old_timeval: two words of 32 bits. */
export const oldTimeval = structure('linux/time_types.h', 'struct __kernel_old_timeval', 8, [
  ['tv_sec', 0, i32],
  ['tv_usec', 4, i32],
]);

export const oldItimerval = structure('linux/time_types.h', 'struct __kernel_old_itimerval', 16, [
  ['it_interval', 0, oldTimeval],
  ['it_value', 8, oldTimeval],
]);

export const itimerspec = structure('time.h', 'struct itimerspec', 32, [
  ['it_interval', 0, timespec],
  ['it_value', 16, timespec],
]);

export const statxTimestamp = structure('linux/stat.h', 'struct statx_timestamp', 16, [
  ['tv_sec', 0, i64],
  ['tv_nsec', 8, u32],
]);

/** Only bits of the lower half have a meaning. */
const attributes: Layout = {
  size: 8,
  show: (m, at) => (m.u32(at + 4) === 0 ? files.statxAttributes.show(m.u32(at)) : hex(m.u64(at))),
};

/** Everything is in it for the test; what strace shows is `statx` below. */
const statxWhole = structure('linux/stat.h', 'struct statx', 256, [
  ['stx_mask', 0, word(files.statxMask.show)],
  ['stx_blksize', 4, u32],
  ['stx_attributes', 8, attributes],
  ['stx_nlink', 16, u32],
  ['stx_uid', 20, u32],
  ['stx_gid', 24, u32],
  ['stx_mode', 28, half(fileMode)],
  ['stx_ino', 32, u64],
  ['stx_size', 40, u64],
  ['stx_blocks', 48, u64],
  ['stx_attributes_mask', 56, attributes],
  ['stx_atime', 64, statxTimestamp],
  ['stx_btime', 80, statxTimestamp],
  ['stx_ctime', 96, statxTimestamp],
  ['stx_mtime', 112, statxTimestamp],
  ['stx_rdev_major', 128, u32],
  ['stx_rdev_minor', 132, u32],
  ['stx_dev_major', 136, u32],
  ['stx_dev_minor', 140, u32],
]);

export const statx: Layout = {
  size: statxWhole.size,
  show: (memory, at, call) => {
    if (call.verbose) return statxWhole.show(memory, at, call);
    const type = memory.u16(at + 28) & 0o170000;
    const isDevice = type === 0o20000 || type === 0o60000;
    const last = isDevice
      ? `stx_rdev_major=${hex(memory.u32(at + 128))}, stx_rdev_minor=${hex(memory.u32(at + 132))}`
      : `stx_size=${memory.u64(at + 40)}`;
    const mask = files.statxMask.show(memory.u32(at));
    const mode = fileMode(memory.u16(at + 28));
    return `{stx_mask=${mask}, stx_attributes=${attributes.show(memory, at + 8, call)}, stx_mode=${mode}, ${last}, ...}`;
  },
};

export const statfs = structure('asm/statfs.h', 'struct statfs64', 88, [
  ['f_type', 0, word(files.statfsTypes.show)],
  ['f_bsize', 4, u32],
  ['f_blocks', 8, u64],
  ['f_bfree', 16, u64],
  ['f_bavail', 24, u64],
  ['f_files', 32, u64],
  ['f_ffree', 40, u64],
  [
    'f_fsid',
    48,
    { size: 8, show: (m, at, call) => `{val=[${hex32.show(m, at, call)}, ${hex32.show(m, at + 4, call)}]}` },
  ],
  ['f_namelen', 56, u32],
  ['f_frsize', 60, u32],
  ['f_flags', 64, word(files.statfsFlags.show)],
]);

export const flock = structure('fcntl.h', 'struct flock', 32, [
  ['l_type', 0, half(files.lockTypes.show)],
  ['l_whence', 2, half(files.whences.show)],
  ['l_start', 8, i64],
  ['l_len', 16, i64],
  ['l_pid', 24, i32],
]);

/** A lock that the program asks for: who holds it is an answer. */
export const flockRequest: Layout = {
  size: flock.size,
  show: (memory, at, call) => flock.show(memory, at, call).replace(/, l_pid=.*(?=\})/, ''),
};

export const fileOwner = structure('fcntl.h', 'struct f_owner_ex', 8, [
  ['type', 0, word(files.ownerTypes.show)],
  ['pid', 4, i32],
]);

export const openHow = structure('linux/openat2.h', 'struct open_how', 24, [
  ['flags', 0, { size: 8, show: (m, at) => openFlagsText(m.u32(at)) }],
  ['mode', 8, { size: 8, show: (m, at) => octal(m.u32(at)) }],
  ['resolve', 16, { size: 8, show: (m, at) => files.resolveFlags.show(m.u32(at)) }],
]);

/** The flags of open: O_RDONLY|O_CLOEXEC. */
export function openFlagsText(value: number): string {
  const mode = files.accessModes[value & 3] as string;
  const rest = (value & ~3) >>> 0;
  return rest === 0 ? mode : `${mode}|${files.openFlags.show(rest)}`;
}

export const pollfd = structure('poll.h', 'struct pollfd', 8, [
  ['fd', 0, i32],
  ['events', 4, half(files.pollEvents.show)],
  ['revents', 6, hidden(2)],
]);

export const epollEvent = structure('sys/epoll.h', 'struct epoll_event', 16, [
  ['events', 0, word(files.epollEvents.show)],
  ['data', 8, { size: 8, show: (m, at) => `{u32=${m.u32(at)}, u64=${m.u64(at)}}` }],
]);

export const sigset: Layout = { size: 8, show: (m, at) => signalSet(m.u32(at), m.u32(at + 4)) };

export const stackT = structure('signal.h', 'stack_t', 12, [
  ['ss_sp', 0, address],
  ['ss_flags', 4, word(alternateStackFlags.show)],
  ['ss_size', 8, u32],
]);

export const sigevent = structure('signal.h', 'struct sigevent', 64, [
  ['sigev_value', 0, { size: 4, show: (m, at) => `{sival_int=${m.i32(at)}, sival_ptr=${pointer(m.u32(at))}}` }],
  ['sigev_signo', 4, word(signalName)],
  [
    'sigev_notify',
    8,
    word((value) => ['SIGEV_SIGNAL', 'SIGEV_NONE', 'SIGEV_THREAD', '3', 'SIGEV_THREAD_ID'][value] ?? hex(value)),
  ],
]);

export const rlimit = structure('linux/resource.h', 'struct rlimit64', 16, [
  ['rlim_cur', 0, { size: 8, show: (m, at) => limitText(m.u64(at)) }],
  ['rlim_max', 8, { size: 8, show: (m, at) => limitText(m.u64(at)) }],
]);

function limitText(value: bigint): string {
  if (value === 0xffffffffffffffffn) return 'RLIM64_INFINITY';
  return value > 1024n && value % 1024n === 0n ? `${value / 1024n}*1024` : String(value);
}

const rusageCounts = [
  'ru_maxrss',
  'ru_ixrss',
  'ru_idrss',
  'ru_isrss',
  'ru_minflt',
  'ru_majflt',
  'ru_nswap',
  'ru_inblock',
  'ru_oublock',
  'ru_msgsnd',
  'ru_msgrcv',
  'ru_nsignals',
  'ru_nvcsw',
  'ru_nivcsw',
] as const;
const rusageWhole = structure('linux/resource.h', 'struct rusage', 72, [
  ['ru_utime', 0, oldTimeval],
  ['ru_stime', 8, oldTimeval],
  ...rusageCounts.map((name, index) => [name, 16 + index * 4, i32] as const),
]);
export const rusage: Layout = {
  size: rusageWhole.size,
  show: (memory, at, call) =>
    call.verbose
      ? rusageWhole.show(memory, at, call)
      : `{ru_utime=${oldTimeval.show(memory, at, call)}, ru_stime=${oldTimeval.show(memory, at + 8, call)}, ...}`,
};

const utsnameNames = ['sysname', 'nodename', 'release', 'version', 'machine', 'domainname'] as const;
const utsnameWhole = structure(
  'linux/utsname.h',
  'struct new_utsname',
  390,
  utsnameNames.map((name, index) => [name, index * 65, text(65)] as const),
);
export const utsname: Layout = {
  size: utsnameWhole.size,
  show: (memory, at, call) =>
    call.verbose
      ? utsnameWhole.show(memory, at, call)
      : `{sysname=${text(65).show(memory, at, call)}, nodename=${text(65).show(memory, at + 65, call)}, ...}`,
};

export const sysinfo = structure('linux/sysinfo.h', 'struct sysinfo', 64, [
  ['uptime', 0, i32],
  ['loads', 4, arrayIn(u32, 3)],
  ['totalram', 16, u32],
  ['freeram', 20, u32],
  ['sharedram', 24, u32],
  ['bufferram', 28, u32],
  ['totalswap', 32, u32],
  ['freeswap', 36, u32],
  ['procs', 40, u16],
  ['totalhigh', 44, u32],
  ['freehigh', 48, u32],
  ['mem_unit', 52, u32],
]);

export const tms = structure('', 'struct tms', 16, [
  ['tms_utime', 0, i32],
  ['tms_stime', 4, i32],
  ['tms_cutime', 8, i32],
  ['tms_cstime', 12, i32],
]);

const whenSet = (show: (value: number) => string): Layout => ({
  size: 8,
  show: (m, at) => (m.u64(at) === 0n ? '' : show(m.u32(at))),
});
export const cloneArgs = structure('linux/sched.h', 'struct clone_args', 88, [
  ['flags', 0, { size: 8, show: (m, at) => processes.cloneFlags.show(m.u32(at)) }],
  ['pidfd', 8, whenSet(pointer)],
  ['child_tid', 16, whenSet(pointer)],
  ['parent_tid', 24, whenSet(pointer)],
  ['exit_signal', 32, { size: 8, show: (m, at) => (m.u32(at) === 0 ? '0' : signalName(m.u32(at))) }],
  ['stack', 40, { size: 8, show: (m, at) => pointer(m.u32(at)) }],
  ['stack_size', 48, { size: 8, show: (m, at) => hex(m.u32(at)) }],
  ['tls', 56, whenSet(pointer)],
  ['set_tid', 64, whenSet(pointer)],
  ['set_tid_size', 72, whenSet(String)],
  ['cgroup', 80, whenSet(String)],
]);

export const schedParam: Layout = { size: 4, show: (m, at) => `[${m.i32(at)}]` };

export const winsize = structure('sys/ioctl.h', 'struct winsize', 8, [
  ['ws_row', 0, u16],
  ['ws_col', 2, u16],
  ['ws_xpixel', 4, u16],
  ['ws_ypixel', 6, u16],
]);

const BAUDS: ReadonlyMap<number, string> = new Map([
  [0, 'B0'],
  [0o10, 'B1800'],
  [0o13, 'B2400'],
  [0o14, 'B4800'],
  [0o15, 'B9600'],
  [0o16, 'B19200'],
  [0o17, 'B38400'],
  [0o10001, 'B57600'],
  [0o10002, 'B115200'],
]);
const termiosWhole = structure('asm/termbits.h', 'struct termios', 36, [
  ['c_iflag', 0, hex32],
  ['c_oflag', 4, hex32],
  ['c_cflag', 8, hex32],
  ['c_lflag', 12, hex32],
  ['c_line', 16, u8],
  ['c_cc', 17, arrayIn(u8, 19)],
]);
/** Speed and the four modes that matter most, a dash before what is off. */
export const termios: Layout = {
  size: termiosWhole.size,
  show: (memory, at, call) => {
    if (call.verbose) return termiosWhole.show(memory, at, call);
    const output = memory.u32(at + 4);
    const control = memory.u32(at + 8);
    const local = memory.u32(at + 12);
    const speed = BAUDS.get(control & 0o10017) ?? hex(control & 0o10017);
    const mode = (isOn: number, name: string) => (isOn ? name : `-${name}`);
    return `{${speed} ${mode(output & 1, 'opost')} ${mode(local & 1, 'isig')} ${mode(local & 2, 'icanon')} ${mode(local & 8, 'echo')} ...}`;
  },
};

export const iovecHeader = structure('sys/uio.h', 'struct iovec', 8, [
  ['iov_base', 0, address],
  ['iov_len', 4, u32],
]);

export const sembuf = structure('sys/sem.h', 'struct sembuf', 6, [
  ['sem_num', 0, u16],
  ['sem_op', 2, i16],
  [
    'sem_flg',
    4,
    half((value) =>
      value === 0
        ? '0'
        : (
            [
              [0o4000, 'IPC_NOWAIT'],
              [0x1000, 'SEM_UNDO'],
            ] as const
          )
            .filter(([bit]) => value & bit)
            .map(([, name]) => name)
            .join('|') || hex(value),
    ),
  ],
]);

export const mqAttributes = structure('mqueue.h', 'struct mq_attr', 32, [
  ['mq_flags', 0, i32],
  ['mq_maxmsg', 4, i32],
  ['mq_msgsize', 8, i32],
  ['mq_curmsgs', 12, i32],
]);

export const mountAttr = structure('linux/mount.h', 'struct mount_attr', 32, [
  ['attr_set', 0, { size: 8, show: (m, at) => files.mountAttributes.show(m.u32(at)) }],
  ['attr_clr', 8, { size: 8, show: (m, at) => files.mountAttributes.show(m.u32(at)) }],
  ['propagation', 16, { size: 8, show: (m, at) => files.mountFlags.show(m.u32(at)) }],
  ['userns_fd', 24, u64],
]);

export const ucred = structure('sys/socket.h', 'struct ucred', 12, [
  ['pid', 0, i32],
  ['uid', 4, u32],
  ['gid', 8, u32],
]);

export const linger = structure('sys/socket.h', 'struct linger', 8, [
  ['l_onoff', 0, i32],
  ['l_linger', 4, i32],
]);

export const capHeader = structure('linux/capability.h', 'struct __user_cap_header_struct', 8, [
  ['version', 0, word(processes.capabilityVersions.show)],
  ['pid', 4, i32],
]);

function capabilitySet(low: number, high: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if (((bit < 32 ? low : high) >>> (bit & 31)) & 1) names.push(`1<<${processes.capabilities.show(bit)}`);
  }
  return names.join('|') || '0';
}

/** One struct __user_cap_data_struct, or two with the lower halves first, as all versions but the first have it. */
export const capData = (isPair: boolean): Layout => ({
  size: isPair ? 24 : 12,
  show: (m, at) => {
    const set = (offset: number) => capabilitySet(m.u32(at + offset), isPair ? m.u32(at + 12 + offset) : 0);
    return `{effective=${set(0)}, permitted=${set(4)}, inheritable=${set(8)}}`;
  },
});

const schedAttrWhole = structure('linux/sched/types.h', 'struct sched_attr', 56, [
  ['size', 0, u32],
  ['sched_policy', 4, word(processes.schedulers.show)],
  ['sched_flags', 8, { size: 8, show: (m, at) => processes.schedulingFlags.show(m.u32(at)) }],
  ['sched_nice', 16, i32],
  ['sched_priority', 20, u32],
  ['sched_runtime', 24, u64],
  ['sched_deadline', 32, u64],
  ['sched_period', 40, u64],
  ['sched_util_min', 48, u32],
  ['sched_util_max', 52, u32],
]);

/** A program may know only the first 48 bytes. */
export const schedAttr: Layout = {
  size: schedAttrWhole.size,
  show: (memory, at, call) => {
    const whole = schedAttrWhole.show(memory, at, call);
    return memory.u32(at) >= schedAttrWhole.size ? whole : whole.replace(/, sched_util_min=.*(?=\})/, '');
  },
};

/** The pair {sigset, size} of pselect6, behind a pointer of its own. */
export const maskWithSize: Layout = {
  size: 8,
  show: (m, at, call) => `{sigmask=${showAt(call, m.u32(at), sigset)}, sigsetsize=${m.u32(at + 4)}}`,
};
