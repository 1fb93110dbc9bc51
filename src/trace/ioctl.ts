// SPDX-License-Identifier: MIT
/** ioctl: the request's name, and what its argument is. */
import { type ArgumentType, isError, word } from './call.ts';
import * as requests from './interface-requests.ts';
import { i32, type Layout, showAt } from './layout.ts';
import { termios, winsize } from './structs.ts';
import { enumeration, hex, pointer } from './text.ts';

const ttyRequests = enumeration('asm/ioctls.h', '', {
  TCGETS: 0x5401,
  TCSETS: 0x5402,
  TCSETSW: 0x5403,
  TCSETSF: 0x5404,
  TCSBRK: 0x5409,
  TCXONC: 0x540a,
  TCFLSH: 0x540b,
  TIOCEXCL: 0x540c,
  TIOCNXCL: 0x540d,
  TIOCSCTTY: 0x540e,
  TIOCGPGRP: 0x540f,
  TIOCSPGRP: 0x5410,
  TIOCOUTQ: 0x5411,
  TIOCSTI: 0x5412,
  TIOCGWINSZ: 0x5413,
  TIOCSWINSZ: 0x5414,
  TIOCMGET: 0x5415,
  FIONREAD: 0x541b,
  TIOCCONS: 0x541d,
  TIOCPKT: 0x5420,
  FIONBIO: 0x5421,
  TIOCNOTTY: 0x5422,
  TIOCGSID: 0x5429,
  TIOCGPTN: 0x80045430,
  TIOCSPTLCK: 0x40045431,
  TIOCGPTPEER: 0x5441,
  FIONCLEX: 0x5450,
  FIOCLEX: 0x5451,
  FIOASYNC: 0x5452,
});

const otherRequests = enumeration('', '', {
  SIOCGIFNAME: 0x8910,
  SIOCGIFCONF: 0x8912,
  SIOCGIFFLAGS: 0x8913,
  SIOCSIFFLAGS: 0x8914,
  SIOCGIFADDR: 0x8915,
  SIOCSIFADDR: 0x8916,
  SIOCGIFDSTADDR: 0x8917,
  SIOCGIFBRDADDR: 0x8919,
  SIOCGIFNETMASK: 0x891b,
  SIOCSIFNETMASK: 0x891c,
  SIOCGIFMETRIC: 0x891d,
  SIOCGIFMTU: 0x8921,
  SIOCSIFMTU: 0x8922,
  SIOCGIFHWADDR: 0x8927,
  SIOCGIFINDEX: 0x8933,
  SIOCADDRT: 0x890b,
  SIOCDELRT: 0x890c,
  LOOP_SET_FD: 0x4c00,
  LOOP_CLR_FD: 0x4c01,
  LOOP_SET_STATUS64: 0x4c04,
  LOOP_GET_STATUS64: 0x4c05,
  LOOP_CTL_GET_FREE: 0x4c82,
  LOOP_CONFIGURE: 0x4c0a,
  BLKGETSIZE64: 0x80041272,
  BLKSSZGET: 0x1268,
  BLKFLSBUF: 0x1261,
  BLKROSET: 0x125d,
  BLKROGET: 0x125e,
  TUNSETIFF: 0x400454ca,
  RTC_RD_TIME: 0x80247009,
});

interface Meaning {
  readonly layout: Layout;
  readonly isOutput: boolean;
  /** What is known when the request has failed; else the address. */
  readonly failed?: Layout;
}

const process: Layout = { size: 4, show: (m, at, call) => `[${i32.show(m, at, call)}]` };
const gives = (layout: Layout): Meaning => ({ layout, isOutput: true });
const answers = (layout: Layout, failed: Layout = requests.interfaceName): Meaning => ({
  layout,
  isOutput: true,
  failed,
});
const takes = (layout: Layout): Meaning => ({ layout, isOutput: false });
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [0x5401, gives(termios)],
  [0x5402, takes(termios)],
  [0x5403, takes(termios)],
  [0x5404, takes(termios)],
  [0x540f, gives(process)],
  [0x5410, takes(process)],
  [0x5411, gives(process)],
  [0x5413, gives(winsize)],
  [0x5414, takes(winsize)],
  [0x541b, gives(process)],
  [0x5420, takes(process)],
  [0x5421, takes(process)],
  [0x5429, gives(process)],
  [0x80045430, gives(process)],
  [0x40045431, takes(process)],
  [0x5452, takes(process)],
  [0x8910, answers(requests.nameOfIndex, requests.interfaceIndex)],
  [0x8912, gives(requests.interfaceList)],
  [0x8913, answers(requests.flagsRequest)],
  [0x8914, takes(requests.flagsRequest)],
  [0x8915, answers(requests.addressRequest)],
  [0x8916, takes(requests.addressRequest)],
  [0x8917, answers(requests.peerRequest)],
  [0x8919, answers(requests.broadcastRequest)],
  [0x891b, answers(requests.maskRequest)],
  [0x891c, takes(requests.maskRequest)],
  [0x891d, answers(requests.metricRequest)],
  [0x8921, answers(requests.mtuRequest)],
  [0x8922, takes(requests.mtuRequest)],
  [0x8927, answers(requests.hardwareRequest)],
  [0x8933, answers(requests.indexOfName)],
]);

/** Requests whose argument means nothing, or is a number. */
const withoutArgument: readonly number[] = [0x540c, 0x540d, 0x5422, 0x5450, 0x5451];
const withNumber: readonly number[] = [0x5409, 0x540a, 0x540b, 0x540e];

const directions = ['_IOC_NONE', '_IOC_WRITE', '_IOC_READ', '_IOC_READ|_IOC_WRITE'] as const;

function requestName(value: number): string {
  for (const set of [ttyRequests, otherRequests]) {
    if (Object.values(set.values).some((known) => known >>> 0 === value)) return set.show(value);
  }
  const size = (value >>> 16) & 0x3fff;
  return `_IOC(${directions[value >>> 30]}, ${hex((value >>> 8) & 0xff)}, ${hex(value & 0xff)}, ${hex(size)})`;
}

export const ioctlRequest: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (call, at) => requestName(word(call, at)),
};

export const ioctlArgument: ArgumentType = {
  kind: 'pointer',
  words: 1,
  // What an unknown request does with its argument is unknown, but it is an address all the same.
  isOutput: (call) => meanings.get(word(call, 1))?.isOutput ?? false,
  show: (call, at) => {
    const request = word(call, at - 1);
    const value = word(call, at);
    if (withoutArgument.includes(request)) return '';
    if (withNumber.includes(request)) return String(value | 0);
    const meaning = meanings.get(request);
    if (!meaning) return pointer(value);
    if (meaning.isOutput && isError(call.result)) {
      return meaning.failed ? showAt(call, value, meaning.failed) : pointer(value);
    }
    return showAt(call, value, meaning.layout);
  },
};
