// SPDX-License-Identifier: MIT
/**
 * Which calls, signals and results a trace shows: the expressions of -e, as strace's.
 *
 *     [trace=]openat,close   trace=%file,%network   trace=!futex_time64   trace=/^recv   trace=all|none
 *     signal=SIGINT,TERM     signal=!CHLD           signal=none
 *     status=successful|failed|unfinished
 */
import { type Group, groups, isError } from './call.ts';
import { signalNumber } from './constants/signals.ts';
import { entries, syscalls } from './syscalls.ts';

/** An expression that is none; the message is one line. */
export class FilterError extends Error {}

export interface Filter {
  readonly showsCall: (nr: number) => boolean;
  readonly showsSignal: (signal: number) => boolean;
  /** result: undefined when the call has not returned. */
  readonly showsResult: (result: number | undefined) => boolean;
  /** Can a call be shown before it has returned? */
  readonly needsResult: boolean;
}

/**
 * What a C program calls, where the kernel's call has another name: libc makes the old call from the new one, or the kernel
 * has it with 64-bit times or offsets only.
 */
const libcNames: Readonly<Record<string, readonly string[]>> = {
  open: ['openat'],
  creat: ['openat'],
  stat: ['statx'],
  lstat: ['statx'],
  fstat: ['statx'],
  fstatat: ['statx'],
  newfstatat: ['statx'],
  access: ['faccessat', 'faccessat2'],
  mkdir: ['mkdirat'],
  mknod: ['mknodat'],
  rmdir: ['unlinkat'],
  unlink: ['unlinkat'],
  rename: ['renameat2'],
  renameat: ['renameat2'],
  link: ['linkat'],
  symlink: ['symlinkat'],
  readlink: ['readlinkat'],
  chmod: ['fchmodat', 'fchmodat2'],
  chown: ['fchownat'],
  lchown: ['fchownat'],
  dup2: ['dup3'],
  pipe: ['pipe2'],
  poll: ['ppoll_time64'],
  ppoll: ['ppoll_time64'],
  select: ['pselect6_time64'],
  pselect6: ['pselect6_time64'],
  epoll_create: ['epoll_create1'],
  epoll_wait: ['epoll_pwait'],
  eventfd: ['eventfd2'],
  signalfd: ['signalfd4'],
  inotify_init: ['inotify_init1'],
  getdents: ['getdents64'],
  lseek: ['_llseek'],
  llseek: ['_llseek'],
  mmap: ['mmap2'],
  fcntl: ['fcntl64'],
  statfs: ['statfs64'],
  fstatfs: ['fstatfs64'],
  truncate: ['truncate64'],
  ftruncate: ['ftruncate64'],
  sendfile: ['sendfile64'],
  fadvise64: ['fadvise64_64'],
  utimensat: ['utimensat_time64'],
  utime: ['utimensat_time64'],
  send: ['sendto'],
  recv: ['recvfrom'],
  recvmmsg: ['recvmmsg_time64'],
  wait4: ['waitid'],
  waitpid: ['waitid'],
  getrlimit: ['prlimit64'],
  setrlimit: ['prlimit64'],
  sigaction: ['rt_sigaction'],
  sigprocmask: ['rt_sigprocmask'],
  sigreturn: ['rt_sigreturn'],
  rt_sigtimedwait: ['rt_sigtimedwait_time64'],
  alarm: ['setitimer'],
  pause: ['ppoll_time64'],
  nanosleep: ['clock_nanosleep_time64'],
  clock_nanosleep: ['clock_nanosleep_time64'],
  clock_gettime: ['clock_gettime64'],
  clock_settime: ['clock_settime64'],
  clock_getres: ['clock_getres_time64'],
  gettimeofday: ['clock_gettime64'],
  time: ['clock_gettime64'],
  timer_gettime: ['timer_gettime64'],
  timer_settime: ['timer_settime64'],
  timerfd_gettime: ['timerfd_gettime64'],
  timerfd_settime: ['timerfd_settime64'],
  futex: ['futex_time64'],
  semtimedop: ['semtimedop_time64'],
  mq_timedsend: ['mq_timedsend_time64'],
  mq_timedreceive: ['mq_timedreceive_time64'],
  umount: ['umount2'],
};

