// SPDX-License-Identifier: MIT
/** System calls on signals. */
import { type ArgumentType, call, word } from '../call.ts';
import * as c from '../constants/signals.ts';
import { type Layout, structure, word as wordLayout } from '../layout.ts';
import { siginfo } from '../siginfo.ts';
import * as s from '../structs.ts';
import { hex } from '../text.ts';
import * as t from '../types.ts';

const handlers: readonly (string | undefined)[] = ['SIG_DFL', 'SIG_IGN'];
const SIG_ERR = 0xffffffff;
const handlerText = (value: number) => handlers[value] ?? (value === SIG_ERR ? 'SIG_ERR' : hex(value));

const sigaction = structure('asm/signal.h', 'struct sigaction', 16, [
  ['sa_handler', 0, wordLayout(handlerText)],
  ['sa_mask', 8, s.sigset],
  ['sa_flags', 4, wordLayout(c.signalActions.show)],
]);

/** rt_sigreturn's argument: a frame of ours (docs/abi.md), of which the mask matters. */
const frame: Layout = { size: 24, show: (m, at, here) => `{mask=${s.sigset.show(m, at + 16, here)}}` };

/** A set of `size` bytes. */
const setOut = t.structOut(s.sigset);

const maskHow: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (here, at) => c.maskHow.show(word(here, at)),
};

export const signalCalls = [
  call(74, 'signalfd4', [t.fd, t.structIn(s.sigset), t.length, t.bits(c.signalfdFlags)], 'desc signal', {
    result: 'fd',
  }),
  call(129, 'kill', [t.pid, t.signal], 'signal process'),
  call(130, 'tkill', [t.pid, t.signal], 'signal process'),
  call(131, 'tgkill', [t.pid, t.pid, t.signal], 'signal process'),
  call(132, 'sigaltstack', [t.structIn(s.stackT), t.structOut(s.stackT)], 'signal'),
  call(133, 'rt_sigsuspend', [t.structIn(s.sigset), t.length], 'signal'),
  call(134, 'rt_sigaction', [t.signal, t.structIn(sigaction), t.structOut(sigaction), t.length], 'signal'),
  call(135, 'rt_sigprocmask', [maskHow, t.structIn(s.sigset), setOut, t.length], 'signal'),
  call(136, 'rt_sigpending', [setOut, t.length], 'signal'),
  call(138, 'rt_sigqueueinfo', [t.pid, t.signal, t.structIn(siginfo)], 'signal process'),
  call(139, 'rt_sigreturn', [t.structIn(frame)], 'signal'),
  call(240, 'rt_tgsigqueueinfo', [t.pid, t.pid, t.signal, t.structIn(siginfo)], 'signal process'),
  call(
    421,
    'rt_sigtimedwait_time64',
    [t.structIn(s.sigset), t.structOut(siginfo), t.structIn(s.timespec), t.length],
    'signal',
    { note: (here) => c.signalName(here.result) },
  ),
  call(424, 'pidfd_send_signal', [t.fd, t.signal, t.structIn(siginfo), t.hexNumber], 'desc signal process'),
];
