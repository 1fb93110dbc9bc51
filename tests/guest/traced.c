// SPDX-License-Identifier: MIT
/*
 * Makes system calls whose trace is known: tests/trace.test.ts runs it with --trace and compares. The argument names what to do;
 * without one it does all of that which ends, and so the test of all guest programs runs it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include "expect.h"

extern char **environ;
static const char *self;

static void files(void)
{
	char buffer[100];
	struct stat st;
	struct iovec parts[2] = { { "one ", 4 }, { "two\n", 4 } };
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 5000000000, .l_len = 10 };
	int ends[2];

	umask(022);
	int fd = open("/tmp/traced", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	write(fd, "tab\t quote\" nul\0", 16);
	write(fd, "\1" "7 \0339\377", 6);
	write(fd, "a text that is longer than what a trace shows of it", 51);
	pwrite(fd, "x", 1, 5000000000);
	lseek(fd, -1, SEEK_END);
	read(fd, buffer, sizeof(buffer));
	pread(fd, buffer, 5, 0);
	writev(fd, parts, 2);
	lseek(fd, 0, SEEK_SET);
	readv(fd, (struct iovec[2]){ { buffer, 3 }, { buffer + 50, 4 } }, 2);
	fstat(fd, &st);
	stat("/dev/null", &st);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
	fcntl(fd, F_SETLK, &lock);
	fcntl(fd, F_GETLK, &lock);
	fcntl(fd, F_DUPFD, 10);
	ftruncate(fd, 10);
	fchmod(fd, 0600);
	ioctl(fd, TCGETS, buffer);
	close(fd);
	close(fd);
	open("/tmp/absent", O_RDONLY);
	open((const char *)0xfffff000, O_WRONLY | O_DIRECTORY);
	mkdir("/tmp/folder", 0755);
	symlink("target", "/tmp/folder/link");
	readlink("/tmp/folder/link", buffer, sizeof(buffer));
	rename("/tmp/folder/link", "/tmp/folder/other");
	access("/tmp/folder", R_OK | X_OK);
	int folder = open("/tmp/folder", O_RDONLY | O_DIRECTORY);
	syscall(SYS_getdents64, folder, buffer, sizeof(buffer));
	close(folder);
	unlink("/tmp/folder/other");
	rmdir("/tmp/folder");
	pipe2(ends, O_CLOEXEC);
	struct pollfd polled[2] = { { ends[0], POLLIN, 0 }, { ends[1], POLLOUT, 0 } };
	poll(polled, 2, 0);
	fd_set readable;
	FD_ZERO(&readable);
	FD_SET(ends[0], &readable);
	select(ends[0] + 1, &readable, NULL, NULL, &(struct timeval){ 0, 0 });
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET, .data.u32 = 7 };
	epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event);
	epoll_wait(epoll, &event, 1, -1);
	eventfd(3, EFD_NONBLOCK);
	dup3(ends[0], 20, O_CLOEXEC);
	syscall(500, 1, 2, 3);
	struct statx attributes;
	struct statfs mounted;
	statx(AT_FDCWD, "/proc", 0, STATX_ALL, &attributes);
	statfs("/proc", &mounted);
	struct f_owner_ex owner = { F_OWNER_PID, getpid() };
	fcntl(ends[0], F_SETOWN_EX, &owner);
	fcntl(ends[0], F_GETOWN_EX, &owner);
	int leased = open("/tmp/leased", O_RDONLY | O_CREAT, 0600);
	fcntl(leased, F_SETLEASE, F_RDLCK);
	fcntl(leased, F_GETLEASE);
	fcntl(leased, F_NOTIFY, DN_CREATE | DN_MULTISHOT);
}

static void memory(void)
{
	void *block = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(block, 4096, PROT_NONE);
	madvise(block, 4096, MADV_DONTNEED);
	munmap(block, 65536);
	mmap(NULL, 0, PROT_READ, MAP_SHARED, 3, 8192);
}

static void handle(int signal)
{
}

static void handle_info(int signal, siginfo_t *info, void *context)
{
}

/* The state in the list of processes: a letter behind the name. */
static void wait_until_asleep(pid_t pid)
{
	char path[30], text[100] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		int fd = open(path, O_RDONLY);
		read(fd, text, sizeof(text) - 1);
		close(fd);
		sched_yield();
	} while (!strstr(text, ") S"));
}

