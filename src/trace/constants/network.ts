// SPDX-License-Identifier: MIT
/** Constants of sockets. Values are Linux's (asm-generic); a test compares them with the headers. */
import { enumeration, flags } from '../text.ts';

export const families = enumeration('sys/socket.h', 'AF_', {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_AX25: 3,
  AF_IPX: 4,
  AF_APPLETALK: 5,
  AF_INET6: 10,
  AF_KEY: 15,
  AF_NETLINK: 16,
  AF_PACKET: 17,
  AF_RDS: 21,
  AF_PPPOX: 24,
  AF_CAN: 29,
  AF_TIPC: 30,
  AF_BLUETOOTH: 31,
  AF_ALG: 38,
  AF_VSOCK: 40,
  AF_KCM: 41,
  AF_XDP: 44,
});

export const socketTypes = enumeration('sys/socket.h', 'SOCK_', {
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_RDM: 4,
  SOCK_SEQPACKET: 5,
  SOCK_DCCP: 6,
  SOCK_PACKET: 10,
});

export const socketFlags = flags('sys/socket.h', 'SOCK_', { SOCK_CLOEXEC: 0o2000000, SOCK_NONBLOCK: 0o4000 });

export const inetProtocols = enumeration('netinet/in.h', 'IPPROTO_', {
  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_IGMP: 2,
  IPPROTO_IPIP: 4,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  IPPROTO_IPV6: 41,
  IPPROTO_GRE: 47,
  IPPROTO_ICMPV6: 58,
  IPPROTO_SCTP: 132,
  IPPROTO_UDPLITE: 136,
  IPPROTO_RAW: 255,
  IPPROTO_MPTCP: 262,
});

export const netlinkProtocols = enumeration('linux/netlink.h', 'NETLINK_', {
  NETLINK_ROUTE: 0,
  NETLINK_USERSOCK: 2,
  NETLINK_FIREWALL: 3,
  NETLINK_SOCK_DIAG: 4,
  NETLINK_NFLOG: 5,
  NETLINK_XFRM: 6,
  NETLINK_AUDIT: 9,
  NETLINK_CONNECTOR: 11,
  NETLINK_NETFILTER: 12,
  NETLINK_KOBJECT_UEVENT: 15,
  NETLINK_GENERIC: 16,
  NETLINK_CRYPTO: 21,
});

export const messageFlags = flags('sys/socket.h', 'MSG_', {
  MSG_OOB: 1,
  MSG_PEEK: 2,
  MSG_DONTROUTE: 4,
  MSG_CTRUNC: 8,
  MSG_PROXY: 0x10,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_WAITALL: 0x100,
  MSG_FIN: 0x200,
  MSG_SYN: 0x400,
  MSG_CONFIRM: 0x800,
  MSG_RST: 0x1000,
  MSG_ERRQUEUE: 0x2000,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_WAITFORONE: 0x10000,
  MSG_ZEROCOPY: 0x4000000,
  MSG_FASTOPEN: 0x20000000,
  MSG_CMSG_CLOEXEC: 0x40000000,
});

/** What a control message of level SOL_SOCKET has. */
export const controlTypes = enumeration('sys/socket.h', 'SCM_', {
  SCM_RIGHTS: 1,
  SCM_CREDENTIALS: 2,
  SCM_TIMESTAMP: 63,
  SCM_TIMESTAMPNS: 64,
  SCM_TIMESTAMPING: 65,
});

export const etherTypes = enumeration('linux/if_ether.h', 'ETH_P_', {
  ETH_P_802_3: 1,
  ETH_P_ALL: 3,
  ETH_P_802_2: 4,
  ETH_P_LOOP: 0x60,
  ETH_P_IP: 0x800,
  ETH_P_ARP: 0x806,
  ETH_P_RARP: 0x8035,
  ETH_P_8021Q: 0x8100,
  ETH_P_IPV6: 0x86dd,
  ETH_P_PAE: 0x888e,
});

/** The kind of an interface's hardware address. */
export const hardwareTypes = enumeration('net/if_arp.h', 'ARPHRD_', {
  ARPHRD_ETHER: 1,
  ARPHRD_PPP: 512,
  ARPHRD_TUNNEL: 768,
  ARPHRD_TUNNEL6: 769,
  ARPHRD_LOOPBACK: 772,
  ARPHRD_SIT: 776,
  ARPHRD_NONE: 0xfffe,
});

export const interfaceFlags = flags('net/if.h', 'IFF_', {
  IFF_UP: 1,
  IFF_BROADCAST: 2,
  IFF_DEBUG: 4,
  IFF_LOOPBACK: 8,
  IFF_POINTOPOINT: 0x10,
  IFF_NOTRAILERS: 0x20,
  IFF_RUNNING: 0x40,
  IFF_NOARP: 0x80,
  IFF_PROMISC: 0x100,
  IFF_ALLMULTI: 0x200,
  IFF_MASTER: 0x400,
  IFF_SLAVE: 0x800,
  IFF_MULTICAST: 0x1000,
  IFF_PORTSEL: 0x2000,
  IFF_AUTOMEDIA: 0x4000,
  IFF_DYNAMIC: 0x8000,
});

