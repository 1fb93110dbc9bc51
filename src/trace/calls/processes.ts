// SPDX-License-Identifier: MIT
/** System calls on processes and threads, their rights, limits and scheduling. */
import { type ArgumentType, type Call, call, isError, signedWord, word } from '../call.ts';
import { atFlags } from '../constants/files.ts';
import * as c from '../constants/processes.ts';
import { signalName } from '../constants/signals.ts';
import { i32, showAt, showText, u32 } from '../layout.ts';
import { waitInfo } from '../siginfo.ts';
import * as s from '../structs.ts';
import { hex, pointer } from '../text.ts';
import * as t from '../types.ts';

const CLONE_SETTLS = 0x80000;
const CLONE_PARENT_SETTID = 0x100000;
const CLONE_CHILD_TID = 0x1200000;
const CLONE_PIDFD = 0x1000;

const hasFlag = (flag: number) => (here: Call) => (word(here, 0) & flag) !== 0;
const stackAndFlags: ArgumentType = {
  kind: 'flags',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    const all = word(here, at);
    const signal = all & 0xff;
    const flags = (all & ~0xff) >>> 0;
    const parts = [...(flags === 0 ? [] : [c.cloneFlags.show(flags)]), ...(signal === 0 ? [] : [signalName(signal)])];
    return `child_stack=${pointer(word(here, at + 1))}, flags=${parts.join('|') || '0'}`;
  },
};
/** Shown before the flags, as strace does. */
const childStack: ArgumentType = { kind: 'pointer', words: 1, isOutput: false, isOptional: true, show: () => '' };
const named = (name: string, type: ArgumentType): ArgumentType => ({
  ...type,
  show: (here, at) => {
    const shown = type.show(here, at);
    return shown === '' ? '' : `${name}=${shown}`;
  },
});

/** prctl: what the second argument is, by option. */
const PR_SET_PDEATHSIG = 1;
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const PR_SET_SECCOMP = 22;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_GET_SECUREBITS = 27;
const PR_SET_SECUREBITS = 28;
const PR_CAP_AMBIENT = 47;
const PR_SET_PTRACER = 0x59616d61;
const SECCOMP_MODE_FILTER = 2;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
/** Options whose argument is one of some names. */
const PRCTL_NAMES: ReadonlyMap<number, { readonly show: (value: number) => string }> = new Map([
  [PR_SET_DUMPABLE, c.dumpModes],
  [PR_SET_SECCOMP, c.seccompModes],
  [PR_CAPBSET_READ, c.capabilities],
  [PR_CAPBSET_DROP, c.capabilities],
  [PR_SET_SECUREBITS, c.secureBits],
  [PR_CAP_AMBIENT, c.ambientOperations],
]);
const POINTERS_TO_NUMBER: readonly number[] = [2, 5, 9, 11, 19, 25, 37];
const WITHOUT_ARGUMENT: readonly number[] = [3, 7, 13, 21, 27, 30, 31, 32, 34, 39, 42];
const prctlArgument: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: (here) => [PR_GET_NAME, ...POINTERS_TO_NUMBER].includes(word(here, 0)),
  show: (here, at) => {
    const option = word(here, 0);
    const value = word(here, at);
    if (WITHOUT_ARGUMENT.includes(option)) return '';
    const names = PRCTL_NAMES.get(option);
    if (names) return names.show(value);
    if (option === PR_SET_PTRACER && value === 0xffffffff) return 'PR_SET_PTRACER_ANY';
    if (option === PR_SET_NAME || (option === PR_GET_NAME && here.result === 0)) return showText(here, value, 16);
    if (option === PR_SET_PDEATHSIG) return value === 0 ? '0' : signalName(value);
    if (POINTERS_TO_NUMBER.includes(option) && here.result === 0) return `[${showAt(here, value, i32)}]`;
    return value < 0x10000 ? String(value) : hex(value);
  },
};

const PRCTL_MORE: readonly number[] = [35, 47, 52, 53, 59, 62, 0x53564d41];
const prctlMore = t.onlyIf((here) => PRCTL_MORE.includes(word(here, 0)), t.hexNumber);
const prctlThird: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  isOptional: true,
  show: (here, at) => {
    const [option, operation] = [word(here, 0), word(here, 1)];
    if (option === PR_SET_SECCOMP) return operation === SECCOMP_MODE_FILTER ? pointer(word(here, at)) : '';
    if (option === PR_CAP_AMBIENT && operation < PR_CAP_AMBIENT_CLEAR_ALL) return c.capabilities.show(word(here, at));
    return prctlMore.show(here, at);
  },
};

function prctlNote(here: Call): string {
  const option = word(here, 0);
  if (option === PR_GET_DUMPABLE) return c.dumpModes.show(here.result);
  return option === PR_GET_SECUREBITS && here.result !== 0 ? c.secureBits.show(here.result) : '';
}
const prctlResult = (here: Call) => (word(here, 0) === PR_GET_SECUREBITS ? 'hex' : 'number');

// ptrace: the request says what the data is