static void interrupt(pid_t pid, int signal)
{
	wait_until_asleep(pid);
	kill(pid, signal);
}

static void signals(void)
{
	struct sigaction action = { .sa_sigaction = handle_info, .sa_flags = SA_SIGINFO | SA_RESTART };
	sigset_t set, all;
	siginfo_t info;
	int ends[2];

	sigaddset(&action.sa_mask, SIGTERM);
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGUSR2, handle);
	kill(getpid(), SIGUSR1);
	sigqueue(getpid(), SIGUSR2, (union sigval){ .sival_int = 42 });
	signal(SIGHUP, SIG_IGN);
	kill(getpid(), SIGHUP);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	sigpending(&all);
	sigtimedwait(&set, &info, &(struct timespec){ 5, 0 });
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &set);
	sigprocmask(SIG_SETMASK, &set, NULL);

	/* A child interrupts a read, with and without SA_RESTART. */
	pipe(ends);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		interrupt(parent, SIGUSR1);
		interrupt(parent, SIGUSR2);
		wait_until_asleep(parent);
		_exit(0);
	}
	close(ends[1]);
	action.sa_flags = 0;
	action.sa_handler = handle;
	sigaction(SIGUSR2, &action, NULL);
	EXPECT(read(ends[0], &info, 1) < 0 && errno == EINTR);
	waitpid(child, NULL, 0);
}

static void *thread(void *argument)
{
	return argument;
}

static void rights(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[2] = { { 1 << CAP_CHOWN, 1 << CAP_CHOWN, 0 }, { 1 << (CAP_BPF - 32), 0, 0 } };
	struct {
		unsigned int words[14];
	} scheduling = { { 0 } };

	prctl(PR_GET_DUMPABLE);
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP);
	prctl(PR_GET_SECUREBITS);
	prctl(PR_SET_SECUREBITS, 0);
	prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0);
	syscall(SYS_capset, &header, sets);
	syscall(SYS_sched_getattr, 0, &scheduling, 56, 0);
	syscall(SYS_membarrier, 0, 0, 0);
	syscall(SYS_membarrier, 1 << 3, 0, 0);
	ptrace(PTRACE_SETOPTIONS, 1 << 20, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
	syscall(SYS_landlock_create_ruleset, 0, 0, 1);
}

static void processes(void)
{
	char *const arguments[] = { "traced", "nothing", "with \"quotes\"", NULL };
	char *const variables[] = { "A=1", "B=2", NULL };
	struct rlimit limit = { 1024, 4096 };
	pthread_t made;
	pid_t child;

	setrlimit(RLIMIT_NOFILE, &limit);
	prctl(PR_SET_NAME, "renamed");
	rights();
	sched_yield();
	execve("/absent", arguments, variables);
	if (fork() == 0)
		_exit(7);
	wait(NULL);
	if (vfork() == 0) {
		execve(self, arguments, variables);
		_exit(1);
	}
	wait(NULL);
	if (vfork() == 0)
		_exit(3);
	wait(NULL);
	posix_spawn(&child, self, NULL, NULL, arguments, variables);
	wait(NULL);
	if (fork() == 0)
		kill(getpid(), SIGKILL);
	wait(NULL);
	if (fork() == 0)
		__builtin_trap();
	wait(NULL);
	if (fork() == 0)
		abort();
	wait(NULL);
	pthread_create(&made, NULL, thread, NULL);
	pthread_join(made, NULL);
}

