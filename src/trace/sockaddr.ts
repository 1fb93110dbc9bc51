// SPDX-License-Identifier: MIT
/** Socket addresses, by family. */
import type { Call } from './call.ts';
import { etherTypes, families } from './constants/network.ts';
import { pointer, quote } from './text.ts';
import type { UserMemory } from './user-memory.ts';

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const AF_PACKET = 17;

/** Bytes of sa_family. */
const FAMILY_BYTES = 2;

function unixPath(memory: UserMemory, at: number, length: number): string {
  const path = memory.bytes.subarray(at, at + length);
  if (path[0] === 0) return `@${quote(path.subarray(1))}`;
  const end = path.indexOf(0);
  return quote(end < 0 ? path : path.subarray(0, end));
}

const ipv4 = (bytes: Uint8Array) => [...bytes].join('.');

/** The longest run of zeros is left out, as inet_ntop() does. */
export function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${ipv4(bytes.subarray(12, 16))}`;
  }
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const write = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.length < 2) return write(groups);
  return `${write(groups.slice(0, best.start))}::${write(groups.slice(best.start + best.length))}`;
}

/** An address of `length` bytes. */
export function showSocketAddress(call: Call, at: number, length: number): string {
  const { memory } = call;
  if (at === 0) return 'NULL';
  if (length < FAMILY_BYTES || !memory.has(at, Math.min(length, 128))) return pointer(at);
  const family = memory.u16(at);
  const head = `{sa_family=${families.show(family)}`;
  if (family === AF_UNIX) {
    const size = Math.min(length, 110) - FAMILY_BYTES;
    return size === 0 ? `${head}}` : `${head}, sun_path=${unixPath(memory, at + FAMILY_BYTES, size)}}`;
  }
  if (family === AF_INET && length >= 8) {
    const host = ipv4(memory.bytes.subarray(at + 4, at + 8));
    return `${head}, sin_port=htons(${memory.be16(at + 2)}), sin_addr=inet_addr("${host}")}`;
  }
  if (family === AF_INET6 && length >= 24) {
    const host = ipv6(memory.bytes.subarray(at + 8, at + 24));
    const flow = ((memory.be16(at + 4) << 16) | memory.be16(at + 6)) >>> 0;
    const scope = length >= 28 ? `, sin6_scope_id=${memory.u32(at + 24)}` : '';
    const port = `sin6_port=htons(${memory.be16(at + 2)}), sin6_flowinfo=htonl(${flow})`;
    return `${head}, ${port}, inet_pton(AF_INET6, "${host}", &sin6_addr)${scope}}`;
  }
  if (family === AF_NETLINK && length >= 12) {
    const groups = memory.u32(at + 8);
    const group = groups === 0 ? '00000000' : `0x${groups.toString(16).padStart(6, '0')}`;
    return `${head}, nl_pid=${memory.u32(at + 4)}, nl_groups=${group}}`;
  }
  if (family === AF_PACKET && length >= 12) {
    return `${head}, sll_protocol=htons(${etherTypes.show(memory.be16(at + 2))}), sll_ifindex=${memory.i32(at + 4)}}`;
  }
  const data = memory.bytes.subarray(at + FAMILY_BYTES, at + Math.min(length, 16));
  return `${head}, sa_data=${quote(data)}}`;
}
