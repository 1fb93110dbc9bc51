// SPDX-License-Identifier: MIT
/** System calls on sockets. */
import { type ArgumentType, type Call, call, isError, word } from '../call.ts';
import * as c from '../constants/network.ts';
import { i32, type Layout, showAt, showBytes, text } from '../layout.ts';
import * as s from '../structs.ts';
import { hex, pointer } from '../text.ts';
import * as t from '../types.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const AF_PACKET = 17;

const family = t.bits(c.families);
const type = t.mixed(0xf, c.socketTypes, c.socketFlags);
const protocol: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    const value = word(here, at);
    const socketFamily = word(here, 0);
    if (socketFamily === AF_INET || socketFamily === AF_INET6) return c.inetProtocols.show(value);
    // In network order.
    if (socketFamily === AF_PACKET && value <= 0xffff) {
      return `htons(${c.etherTypes.show(((value & 0xff) << 8) | (value >>> 8))})`;
    }
    return socketFamily === AF_NETLINK ? c.netlinkProtocols.show(value) : String(value);
  },
};

// Options: the level says which list of names, the name what the value is

const SOL_SOCKET = 1;
const optionSets: ReadonlyMap<number, { readonly show: (value: number) => string }> = new Map([
  [0, c.ipOptions],
  [SOL_SOCKET, c.socketOptions],
  [6, c.tcpOptions],
  [41, c.ipv6Options],
  [270, c.netlinkOptions],
]);
const level: ArgumentType = t.bits(c.socketLevels);
const optionName: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (here, at) => optionSets.get(word(here, 1))?.show(word(here, at)) ?? hex(word(here, at)),
};
const SO_ERROR = 4;
const optionLayouts: ReadonlyMap<number, Layout> = new Map([
  [13, s.linger],
  [17, s.ucred],
  [25, text(16)],
]);

function showOption(here: Call, at: number, size: number): string {
  const address = word(here, at);
  const isSocketOption = word(here, 1) === SOL_SOCKET;
  const layout = isSocketOption ? optionLayouts.get(word(here, 2)) : undefined;
  if (layout && size >= Math.min(layout.size, 8)) return showAt(here, address, layout);
  if (size !== 4) return showBytes(here, address, size);
  if (!here.memory.has(address, 4) || address === 0) return pointer(address);
  const value = here.memory.i32(address);
  return `[${isSocketOption && word(here, 2) === SO_ERROR ? String(value) : value}]`;
}

const optionIn: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: false,
  show: (here, at) => showOption(here, at, word(here, 4)),
};
const optionOut: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: true,
  show: (here, at) => {
    const size = word(here, 4);
    if (isError(here.result) || !here.memory.has(size, 4) || size === 0) return pointer(word(here, at));
    return showOption(here, at, here.memory.u32(size));
  },
};

const flags = t.bits(c.messageFlags);
const size = t.numberOut(i32);

export const networkCalls = [
  call(198, 'socket', [family, type, protocol], 'network', { result: 'fd' }),
  call(199, 'socketpair', [family, type, protocol, t.arrayOut(i32, () => 2)], 'network'),
  call(200, 'bind', [t.fd, t.socketAddressIn(2), t.length], 'network'),
  call(201, 'listen', [t.fd, t.int], 'network'),
  call(202, 'accept', [t.fd, t.socketAddressOut(2), size], 'network', { result: 'fd' }),
  call(203, 'connect', [t.fd, t.socketAddressIn(2), t.length], 'network'),
  call(204, 'getsockname', [t.fd, t.socketAddressOut(2), size], 'network'),
  call(205, 'getpeername', [t.fd, t.socketAddressOut(2), size], 'network'),
  call(206, 'sendto', [t.fd, t.bytesIn(2), t.length, flags, t.socketAddressIn(5), t.length], 'network'),
  call(207, 'recvfrom', [t.fd, t.bytesOutWithin(2), t.length, flags, t.socketAddressOut(5), size], 'network'),
  call(208, 'setsockopt', [t.fd, level, optionName, optionIn, t.length], 'network'),
  call(209, 'getsockopt', [t.fd, level, optionName, optionOut, size], 'network'),
  call(210, 'shutdown', [t.fd, t.bits(c.shutdownHow)], 'network'),
  call(211, 'sendmsg', [t.fd, t.messageIn, flags], 'network'),
  call(212, 'recvmsg', [t.fd, t.messageOut, flags], 'network'),
  call(242, 'accept4', [t.fd, t.socketAddressOut(2), size, t.bits(c.socketFlags)], 'network', { result: 'fd' }),
  call(269, 'sendmmsg', [t.fd, t.messagesIn(2), t.length, flags], 'network'),
  call(417, 'recvmmsg_time64', [t.fd, t.messagesOut, t.length, flags, t.structIn(s.timespec)], 'network'),
];