static void control_messages(void)
{
	struct ucred user = { getpid(), 0, 0 };
	_Alignas(struct cmsghdr) char control[100] = { 0 };
	struct iovec part = { "x", 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control };
	int pair[2], on = 1, sent[2] = { 0, 1 };

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	message.msg_controllen = CMSG_SPACE(sizeof(sent)) + CMSG_SPACE(sizeof(user));
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){ CMSG_LEN(sizeof(sent)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(header), sent, sizeof(sent));
	header = CMSG_NXTHDR(&message, header);
	*header = (struct cmsghdr){ CMSG_LEN(sizeof(user)), SOL_SOCKET, SCM_CREDENTIALS };
	memcpy(CMSG_DATA(header), &user, sizeof(user));
	sendmsg(pair[0], &message, 0);
	char got;
	part.iov_base = &got;
	message.msg_controllen = sizeof(control);
	recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC);
	header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){ 5, 77, 1 };
	sendmsg(pair[0], &message, 0);
}

static void interfaces(int socket)
{
	struct ifreq request = { .ifr_name = "lo" }, all[4];
	struct ifconf list = { .ifc_len = sizeof(all), .ifc_req = all };

	ioctl(socket, SIOCGIFFLAGS, &request);
	ioctl(socket, SIOCGIFADDR, &request);
	ioctl(socket, SIOCGIFHWADDR, &request);
	ioctl(socket, SIOCGIFINDEX, &request);
	ioctl(socket, SIOCGIFNAME, &request);
	ioctl(socket, SIOCGIFCONF, &list);
	strcpy(request.ifr_name, "absent");
	ioctl(socket, SIOCGIFFLAGS, &request);
}

static void network(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(7000) };
	struct sockaddr_in6 address6 = { .sin6_family = AF_INET6, .sin6_port = htons(7001), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un path = { .sun_family = AF_UNIX, .sun_path = "/tmp/socket" };
	struct sockaddr_nl netlink = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct sockaddr_storage got;
	socklen_t size = sizeof(got);
	struct iovec part = { "message", 7 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	char buffer[20];
	int pair[2], on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	bind(server, (struct sockaddr *)&address, sizeof(address));
	listen(server, 5);
	int client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connect(client, (struct sockaddr *)&address, sizeof(address));
	getpeername(client, (struct sockaddr *)&got, &size);
	size = sizeof(on);
	getsockopt(client, SOL_SOCKET, SO_ERROR, &on, &size);
	int udp = socket(AF_INET6, SOCK_DGRAM, 0);
	sendto(udp, "datagram", 8, MSG_DONTWAIT, (struct sockaddr *)&address6, sizeof(address6));
	int local = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(local, (struct sockaddr *)&path, sizeof(path));
	int route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	bind(route, (struct sockaddr *)&netlink, sizeof(netlink));
	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
	sendmsg(pair[0], &message, MSG_NOSIGNAL);
	part.iov_base = buffer;
	part.iov_len = sizeof(buffer);
	recvmsg(pair[1], &message, 0);
	recv(pair[1], buffer, sizeof(buffer), MSG_DONTWAIT);
	shutdown(client, SHUT_WR);
	control_messages();
	interfaces(client);
	socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
}

static void times(void)
{
	timer_t timer;
	struct itimerspec value = { .it_value = { 100, 500 } };
	int word = 1;

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){ 0, 1 }, NULL);
	nanosleep(&(struct timespec){ 0, 1000 }, NULL);
	timer_create(CLOCK_REALTIME, NULL, &timer);
	timer_settime(timer, 0, &value, NULL);
	timer_delete(timer);
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &value, NULL);
	syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */ | 128, 2, NULL);
	syscall(SYS_futex, &word, 9 /* FUTEX_WAIT_BITSET */, 1, &(struct timespec){ 0, 1 }, NULL, -1);
	syscall(SYS_futex, &word, 1 /* FUTEX_WAKE */, 1);
}

/* Until the machine is ended. */
static void spin(void)
{
	for (int i = 0; i < 50; i++)
		getppid();
	for (volatile int i = 0;;)
		i++;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } scenes[] = {
		{ "files", files }, { "memory", memory }, { "signals", signals },
		{ "processes", processes }, { "network", network }, { "times", times },
	};

	self = argv[0];
	if (argc > 1 && !strcmp(argv[1], "spin"))
		spin();
	for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++)
		if (argc < 2 || !strcmp(argv[1], scenes[i].name))
			scenes[i].run();
	return 0;
}