const PTRACE_TRACEME = 0;
const PTRACE_WITH_OPTIONS: readonly number[] = [0x4200, 0x4206];
/** PTRACE_CONT and its like pass a signal on. */
const PTRACE_WITH_SIGNAL: readonly number[] = [7, 9, 17, 24];
const isForChild = (here: Call) => word(here, 0) !== PTRACE_TRACEME;
const ptraceData: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    const value = word(here, at);
    if (PTRACE_WITH_OPTIONS.includes(word(here, 0))) return c.ptraceOptions.show(value);
    if (PTRACE_WITH_SIGNAL.includes(word(here, 0))) return value === 0 ? '0' : signalName(value);
    return pointer(value);
  },
};

/** The sets of capget and capset: how many words they have is a matter of the header's version. */
const CAPABILITY_VERSION_1 = 0x19980330;
const capabilityData = (isOutput: boolean): ArgumentType => ({
  kind: 'pointer',
  words: 1,
  isOutput,
  show: (here, at) => {
    const [header, value] = [word(here, 0), word(here, at)];
    if ((isOutput && isError(here.result)) || header === 0 || !here.memory.has(header, 4)) return pointer(value);
    return showAt(here, value, s.capData(here.memory.u32(header) !== CAPABILITY_VERSION_1));
  },
});

const MEMBARRIER_CMD_QUERY = 0;
const MEMBARRIER_CMD_FLAG_CPU = 1;
const membarrierNote = (here: Call) =>
  word(here, 0) === MEMBARRIER_CMD_QUERY ? c.membarrierSets.show(here.result) : '';
const membarrierResult = (here: Call) => (word(here, 0) === MEMBARRIER_CMD_QUERY ? 'hex' : 'number');

/** A cpu_set_t of the size that the word before it says. */
const cpuSet: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    const address = word(here, at);
    const size = Math.min(here.result > 0 ? here.result : word(here, at - 1), 128);
    if (address === 0 || !here.memory.has(address, size)) return pointer(address);
    const cpus: number[] = [];
    for (let cpu = 0; cpu < size * 8; cpu++) {
      if ((here.memory.u8(address + (cpu >> 3)) >> (cpu & 7)) & 1) cpus.push(cpu);
    }
    return `[${cpus.join(' ')}]`;
  },
};

const groupList = (count: (here: Call) => number, isOutput: boolean): ArgumentType => {
  const list = t.arrayOut(u32, count);
  return { ...list, isOutput };
};

