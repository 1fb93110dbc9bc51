// SPDX-License-Identifier: MIT
/** Signals. Values are Linux's (asm-generic); a test compares them with the headers. */
import { enumeration, flags, hex } from '../text.ts';

const numbers = enumeration('signal.h', 'SIG', {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
});

const FIRST_REAL_TIME = 32;
const LAST = 64;

/** Every signal's name: SIGINT, SIGRT_1. */
export function signalName(signal: number): string {
  if (signal === FIRST_REAL_TIME) return 'SIGRTMIN';
  if (signal > FIRST_REAL_TIME && signal <= LAST) return `SIGRT_${signal - FIRST_REAL_TIME}`;
  return signal > 0 && signal < FIRST_REAL_TIME ? numbers.show(signal) : String(signal);
}

/** The number that a name stands for, with or without SIG; or undefined. */
export function signalNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  for (let signal = 1; signal <= LAST; signal++) {
    const known = signalName(signal);
    if (upper === known || `SIG${upper}` === known) return signal;
  }
  return /^\d+$/.test(name) && Number(name) >= 1 && Number(name) <= LAST ? Number(name) : undefined;
}

/** A set as [INT TERM]; the complement of a set that is nearly full as ~[KILL STOP]. */
export function signalSet(low: number, high: number): string {
  const has = (signal: number) => ((signal <= 32 ? low >>> (signal - 1) : high >>> (signal - 33)) & 1) === 1;
  const all = Array.from({ length: LAST }, (_, index) => index + 1);
  const inside = all.filter(has);
  const isInverted = inside.length >= (LAST * 2) / 3;
  const names = (isInverted ? all.filter((signal) => !has(signal)) : inside).map((signal) =>
    signalName(signal).slice(3),
  );
  return `${isInverted ? '~' : ''}[${names.join(' ')}]`;
}

export const signalActions = flags('signal.h', 'SA_', {
  SA_ONSTACK: 0x08000000,
  SA_RESTART: 0x10000000,
  SA_NODEFER: 0x40000000,
  SA_RESETHAND: 0x80000000,
  SA_SIGINFO: 4,
  SA_NOCLDSTOP: 1,
  SA_NOCLDWAIT: 2,
});

export const maskHow = enumeration('signal.h', 'SIG_', { SIG_BLOCK: 0, SIG_UNBLOCK: 1, SIG_SETMASK: 2 });

export const alternateStackFlags = flags('signal.h', 'SS_', { SS_ONSTACK: 1, SS_DISABLE: 2 });

export const signalfdFlags = flags('sys/signalfd.h', 'SFD_', { SFD_CLOEXEC: 0o2000000, SFD_NONBLOCK: 0o4000 });

const generalCodes = enumeration('signal.h', 'SI_', {
  SI_USER: 0,
  SI_KERNEL: 128,
  SI_QUEUE: -1,
  SI_TIMER: -2,
  SI_MESGQ: -3,
  SI_ASYNCIO: -4,
  SI_SIGIO: -5,
  SI_TKILL: -6,
});

const codesOfSignals: Readonly<Record<string, ReturnType<typeof enumeration>>> = {
  SIGCHLD: enumeration('signal.h', 'CLD_', {
    CLD_EXITED: 1,
    CLD_KILLED: 2,
    CLD_DUMPED: 3,
    CLD_TRAPPED: 4,
    CLD_STOPPED: 5,
    CLD_CONTINUED: 6,
  }),
  SIGSEGV: enumeration('signal.h', 'SEGV_', { SEGV_MAPERR: 1, SEGV_ACCERR: 2 }),
  SIGFPE: enumeration('signal.h', 'FPE_', { FPE_INTDIV: 1, FPE_INTOVF: 2, FPE_FLTDIV: 3, FPE_FLTINV: 7 }),
  SIGILL: enumeration('signal.h', 'ILL_', { ILL_ILLOPC: 1, ILL_ILLOPN: 2 }),
  SIGBUS: enumeration('signal.h', 'BUS_', { BUS_ADRALN: 1, BUS_ADRERR: 2 }),
  SIGSYS: enumeration('signal.h', 'SYS_', { SYS_SECCOMP: 1 }),
  SIGIO: enumeration('signal.h', 'POLL_', {
    POLL_IN: 1,
    POLL_OUT: 2,
    POLL_MSG: 3,
    POLL_ERR: 4,
    POLL_PRI: 5,
    POLL_HUP: 6,
  }),
};

/** si_code. Positive codes belong to the signal. */
export function signalCode(signal: number, code: number): string {
  const known = code > 0 && code < 128 ? codesOfSignals[signalName(signal)] : generalCodes;
  const name = known?.show(code);
  return name === undefined || name.includes('???') ? (code < 0 ? String(code) : hex(code)) : name;
}
