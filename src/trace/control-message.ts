// SPDX-License-Identifier: MIT
/** Control messages of sendmsg and recvmsg: descriptors, credentials and others, by level and type. Shown by types.ts. */
import type { Call } from './call.ts';
import { controlTypes, ipOptions, ipv6Options, socketLevels } from './constants/network.ts';
import { i32, showArray, showAt, showBytes } from './layout.ts';
import { ucred } from './structs.ts';
import { hex, pointer } from './text.ts';

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_IPV6 = 41;
const SCM_RIGHTS = 1;
const SCM_CREDENTIALS = 2;
/** Of struct cmsghdr: length, level and type. */
const HEADER_BYTES = 12;
/** Messages that are shown unless all are asked for. */
const MOST_SHOWN = 32;

const typeSets: ReadonlyMap<number, { readonly show: (value: number) => string }> = new Map([
  [SOL_IP, ipOptions],
  [SOL_SOCKET, controlTypes],
  [SOL_IPV6, ipv6Options],
]);

function showData(call: Call, level: number, type: number, at: number, size: number): string {
  if (level === SOL_SOCKET && type === SCM_RIGHTS) return showArray(call, at, size >>> 2, i32);
  if (level === SOL_SOCKET && type === SCM_CREDENTIALS && size >= ucred.size) return showAt(call, at, ucred);
  return showBytes(call, at, size);
}

/** The `length` bytes of msg_control. */
export function showControlMessages(call: Call, at: number, length: number): string {
  const { memory } = call;
  if (at === 0 || length < HEADER_BYTES || !memory.has(at, length)) return pointer(at);
  const texts: string[] = [];
  for (let offset = 0; offset + HEADER_BYTES <= length; ) {
    if (texts.length === MOST_SHOWN && !call.verbose) {
      texts.push('...');
      break;
    }
    const here = at + offset;
    const [size, level, type] = [memory.u32(here), memory.u32(here + 4), memory.u32(here + 8)];
    const known = Math.min(size, length - offset) - HEADER_BYTES;
    const typeText = typeSets.get(level)?.show(type) ?? hex(type);
    const data = known > 0 ? `, cmsg_data=${showData(call, level, type, here + HEADER_BYTES, known)}` : '';
    texts.push(`{cmsg_len=${size}, cmsg_level=${socketLevels.show(level)}, cmsg_type=${typeText}${data}}`);
    // One that says less than its header ends the list, as for the kernel.
    if (size < HEADER_BYTES) break;
    offset += Math.ceil(size / 4) * 4;
  }
  return `[${texts.join(', ')}]`;
}