export const shutdownHow = enumeration('sys/socket.h', 'SHUT_', { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 });

export const socketLevels = enumeration('', 'SOL_', {
  SOL_IP: 0,
  SOL_SOCKET: 1,
  SOL_TCP: 6,
  SOL_UDP: 17,
  SOL_IPV6: 41,
  SOL_ICMPV6: 58,
  SOL_RAW: 255,
  SOL_PACKET: 263,
  SOL_NETLINK: 270,
});

export const socketOptions = enumeration('sys/socket.h', 'SO_', {
  SO_DEBUG: 1,
  SO_REUSEADDR: 2,
  SO_TYPE: 3,
  SO_ERROR: 4,
  SO_DONTROUTE: 5,
  SO_BROADCAST: 6,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_KEEPALIVE: 9,
  SO_OOBINLINE: 10,
  SO_NO_CHECK: 11,
  SO_PRIORITY: 12,
  SO_LINGER: 13,
  SO_BSDCOMPAT: 14,
  SO_REUSEPORT: 15,
  SO_PASSCRED: 16,
  SO_PEERCRED: 17,
  SO_RCVLOWAT: 18,
  SO_SNDLOWAT: 19,
  SO_BINDTODEVICE: 25,
  SO_ATTACH_FILTER: 26,
  SO_DETACH_FILTER: 27,
  SO_PEERNAME: 28,
  SO_ACCEPTCONN: 30,
  SO_PEERSEC: 31,
  SO_SNDBUFFORCE: 32,
  SO_RCVBUFFORCE: 33,
  SO_MARK: 36,
  SO_PROTOCOL: 38,
  SO_DOMAIN: 39,
  SO_PEEK_OFF: 42,
  SO_INCOMING_CPU: 49,
  SO_ATTACH_BPF: 50,
  SO_COOKIE: 57,
  SO_PEERGROUPS: 59,
  SO_TIMESTAMP: 63,
  SO_TIMESTAMPNS: 64,
  SO_TIMESTAMPING: 65,
  SO_RCVTIMEO: 66,
  SO_SNDTIMEO: 67,
});

export const tcpOptions = enumeration('linux/tcp.h', 'TCP_', {
  TCP_NODELAY: 1,
  TCP_MAXSEG: 2,
  TCP_CORK: 3,
  TCP_KEEPIDLE: 4,
  TCP_KEEPINTVL: 5,
  TCP_KEEPCNT: 6,
  TCP_SYNCNT: 7,
  TCP_LINGER2: 8,
  TCP_DEFER_ACCEPT: 9,
  TCP_WINDOW_CLAMP: 10,
  TCP_INFO: 11,
  TCP_QUICKACK: 12,
  TCP_CONGESTION: 13,
  TCP_MD5SIG: 14,
  TCP_USER_TIMEOUT: 18,
  TCP_FASTOPEN: 23,
  TCP_NOTSENT_LOWAT: 25,
  TCP_ULP: 31,
});

export const ipOptions = enumeration('linux/in.h', 'IP_', {
  IP_TOS: 1,
  IP_TTL: 2,
  IP_HDRINCL: 3,
  IP_OPTIONS: 4,
  IP_RECVOPTS: 6,
  IP_RETOPTS: 7,
  IP_PKTINFO: 8,
  IP_MTU_DISCOVER: 10,
  IP_RECVERR: 11,
  IP_RECVTTL: 12,
  IP_RECVTOS: 13,
  IP_MTU: 14,
  IP_FREEBIND: 15,
  IP_TRANSPARENT: 19,
  IP_MULTICAST_IF: 32,
  IP_MULTICAST_TTL: 33,
  IP_MULTICAST_LOOP: 34,
  IP_ADD_MEMBERSHIP: 35,
  IP_DROP_MEMBERSHIP: 36,
});

export const ipv6Options = enumeration('netinet/in.h', 'IPV6_', {
  IPV6_ADDRFORM: 1,
  IPV6_CHECKSUM: 7,
  IPV6_UNICAST_HOPS: 16,
  IPV6_MULTICAST_IF: 17,
  IPV6_MULTICAST_HOPS: 18,
  IPV6_MULTICAST_LOOP: 19,
  IPV6_MTU_DISCOVER: 23,
  IPV6_MTU: 24,
  IPV6_RECVERR: 25,
  IPV6_V6ONLY: 26,
  IPV6_RECVPKTINFO: 49,
  IPV6_PKTINFO: 50,
  IPV6_RECVHOPLIMIT: 51,
  IPV6_RECVTCLASS: 66,
  IPV6_TCLASS: 67,
});

export const netlinkOptions = enumeration('linux/netlink.h', 'NETLINK_', {
  NETLINK_ADD_MEMBERSHIP: 1,
  NETLINK_DROP_MEMBERSHIP: 2,
  NETLINK_PKTINFO: 3,
  NETLINK_BROADCAST_ERROR: 4,
  NETLINK_NO_ENOBUFS: 5,
  NETLINK_LISTEN_ALL_NSID: 8,
  NETLINK_LIST_MEMBERSHIPS: 9,
  NETLINK_CAP_ACK: 10,
  NETLINK_EXT_ACK: 11,
  NETLINK_GET_STRICT_CHK: 12,
});
