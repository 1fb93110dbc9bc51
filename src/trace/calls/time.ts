// SPDX-License-Identifier: MIT
/** System calls on clocks, timers and futexes. */
import { type ArgumentType, type Call, call, word } from '../call.ts';
import * as c from '../constants/processes.ts';
import { i32 } from '../layout.ts';
import * as s from '../structs.ts';
import { hex, pointer } from '../text.ts';
import * as t from '../types.ts';

/** A clock may also be a process's or a file's: a negative number. */
const clock: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    const value = word(here, at) | 0;
    return value < 0 ? String(value) : c.clocks.show(value);
  },
};

// The operation of a futex says which of its other arguments there are.
const futexOperation = (here: Call) => word(here, 1) & 0x7f;
const isOneOf = (operations: readonly number[]) => (here: Call) => operations.includes(futexOperation(here));
const [
  WAIT,
  WAKE,
  REQUEUE,
  CMP_REQUEUE,
  WAKE_OP,
  LOCK_PI,
  WAIT_BITSET,
  WAKE_BITSET,
  WAIT_REQUEUE_PI,
  CMP_REQUEUE_PI,
  LOCK_PI2,
] = [0, 1, 3, 4, 5, 6, 9, 10, 11, 12, 13];
const withValue = [
  WAIT,
  WAKE,
  REQUEUE,
  CMP_REQUEUE,
  WAKE_OP,
  WAIT_BITSET,
  WAKE_BITSET,
  WAIT_REQUEUE_PI,
  CMP_REQUEUE_PI,
] as number[];
const withTimeout = [WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2] as number[];
const withSecondValue = [REQUEUE, CMP_REQUEUE, WAKE_OP, CMP_REQUEUE_PI] as number[];
const withSecondAddress = [REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_REQUEUE_PI, CMP_REQUEUE_PI] as number[];
const withThirdValue = [CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET, CMP_REQUEUE_PI] as number[];
const bitsets = [WAIT_BITSET, WAKE_BITSET] as number[];

const futexNumber: ArgumentType = {
  kind: 'flags',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    const flags = word(here, at) & 0x180;
    const name = c.futexOperations.show(futexOperation(here));
    if (flags === 128) return `${name}_PRIVATE`;
    return flags === 0 ? name : `${name}|${c.futexFlags.show(flags)}`.replace(/\|FUTEX_PRIVATE_FLAG/, '_PRIVATE');
  },
};
/** The fourth argument is a time or a number. */
const futexTimeout: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    if (isOneOf(withTimeout)(here)) return t.structIn(s.timespec).show(here, at);
    return isOneOf(withSecondValue)(here) ? String(word(here, at)) : '';
  },
};
const futexThird: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    if (!isOneOf(withThirdValue)(here)) return '';
    const value = word(here, at);
    if (!isOneOf(bitsets)(here)) return hex(value);
    return value === 0xffffffff ? 'FUTEX_BITSET_MATCH_ANY' : hex(value);
  },
};

const oldTimer = t.structIn(s.oldItimerval);
const timerId = t.int;

export const timeCalls = [
  call(85, 'timerfd_create', [t.bits(c.clocks), t.bits(c.timerfdCreateFlags)], 'desc', { result: 'fd' }),
  call(102, 'getitimer', [t.bits(c.intervalTimers), t.structOut(s.oldItimerval)]),
  call(103, 'setitimer', [t.bits(c.intervalTimers), oldTimer, t.structOut(s.oldItimerval)]),
  call(107, 'timer_create', [clock, t.structIn(s.sigevent), t.numberOut(i32)]),
  call(109, 'timer_getoverrun', [timerId]),
  call(111, 'timer_delete', [timerId]),
  call(403, 'clock_gettime64', [clock, t.structOut(s.timespec)], 'clock'),
  call(404, 'clock_settime64', [clock, t.structIn(s.timespec)], 'clock'),
  call(405, 'clock_adjtime64', [clock, t.anyPointer], 'clock'),
  call(406, 'clock_getres_time64', [clock, t.structOut(s.timespec)], 'clock'),
  call(407, 'clock_nanosleep_time64', [clock, t.bits(c.timerFlags), t.structIn(s.timespec), remainingTime()], 'clock'),
  call(408, 'timer_gettime64', [timerId, t.structOut(s.itimerspec)]),
  call(409, 'timer_settime64', [timerId, t.bits(c.timerFlags), t.structIn(s.itimerspec), t.structOut(s.itimerspec)]),
  call(410, 'timerfd_gettime64', [t.fd, t.structOut(s.itimerspec)], 'desc'),
  call(
    411,
    'timerfd_settime64',
    [t.fd, t.bits(c.timerfdFlags), t.structIn(s.itimerspec), t.structOut(s.itimerspec)],
    'desc',
  ),
  call(423, 'sched_rr_get_interval_time64', [t.pid, t.structOut(s.timespec)]),
  call(422, 'futex_time64', [
    t.anyPointer,
    futexNumber,
    t.onlyIf(isOneOf(withValue), t.int),
    futexTimeout,
    t.onlyIf(isOneOf(withSecondAddress), t.anyPointer),
    futexThird,
  ]),
  call(449, 'futex_waitv', [t.anyPointer, t.length, t.hexNumber, t.structIn(s.timespec), t.bits(c.clocks)]),
  call(454, 'futex_wake', [t.anyPointer, t.hexNumber, t.int, t.hexNumber]),
  call(455, 'futex_wait', [
    t.anyPointer,
    t.hexNumber,
    t.hexNumber,
    t.hexNumber,
    t.structIn(s.timespec),
    t.bits(c.clocks),
  ]),
  call(456, 'futex_requeue', [t.anyPointer, t.hexNumber, t.int, t.int]),
];

/** What is left to sleep: written only when the sleep was interrupted. */
function remainingTime(): ArgumentType {
  const EINTR = -4;
  return {
    kind: 'pointer',
    words: 1,
    isOutput: true,
    show: (here, at) => (here.result === EINTR ? t.structIn(s.timespec).show(here, at) : pointer(word(here, at))),
  };
}
