// SPDX-License-Identifier: MIT
/** siginfo_t, whose fields depend on the signal and on who sent it. */
import { signalCode, signalName } from './constants/signals.ts';
import type { Layout } from './layout.ts';
import { pointer } from './text.ts';
import type { UserMemory } from './user-memory.ts';

/** Offsets in siginfo_t on a 32-bit machine, where the union begins at 12. */
const At = {
  signo: 0,
  errno: 4,
  code: 8,
  pid: 12,
  uid: 16,
  status: 20,
  utime: 24,
  stime: 28,
  value: 20,
  addr: 12,
  fd: 16,
} as const;

const SIGCHLD = 17;
const SIGIO = 29;
const SIGSYS = 31;
const faults: readonly number[] = [4, 5, 7, 8, 11];
const SI_USER = 0;
const SI_QUEUE = -1;
const SI_TIMER = -2;
const SI_MESGQ = -3;
const SI_TKILL = -6;

/** CLD_EXITED: si_status is a status; else it is a signal. */
const CLD_EXITED = 1;

function fieldsOf(memory: UserMemory, at: number): string[] {
  const signal = memory.i32(at + At.signo);
  const code = memory.i32(at + At.code);
  const sender = () => [`si_pid=${memory.i32(at + At.pid)}`, `si_uid=${memory.u32(at + At.uid)}`];
  const value = () => `si_int=${memory.i32(at + At.value)}, si_ptr=${pointer(memory.u32(at + At.value))}`;
  if (code === SI_USER || code === SI_TKILL) return sender();
  if (code === SI_QUEUE || code === SI_MESGQ) return [...sender(), value()];
  if (code === SI_TIMER) {
    return [`si_timerid=${memory.i32(at + At.pid)}`, `si_overrun=${memory.i32(at + At.uid)}`, value()];
  }
  if (code <= 0 || code >= 128) return [];
  if (signal === SIGCHLD) {
    const status = memory.i32(at + At.status);
    return [
      ...sender(),
      `si_status=${code === CLD_EXITED ? status : signalName(status)}`,
      `si_utime=${memory.i32(at + At.utime)}`,
      `si_stime=${memory.i32(at + At.stime)}`,
    ];
  }
  if (faults.includes(signal)) return [`si_addr=${pointer(memory.u32(at + At.addr))}`];
  if (signal === SIGIO) return [`si_band=${memory.i32(at + At.addr)}`, `si_fd=${memory.i32(at + At.fd)}`];
  if (signal === SIGSYS) {
    return [`si_call_addr=${pointer(memory.u32(at + At.addr))}`, `si_syscall=${memory.i32(at + At.fd)}`];
  }
  return [];
}

/** What waitid() writes: the times are not among it. */
export const waitInfo: Layout = {
  size: 128,
  show: (memory, at, call) => siginfo.show(memory, at, call).replace(/, si_utime=.*(?=\})/, ''),
};

export const siginfo: Layout = {
  size: 128,
  show: (memory, at) => {
    const signal = memory.i32(at + At.signo);
    if (signal === 0) return '{}';
    const errno = memory.i32(at + At.errno);
    const head = [
      `si_signo=${signalName(signal)}`,
      `si_code=${signalCode(signal, memory.i32(at + At.code))}`,
      ...(errno === 0 ? [] : [`si_errno=${errno}`]),
    ];
    return `{${[...head, ...fieldsOf(memory, at)].join(', ')}}`;
  },
};
