// SPDX-License-Identifier: MIT
/** System calls on the machine as a whole, on modules and programs inside the kernel, and on asynchronous I/O. */
import { call, word } from '../call.ts';
import * as c from '../constants/processes.ts';
import { u32 } from '../layout.ts';
import * as s from '../structs.ts';
import * as t from '../types.ts';

const LINUX_REBOOT_CMD_RESTART2 = 0xa1b2c3d4;

export const systemCalls = [
  call(0, 'io_setup', [t.uint, t.numberOut(u32)], 'memory'),
  call(1, 'io_destroy', [t.hexNumber], 'memory'),
  call(2, 'io_submit', [t.hexNumber, t.int, t.anyPointer]),
  call(3, 'io_cancel', [t.hexNumber, t.anyPointer, t.anyPointer]),
  call(416, 'io_pgetevents_time64', [t.hexNumber, t.int, t.int, t.anyPointer, t.structIn(s.timespec), t.anyPointer]),
  call(18, 'lookup_dcookie', [t.int64, t.anyPointer, t.length]),
  call(42, 'nfsservctl', [t.int, t.anyPointer, t.anyPointer]),
  call(60, 'quotactl', [t.hexNumber, t.path, t.userId, t.anyPointer], 'file'),
  call(443, 'quotactl_fd', [t.fd, t.hexNumber, t.userId, t.anyPointer], 'desc'),
  call(104, 'kexec_load', [t.hexNumber, t.length, t.anyPointer, t.hexNumber]),
  call(294, 'kexec_file_load', [t.fd, t.fd, t.length, t.string, t.hexNumber], 'desc'),
  call(105, 'init_module', [t.anyPointer, t.length, t.string]),
  call(106, 'delete_module', [t.string, t.openFlags]),
  call(273, 'finit_module', [t.fd, t.string, t.hexNumber], 'desc'),
  call(116, 'syslog', [t.bits(c.syslogActions), t.bytesOutWithin(2), t.length]),
  call(128, 'restart_syscall', []),
  call(142, 'reboot', [
    t.bits(c.rebootMagics),
    t.bits(c.rebootMagics),
    t.bits(c.rebootCommands),
    t.onlyIf((here) => word(here, 2) === LINUX_REBOOT_CMD_RESTART2, t.string),
  ]),
  call(160, 'uname', [t.structOut(s.utsname)]),
  call(161, 'sethostname', [t.bytesIn(1), t.length]),
  call(162, 'setdomainname', [t.bytesIn(1), t.length]),
  call(179, 'sysinfo', [t.structOut(s.sysinfo)]),
  call(224, 'swapon', [t.path, t.hexNumber], 'file'),
  call(225, 'swapoff', [t.path], 'file'),
  call(241, 'perf_event_open', [t.anyPointer, t.pid, t.int, t.fd, t.hexNumber], 'desc', { result: 'fd' }),
  call(278, 'getrandom', [t.bytesOut, t.length, t.bits(c.randomFlags)]),
  call(280, 'bpf', [t.int, t.anyPointer, t.length], 'desc'),
  call(425, 'io_uring_setup', [t.uint, t.anyPointer], 'desc', { result: 'fd' }),
  call(426, 'io_uring_enter', [t.fd, t.uint, t.uint, t.hexNumber, t.structIn(s.sigset), t.length], 'desc signal'),
  call(427, 'io_uring_register', [t.fd, t.uint, t.anyPointer, t.uint], 'desc'),
];
