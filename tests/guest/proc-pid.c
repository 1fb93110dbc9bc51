// SPDX-License-Identifier: MIT
/*
 * /proc/PID of another process, sleeping in a known call: each file says what is so, to who may know it. And process_vm_readv
 * and writev. As root.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

static char text[65536];
static volatile uint32_t secret[4] = { 0x11111111 };
static pid_t child;

/* A file of the child's folder as a string; -errno, or its length. */
static ssize_t slurp(const char *name)
{
	char path[300];
	ssize_t n, length = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", child, name);
	int fd = open(path, O_RDONLY);
	text[0] = 0;
	if (fd < 0)
		return -errno;
	while ((n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += n;
	text[length] = 0;
	n = n < 0 ? -errno : length;
	close(fd);
	return n;
}

static const char *link_of(const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "/proc/%d/%s", child, name);
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = 0;
	return text;
}

/* The text behind "name:\t" in status. */
static const char *field(const char *name)
{
	const char *at = strstr(text, name);

	return at ? at + strlen(name) + 2 : "";
}

static int pipes[2];

static void *waits(void *unused)
{
	prctl(PR_SET_NAME, "second");
	for (;;)
		pause();
	return unused;
}

static int sleeper(void)
{
	char byte;
	pthread_t thread;

	pthread_create(&thread, NULL, waits, NULL);
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	secret[0] = 0x22222222;
	chdir("/proc");
	dup2(0, 77);
	signal(SIGUSR1, SIG_IGN);
	read(pipes[0], &byte, 1);
	return 0;
}

/* The child reads the pipe: until then its files change. */
static void wait_until_it_sleeps(void)
{
	char want[32];

	snprintf(want, sizeof(want), "%d ", SYS_read);
	do
		sched_yield();
	while (slurp("syscall") < 0 || strncmp(text, want, strlen(want)));
}

static void files(void)
{
	char want[300];

	ok(slurp("comm") == 9 && !strcmp(text, "proc-pid\n"), "comm");
	ok(slurp("cmdline") > 0 && strstr(text, "proc-pid"), "cmdline");
	ok(slurp("environ") > 0 && memmem(text, sizeof(text), "PROC_PID_TEST=yes", 18), "environ: as it was at the beginning");
	ok(slurp("status") > 0 && field("State")[0] == 'S' && atoi(field("PPid")) == getpid() && atoi(field("Threads")) == 2, "status: state, parent, threads");
	ok(strtoull(field("SigIgn"), NULL, 16) & 1 << (SIGUSR1 - 1), "and what it ignores");
	slurp("stat");
	int ppid = 0, group = 0;
	char state = 0;
	sscanf(strrchr(text, ')') ?: "", ") %c %d %d", &state, &ppid, &group);
	ok(state == 'S' && ppid == getpid() && group == getpgrp(), "stat");
	ok(slurp("statm") > 0 && atoi(text) > 10, "statm");
	snprintf(want, sizeof(want), "%d 0x%x 0x", SYS_read, pipes[0]);
	ok(slurp("syscall") > 0 && !strncmp(text, want, strlen(want)), "syscall: number and arguments");
	ok(slurp("wchan") > 0 && strstr(text, "pipe_read"), "wchan: where it sleeps");
	ok(slurp("stack") > 0 && strstr(text, "pipe_read") && strstr(text, "vfs_read"), "stack: how it came there");
	ok(slurp("limits") > 0 && strstr(text, "Max open files"), "limits");
	ok(slurp("io") > 0 && strstr(text, "rchar: "), "io");
	ok(slurp("auxv") > 0 && slurp("auxv") % (2 * sizeof(long)) == 0, "auxv");
	ok(slurp("maps") > 0 && strstr(text, "/proc-pid\n"), "maps");
	ok(!strcmp(link_of("cwd"), "/proc") && !strcmp(link_of("root"), "/"), "cwd, root");
	ok(strstr(link_of("exe"), "/proc-pid"), "exe");
	snprintf(want, sizeof(want), "fd/%d", pipes[0]);
	ok(!strncmp(link_of(want), "pipe:[", 6) && link_of("fd/77")[0], "fd");
	snprintf(want, sizeof(want), "fdinfo/%d", pipes[0]);
	ok(slurp(want) > 0 && strstr(text, "flags:"), "fdinfo");
	ok(!strncmp(link_of("ns/uts"), "uts:[", 5) && !strncmp(link_of("ns/pid"), "pid:[", 5), "ns");
	snprintf(want, sizeof(want), "task/%d/children", child);
	ok(slurp(want) > 0 && atoi(text) > child, "children");
	ok(slurp("cgroup") >= 0 && slurp("oom_score_adj") == 2 && slurp("mountinfo") > 0, "cgroup, oom_score_adj, mountinfo");
}

static void threads(void)
{
	char path[64], want[64];
	struct dirent *entry;
	pid_t second = 0;
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", child);
	DIR *folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.') {
			count++;
			if (atoi(entry->d_name) != child)
				second = atoi(entry->d_name);
		}
	closedir(folder);
	ok(count == 2, "task: both threads");
	/* it has its name before it sleeps */
	snprintf(want, sizeof(want), "task/%d/wchan", second);
	while (slurp(want) <= 0 || !strcmp(text, "0"))
		sched_yield();
	snprintf(want, sizeof(want), "task/%d/comm", second);
	ok(slurp(want) > 0 && !strcmp(text, "second\n"), "a thread's name");
	snprintf(want, sizeof(want), "task/%d/stack", second);
	ok(slurp(want) > 0 && !strstr(text, "pipe_read"), "its stack is another");
	snprintf(want, sizeof(want), "task/%d/syscall", second);
	ok(slurp(want) > 0 && atoi(text) != SYS_read, "its call too");
	snprintf(want, sizeof(want), "task/%d/wchan", second);
	ok(slurp(want) > 0 && strcmp(text, "0"), "and where it sleeps");
}

