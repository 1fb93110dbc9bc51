// SPDX-License-Identifier: MIT
/*
 * What kernel/wasmlinux.config promises, looked for from inside: file systems, namespaces, cgroup controllers, devices,
 * sockets and the newer system calls. Prints a line for each that is missing; exit status 0 if none is. Run as root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <netinet/in.h>

static int missing;

static void check(const char *what, int ok)
{
	if (ok)
		return;
	printf("missing: %s (%s)\n", what, strerror(errno));
	missing++;
}

/* A file's first bytes as a string. */
static const char *contents(const char *path)
{
	static char text[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = 0;
	close(fd);
	return text;
}

static int has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += n)
		if ((at == text || strchr(" \t\n", at[-1])) && (!at[n] || strchr(" \t\n", at[n])))
			return 1;
	return 0;
}

static void file_systems(void)
{
	static const char *const names[] = {
		"proc", "sysfs", "tmpfs", "devtmpfs", "devpts", "mqueue", "cgroup2", "configfs", "autofs", "fuse", "overlay",
		"ext2", "ext4", "squashfs", "erofs", "vfat", "iso9660", "binfmt_misc",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		check(names[i], has_word(contents("/proc/filesystems"), names[i]));
	mkdir("/tmp/t", 0700);
	check("tmpfs with a size", !mount("t", "/tmp/t", "tmpfs", 0, "size=1m"));
	check("no space left in it", open("/tmp/t/f", O_CREAT | O_RDWR, 0600) >= 0 && truncate("/tmp/t/f", 2 << 20) == 0);
	umount("/tmp/t");
}

static void namespaces(void)
{
	static const struct { const char *name; int flag; } all[] = {
		{ "user namespaces", CLONE_NEWUSER }, { "mount namespaces", CLONE_NEWNS }, { "uts namespaces", CLONE_NEWUTS },
		{ "ipc namespaces", CLONE_NEWIPC }, { "net namespaces", CLONE_NEWNET }, { "pid namespaces", CLONE_NEWPID },
		{ "cgroup namespaces", CLONE_NEWCGROUP },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		check(all[i].name, !unshare(all[i].flag));
}

static void cgroups(void)
{
	static const char *const names[] = { "cpu", "io", "memory", "pids" };

	mkdir("/tmp/cg", 0700);
	check("mounting cgroup2", !mount("cg", "/tmp/cg", "cgroup2", 0, NULL));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		check(names[i], has_word(contents("/tmp/cg/cgroup.controllers"), names[i]));
	umount("/tmp/cg");
}

static void devices(void)
{
	struct ifreq tun = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	check("/dev/fuse", (fd = open("/dev/fuse", O_RDWR)) >= 0);
	close(fd);
	check("/dev/loop-control", (fd = open("/dev/loop-control", O_RDWR)) >= 0);
	close(fd);
	check("/dev/net/tun", (fd = open("/dev/net/tun", O_RDWR)) >= 0 && !ioctl(fd, TUNSETIFF, &tun));
	close(fd);
	check("pseudo-terminals", (fd = posix_openpt(O_RDWR)) >= 0 && !grantpt(fd) && !unlockpt(fd));
	close(fd);
	check("/proc/config.gz", !memcmp(contents("/proc/config.gz"), "\x1f\x8b", 2));
	check("SysRq", access("/proc/sysrq-trigger", W_OK) == 0);
}

/* Asks nf_tables for its generation number. */
static int nf_tables_answers(void)
{
	struct { struct nlmsghdr header; struct nfgenmsg message; } request = {
		.header = { sizeof(request), NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, NLM_F_REQUEST, 1, 0 },
	};
	struct nlmsghdr answer[64];
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	int ok = fd >= 0 && send(fd, &request, sizeof(request), 0) == sizeof(request) &&
		 recv(fd, answer, sizeof(answer), 0) > 0 && answer->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN);

	close(fd);
	return ok;
}

static void sockets(void)
{
	int fd;

	check("unix sockets", (fd = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0);
	close(fd);
	check("IPv4", (fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	check("transparent proxying", !setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &(int){ 1 }, sizeof(int)));
	close(fd);
	check("IPv6", (fd = socket(AF_INET6, SOCK_DGRAM, 0)) >= 0);
	close(fd);
	check("packet sockets", (fd = socket(AF_PACKET, SOCK_RAW, 0)) >= 0);
	close(fd);
	check("nf_tables", nf_tables_answers());
}

static void calls(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	sigset_t none;
	timer_t timer;
	struct utsname name;

	sigemptyset(&none);
	check("epoll", epoll_create1(0) >= 0);
	check("eventfd", eventfd(0, 0) >= 0);
	check("signalfd", signalfd(-1, &none, 0) >= 0);
	check("timerfd", timerfd_create(CLOCK_MONOTONIC, 0) >= 0);
	check("inotify", inotify_init1(0) >= 0);
	check("fanotify", fanotify_init(FAN_CLASS_NOTIF, O_RDONLY) >= 0);
	check("memfd", memfd_create("m", 0) >= 0);
	check("pidfd", syscall(SYS_pidfd_open, getpid(), 0) >= 0);
	check("POSIX timers", !timer_create(CLOCK_REALTIME, NULL, &timer));
	check("POSIX queues", mq_open("/q", O_CREAT | O_RDWR, 0600, &attributes) >= 0);
	check("SysV semaphores", semget(IPC_PRIVATE, 1, 0600) >= 0);
	check("SysV queues", msgget(IPC_PRIVATE, 0600) >= 0);
	check("SysV shared memory", shmget(IPC_PRIVATE, 4096, 0600) >= 0);
	check("keys", syscall(SYS_keyctl, 0, -3, 1) >= 0);
	check("kcmp", syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0) == 0);
	check("membarrier", syscall(SYS_membarrier, 0, 0, 0) >= 0);
	check("uname", !uname(&name) && !strcmp(name.machine, "wasm32") && strstr(name.version, "#1 "));
}

int main(void)
{
	file_systems();
	cgroups();
	devices();
	sockets();
	calls();
	namespaces();
	return missing != 0;
}
