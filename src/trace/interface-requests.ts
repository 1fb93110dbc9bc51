// SPDX-License-Identifier: MIT
/** What the ioctls on network interfaces take and give: struct ifreq by request, and the list of SIOCGIFCONF. Used by ioctl.ts. */
import { hardwareTypes, interfaceFlags } from './constants/network.ts';
import { half, i32, type Layout, showArray, structure, text } from './layout.ts';
import { showSocketAddress } from './sockaddr.ts';
import { pointer } from './text.ts';

const NAME_BYTES = 16;
const IFREQ_BYTES = 32;

const request = (field: string, layout: Layout) =>
  structure('net/if.h', 'struct ifreq', IFREQ_BYTES, [
    ['ifr_name', 0, text(NAME_BYTES)],
    [field, 16, layout],
  ]);

const socketAddress: Layout = { size: 16, show: (_memory, at, call) => showSocketAddress(call, at, 16) };
const hardwareAddress: Layout = {
  size: 16,
  show: (memory, at) => {
    const bytes = [...memory.bytes.subarray(at + 2, at + 8)].map((byte) => byte.toString(16).padStart(2, '0'));
    return `{sa_family=${hardwareTypes.show(memory.u16(at))}, sa_data=${bytes.join(':')}}`;
  },
};

/** All that is known of a request that has failed. */
export const interfaceName = structure('net/if.h', 'struct ifreq', IFREQ_BYTES, [['ifr_name', 0, text(NAME_BYTES)]]);
export const interfaceIndex = structure('net/if.h', 'struct ifreq', IFREQ_BYTES, [['ifr_ifindex', 16, i32]]);
/** SIOCGIFNAME asks by the index. */
export const nameOfIndex = structure('net/if.h', 'struct ifreq', IFREQ_BYTES, [
  ['ifr_ifindex', 16, i32],
  ['ifr_name', 0, text(NAME_BYTES)],
]);
export const indexOfName = request('ifr_ifindex', i32);
export const flagsRequest = request('ifr_flags', half(interfaceFlags.show));
export const addressRequest = request('ifr_addr', socketAddress);
export const peerRequest = request('ifr_dstaddr', socketAddress);
export const broadcastRequest = request('ifr_broadaddr', socketAddress);
export const maskRequest = request('ifr_netmask', socketAddress);
export const hardwareRequest = request('ifr_hwaddr', hardwareAddress);
export const metricRequest = request('ifr_metric', i32);
export const mtuRequest = request('ifr_mtu', i32);

const configuration = structure('net/if.h', 'struct ifconf', 8, [
  ['ifc_len', 0, i32],
  ['ifc_buf', 4, i32],
]);
export const interfaceList: Layout = {
  size: configuration.size,
  show: (memory, at, call) => {
    const length = memory.i32(at);
    const buffer = memory.u32(at + 4);
    const count = Math.max(0, Math.floor(length / IFREQ_BYTES));
    const note = length === count * IFREQ_BYTES ? ` /* ${count} * sizeof(struct ifreq) */` : '';
    const list = buffer === 0 ? pointer(buffer) : showArray(call, buffer, count, addressRequest);
    return `{ifc_len=${length}${note}, ifc_buf=${list}}`;
  },
};