export const processCalls = [
  call(31, 'ioprio_get', [t.int, t.int]),
  call(30, 'ioprio_set', [t.int, t.int, t.hexNumber]),
  call(90, 'capget', [t.structIn(s.capHeader), capabilityData(true)], 'creds'),
  call(91, 'capset', [t.structIn(s.capHeader), capabilityData(false)], 'creds'),
  call(92, 'personality', [t.bits(c.personalities)], '', { result: 'hex' }),
  call(93, 'exit', [t.int], 'process', { result: 'never' }),
  call(94, 'exit_group', [t.int], 'process', { result: 'never' }),
  call(
    95,
    'waitid',
    [t.bits(c.idTypes), t.pid, t.structOut(waitInfo), t.bits(c.waitOptions), t.structOut(s.rusage)],
    'process',
  ),
  call(96, 'set_tid_address', [t.anyPointer], '', { result: 'pid' }),
  call(97, 'unshare', [t.bits(c.namespaceFlags)], 'process'),
  call(99, 'set_robust_list', [t.anyPointer, t.length]),
  call(100, 'get_robust_list', [t.pid, t.numberOut(u32), t.numberOut(u32)]),
  call(117, 'ptrace', [
    t.bits(c.ptraceRequests),
    t.onlyIf(isForChild, t.pid),
    t.onlyIf(isForChild, t.anyPointer),
    t.onlyIf(isForChild, ptraceData),
  ]),
  call(118, 'sched_setparam', [t.pid, t.structIn(s.schedParam)]),
  call(119, 'sched_setscheduler', [t.pid, t.bits(c.schedulers), t.structIn(s.schedParam)]),
  call(120, 'sched_getscheduler', [t.pid], '', { note: (here) => c.schedulers.show(here.result) }),
  call(121, 'sched_getparam', [t.pid, t.structOut(s.schedParam)]),
  call(122, 'sched_setaffinity', [t.pid, t.length, cpuSet]),
  call(123, 'sched_getaffinity', [t.pid, t.length, { ...cpuSet, isOutput: true }]),
  call(124, 'sched_yield', []),
  call(125, 'sched_get_priority_max', [t.bits(c.schedulers)]),
  call(126, 'sched_get_priority_min', [t.bits(c.schedulers)]),
  call(140, 'setpriority', [t.bits(c.priorityWhich), t.pid, t.int]),
  call(141, 'getpriority', [t.bits(c.priorityWhich), t.pid]),
  call(143, 'setregid', [t.userId, t.userId], 'creds'),
  call(144, 'setgid', [t.userId], 'creds'),
  call(145, 'setreuid', [t.userId, t.userId], 'creds'),
  call(146, 'setuid', [t.userId], 'creds'),
  call(147, 'setresuid', [t.userId, t.userId, t.userId], 'creds'),
  call(148, 'getresuid', [t.numberOut(u32), t.numberOut(u32), t.numberOut(u32)], 'creds'),
  call(149, 'setresgid', [t.userId, t.userId, t.userId], 'creds'),
  call(150, 'getresgid', [t.numberOut(u32), t.numberOut(u32), t.numberOut(u32)], 'creds'),
  call(151, 'setfsuid', [t.userId], 'creds'),
  call(152, 'setfsgid', [t.userId], 'creds'),
  call(153, 'times', [t.structOut(s.tms)]),
  call(154, 'setpgid', [t.pid, t.pid]),
  call(155, 'getpgid', [t.pid], '', { result: 'pid' }),
  call(156, 'getsid', [t.pid], '', { result: 'pid' }),
  call(157, 'setsid', [], '', { result: 'pid' }),
  call(158, 'getgroups', [t.int, groupList((here) => (signedWord(here, 0) === 0 ? 0 : here.result), true)], 'creds'),
  call(159, 'setgroups', [t.int, groupList((here) => signedWord(here, 0), false)], 'creds'),
  call(165, 'getrusage', [t.bits(c.rusageWho), t.structOut(s.rusage)]),
  call(167, 'prctl', [t.bits(c.prctlOptions), prctlArgument, prctlThird, prctlMore, prctlMore], 'creds', {
    note: prctlNote,
    result: prctlResult,
  }),
  call(168, 'getcpu', [t.numberOut(u32), t.numberOut(u32), t.anyPointer]),
  call(172, 'getpid', [], '', { result: 'pid' }),
  call(173, 'getppid', [], '', { result: 'pid' }),
  call(174, 'getuid', [], 'creds'),
  call(175, 'geteuid', [], 'creds'),
  call(176, 'getgid', [], 'creds'),
  call(177, 'getegid', [], 'creds'),
  call(178, 'gettid', [], '', { result: 'pid' }),
  call(
    220,
    'clone',
    [
      stackAndFlags,
      childStack,
      t.onlyIf(hasFlag(CLONE_PARENT_SETTID | CLONE_PIDFD), named('parent_tid', t.numberOut(i32))),
      t.onlyIf(hasFlag(CLONE_SETTLS), named('tls', t.anyPointer)),
      t.onlyIf(hasFlag(CLONE_CHILD_TID), named('child_tidptr', t.anyPointer)),
    ],
    'process',
    { result: 'pid' },
  ),
  call(221, 'execve', [t.path, t.argumentVector, t.environment], 'file process'),
  call(261, 'prlimit64', [t.pid, t.bits(c.resources), t.structIn(s.rlimit), t.structOut(s.rlimit)]),
  call(268, 'setns', [t.fd, t.bits(c.namespaceFlags)], 'process desc'),
  call(270, 'process_vm_readv', [t.pid, t.vectorOut(2), t.length, t.anyPointer, t.length, t.hexNumber]),
  call(271, 'process_vm_writev', [t.pid, t.vectorIn(2), t.length, t.anyPointer, t.length, t.hexNumber]),
  call(272, 'kcmp', [t.pid, t.pid, t.int, t.uint, t.uint]),
  call(274, 'sched_setattr', [t.pid, t.structIn(s.schedAttr), t.uint]),
  call(275, 'sched_getattr', [t.pid, t.structOut(s.schedAttr), t.length, t.uint]),
  call(277, 'seccomp', [t.bits(c.seccompOperations), t.bits(c.seccompFlags), t.anyPointer]),
  call(281, 'execveat', [t.folderFd, t.path, t.argumentVector, t.environment, t.bits(atFlags)], 'file desc process'),
  call(
    283,
    'membarrier',
    [
      t.bits(c.membarrierCommands),
      t.hexNumber,
      t.onlyIf((here) => (word(here, 1) & MEMBARRIER_CMD_FLAG_CPU) !== 0, t.int),
    ],
    '',
    { note: membarrierNote, result: membarrierResult },
  ),
  call(293, 'rseq', [t.anyPointer, t.length, t.hexNumber, t.hexNumber]),
  call(434, 'pidfd_open', [t.pid, t.hexNumber], 'desc', { result: 'fd' }),
  call(435, 'clone3', [t.structIn(s.cloneArgs), t.length], 'process', { result: 'pid' }),
  call(438, 'pidfd_getfd', [t.fd, t.fd, t.hexNumber], 'desc', { result: 'fd' }),
  call(444, 'landlock_create_ruleset', [t.anyPointer, t.length, t.bits(c.rulesetFlags)], 'desc', { result: 'fd' }),
  call(445, 'landlock_add_rule', [t.fd, t.bits(c.ruleTypes), t.anyPointer, t.hexNumber], 'desc'),
  call(446, 'landlock_restrict_self', [t.fd, t.hexNumber], 'desc'),
  call(459, 'lsm_get_self_attr', [t.uint, t.anyPointer, t.numberOut(u32), t.hexNumber]),
  call(460, 'lsm_set_self_attr', [t.uint, t.anyPointer, t.length, t.hexNumber]),
  call(461, 'lsm_list_modules', [t.anyPointer, t.numberOut(u32), t.hexNumber]),
];