static void memory(void)
{
	uint32_t value = 0, written = 0x33333333;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", child);
	int fd = open(path, O_RDWR);
	ok(pread(fd, &value, 4, (uintptr_t)secret) == 4 && value == 0x22222222, "mem: read");
	ok(pwrite(fd, &written, 4, (uintptr_t)secret) == 4 && pread(fd, &value, 4, (uintptr_t)secret) == 4 && value == written, "and written");
	ok(pread(fd, &value, 4, (off_t)0xfffff000u) <= 0, "nothing where nothing is");
	close(fd);

	uint32_t one = 0, two[2] = { 0 };
	struct iovec local[] = { { &one, 4 }, { two, 8 } };
	struct iovec remote[] = { { (void *)secret, 8 }, { (void *)&secret[2], 4 } };
	secret[1] = 0;
	ok(process_vm_readv(child, local, 2, remote, 2, 0) == 12 && one == written && !two[0], "process_vm_readv(): pieces of pieces");
	uint32_t words[3] = { 5, 6, 7 };
	struct iovec from = { words, 12 };
	ok(process_vm_writev(child, &from, 1, remote, 2, 0) == 12 && process_vm_readv(child, local, 2, remote, 2, 0) == 12 && one == 5 && two[0] == 6 &&
	   two[1] == 7, "process_vm_writev()");
	struct iovec wild = { (void *)-4096, 4 };
	ok(process_vm_readv(child, local, 1, &wild, 1, 0) == -1 && errno == EFAULT, "EFAULT");
	struct iovec half[] = { { (void *)secret, 4 }, { (void *)-4096, 4 } };
	ok(process_vm_readv(child, &local[1], 1, half, 2, 0) == 4, "as far as it goes");
	ok(process_vm_readv(child, local, 1, remote, 1, 1) == -1 && errno == EINVAL, "no flags");
	ok(process_vm_readv(1 << 22, local, 1, remote, 1, 0) == -1 && errno == ESRCH, "no such process");
}

/* As another user. */
static void strangers(void)
{
	static const char *const open_to_all[] = { "cmdline", "comm", "stat", "statm", "status", "limits", "cgroup", "oom_score_adj" };
	static const char *const closed[] = { "environ", "auxv", "maps", "mem", "io", "syscall", "stack" };
	int status;
	pid_t stranger = fork();

	if (!stranger) {
		uint32_t value;
		struct iovec local = { &value, 4 }, remote = { (void *)secret, 4 };

		if (setgid(1000) || setuid(1000))
			_exit(100);
		for (size_t i = 0; i < sizeof(open_to_all) / sizeof(*open_to_all); i++)
			if (slurp(open_to_all[i]) < 0)
				_exit(1 + i);
		for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++)
			if (slurp(closed[i]) >= 0)
				_exit(20 + i);
		if (slurp("wchan") < 0 || strcmp(text, "0"))
			_exit(30);
		if (link_of("exe")[0] || link_of("cwd")[0] || link_of("ns/uts")[0])
			_exit(31);
		if (process_vm_readv(child, &local, 1, &remote, 1, 0) != -1 || errno != EPERM)
			_exit(32);
		_exit(0);
	}
	waitpid(stranger, &status, 0);
	ok(status == 0, "another user sees some, and nothing that is private");
	if (status)
		printf("# %d\n", WEXITSTATUS(status));
}

int main(void)
{
	int status;

	if (!getenv("PROC_PID_TEST")) {
		setenv("PROC_PID_TEST", "yes", 1);
		execl("/proc/self/exe", "proc-pid", NULL);
	}
	prctl(PR_SET_NAME, "proc-pid");
	pipe(pipes);
	child = fork();
	if (!child)
		_exit(sleeper());
	wait_until_it_sleeps();
	files();
	threads();
	memory();
	strangers();
	kill(child, SIGKILL);
	waitid(P_PID, child, &(siginfo_t) { 0 }, WEXITED | WNOWAIT);
	ok(slurp("status") > 0 && field("State")[0] == 'Z' && slurp("cmdline") == 0 && slurp("maps") <= 0, "a zombie has a state, and no memory");
	waitpid(child, &status, 0);
	ok(slurp("status") == -ENOENT, "then nothing");
	return tap_done();
}