/** Names under which strace knows a group, too. */
const groupAliases: Readonly<Record<string, Group>> = { net: 'network' };

/** Groups that strace knows without "%", too: as it wrote them once. */
const unmarkedGroups: readonly string[] = ['file', 'process', 'network', 'signal', 'memory', 'desc', 'ipc'];

const known = [...syscalls, ...entries];

function numbersOf(item: string): readonly number[] {
  if (item === 'all') return known.map(({ nr }) => nr);
  if (item === 'none') return [];
  if (item.startsWith('/')) {
    const pattern = regularExpression(item.slice(1));
    return known.filter(({ name }) => pattern.test(name)).map(({ nr }) => nr);
  }
  if (item.startsWith('%') || unmarkedGroups.includes(item)) {
    const name = item.replace(/^%+/, '');
    const group = groupAliases[name] ?? groups.find((candidate) => candidate === name);
    if (group === undefined) {
      throw new FilterError(`-e: no group ${item} (there are ${groups.map((each) => `%${each}`).join(' ')})`);
    }
    return known.filter((entry) => entry.groups.includes(group)).map(({ nr }) => nr);
  }
  const isOptional = item.startsWith('?');
  const name = isOptional ? item.slice(1) : item;
  const names = [name, ...(libcNames[name] ?? [])];
  const found = known.filter((entry) => names.includes(entry.name)).map(({ nr }) => nr);
  if (found.length === 0 && !isOptional) throw new FilterError(`-e: no system call ${name}`);
  return found;
}

function regularExpression(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw new FilterError(`-e: /${source} is not a regular expression`);
  }
}

/** The values that a list selects; a leading "!" selects all others. */
function selection(list: string, values: (item: string) => readonly number[]): (value: number) => boolean {
  const isNegated = list.startsWith('!');
  const items = (isNegated ? list.slice(1) : list).split(',').filter((item) => item !== '');
  if (items.length === 0) throw new FilterError('-e: what is to be shown? (-e trace=openat,close; -e trace=%file)');
  const chosen = new Set(items.flatMap(values));
  return (value) => chosen.has(value) !== isNegated;
}

function signalsOf(item: string): readonly number[] {
  if (item === 'all') return Array.from({ length: 64 }, (_, index) => index + 1);
  if (item === 'none') return [];
  const number = signalNumber(item);
  if (number === undefined) throw new FilterError(`-e: no signal ${item}`);
  return [number];
}

const Status = { successful: 0, failed: 1, unfinished: 2, all: 3 } as const;
const statusOf = (result: number | undefined) =>
  result === undefined ? Status.unfinished : isError(result) ? Status.failed : Status.successful;

function statusesOf(item: string): readonly number[] {
  if (item === 'none') return [];
  if (!(item in Status)) {
    throw new FilterError(`-e: no status ${item} (there are ${Object.keys(Status).join(' ')})`);
  }
  return item === 'all' ? Object.values(Status) : [Status[item as keyof typeof Status]];
}

/** Expressions of the same kind: the last one holds. Throws FilterError. */
export function parseFilter(expressions: readonly string[]): Filter {
  let showsCall: Filter['showsCall'] = () => true;
  let showsSignal: Filter['showsSignal'] = () => true;
  let showsStatus: ((status: number) => boolean) | undefined;
  for (const expression of expressions) {
    const [, qualifier = 'trace', list = ''] = /^(?:([a-z]+)=)?(.*)$/s.exec(expression) ?? [];
    switch (qualifier) {
      case 'trace':
      case 't':
        showsCall = selection(list, numbersOf);
        break;
      case 'signal':
      case 'signals':
      case 's':
        showsSignal = selection(list, signalsOf);
        break;
      case 'status':
        showsStatus = selection(list, statusesOf);
        break;
      default:
        throw new FilterError(`-e ${expression}: ${qualifier} is not one of trace, signal, status`);
    }
  }
  return {
    showsCall,
    showsSignal,
    showsResult: (result) => showsStatus?.(statusOf(result)) ?? true,
    needsResult: showsStatus !== undefined,
  };
}
