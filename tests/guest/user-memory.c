// SPDX-License-Identifier: MIT
/*
 * What processes have is charged to the machine: free memory, /proc, memory.max and the OOM killer see it, and exit gives it
 * back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "children.h"
#include "kernel-files.h"
#include "tap.h"

#define SELF "/proc/self/exe"
#define GROUP "/sys/fs/cgroup/user-memory"
#define MIB (1 << 10)	/* in KiB, as the kernel shows memory */
/* What else the kernel may have taken or given back meanwhile. */
#define NOISE (2 * MIB)

static long meminfo(const char *name)
{
	return field("/proc/meminfo", name);
}

static long status_field(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return field(path, name);
}

static void *take(long kib)
{
	return mmap(NULL, kib * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int near(long value, long wanted)
{
	return labs(value - wanted) <= NOISE;
}

/* A child with so much memory, that has it when this returns, and ends when *end is closed. */
static pid_t holder(long kib, int *end)
{
	int ready[2], finish[2];
	char c;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) || pipe2(finish, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0) {
		close(finish[1]);
		if (kib && take(kib) == MAP_FAILED)
			_exit(1);
		write(ready[1], "", 1);
		read(finish[0], &c, 1);
		_exit(0);
	}
	close(ready[1]);
	close(finish[0]);
	if (read(ready[0], &c, 1) != 1)
		pid = -1;
	close(ready[0]);
	*end = finish[1];
	return pid;
}

/* Takes memory in small pieces until that fails. */
static void hog(void)
{
	while (take(64) != MAP_FAILED)
		;
	_exit(0);
}

static void shown(void)
{
	long before = meminfo("MemFree:"), anon = meminfo("AnonPages:"), committed = meminfo("Committed_AS:");
	char path[64], text[128] = "";
	long own, size, resident;
	int end, fd;
	pid_t pid = holder(20 * MIB, &end);

	/* The first fork has mapped a buffer. */
	own = status_field(getpid(), "VmRSS:");
	ok(pid > 0, "a child takes 20 MiB");
	ok(near(before - meminfo("MemFree:"), own + 20 * MIB), "free memory is less by what the child has");
	ok(near(meminfo("AnonPages:") - anon, own + 20 * MIB), "AnonPages is more by it");
	ok(near(meminfo("Committed_AS:") - committed, own + 20 * MIB), "Committed_AS is more by it");
	ok(status_field(pid, "VmRSS:") == own + 20 * MIB, "VmRSS of the child is its parent's and 20 MiB");
	ok(near(status_field(pid, "VmSize:"), status_field(getpid(), "VmSize:") + 20 * MIB), "so is VmSize");
	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	fd = open(path, O_RDONLY);
	read(fd, text, sizeof(text) - 1);
	close(fd);
	ok(sscanf(text, "%ld %ld", &size, &resident) == 2 && resident * 4 == own + 20 * MIB, "statm says the same");
	close(end);
	ok(ended(pid) == 0, "the child ends");
	ok(near(meminfo("MemFree:"), before), "its memory is free again");
	ok(near(meminfo("AnonPages:"), anon) && near(meminfo("Committed_AS:"), committed), "in all counts");
}

static int is_zero(const char *p, long kib)
{
	for (long i = 0; i < kib * 1024; i++)
		if (p[i])
			return 0;
	return 1;
}

/* What is unmapped at the end is free again; in the middle it is for the next mapping. */
static void unmapped(void)
{
	long before = meminfo("MemFree:"), own = status_field(getpid(), "VmRSS:");
	char *p = take(10 * MIB), *last;
	int end;
	pid_t pid;

	memset(p, 'x', 10 << 20);
	ok(near(before - meminfo("MemFree:"), 10 * MIB), "10 MiB are taken");
	munmap(p, 10 << 20);
	ok(near(meminfo("MemFree:"), before) && near(status_field(getpid(), "VmRSS:"), own), "and given back by munmap");
	ok(near(status_field(getpid(), "VmHWM:"), own + 10 * MIB), "VmHWM remembers them");
	pid = holder(0, &end);
	ok(near(status_field(pid, "VmRSS:"), own), "a child does not have them");
	close(end);
	ended(pid);
	p = take(8 * MIB);
	ok(is_zero(p, 8 * MIB) && near(before - meminfo("MemFree:"), 8 * MIB), "they are taken again, and zero");
	last = take(64);
	munmap(p, 8 << 20);
	p = take(8 * MIB);
	ok(is_zero(p, 8 * MIB) && near(before - meminfo("MemFree:"), 8 * MIB), "a hole is used again");
	munmap(p, 8 << 20);
	munmap(last, 64 << 10);
	ok(near(meminfo("MemFree:"), before), "in the end all are free");
}

static void returned(void)
{
	long before, after;
	char *argv[] = { "user-memory", "exit", NULL };

	/* The first ones fill caches. */
	for (int i = 0; i < 1020; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			execv(SELF, argv);
			_exit(1);
		}
		if (pid < 0 || ended(pid) != 0)
			break;
		if (i == 19)
			before = meminfo("MemFree:");
	}
	after = meminfo("MemFree:");
	ok(near(before, after), "1000 fork and exec leave nothing behind");
}

static void refused(void)
{
	long total = meminfo("MemTotal:"), available = meminfo("MemAvailable:");

	errno = 0;
	ok(take(total + MIB) == MAP_FAILED && errno == ENOMEM, "more than the machine has: ENOMEM");
	errno = 0;
	ok(take(available + NOISE) == MAP_FAILED && errno == ENOMEM, "more than is left: ENOMEM");
	void *most = take(available / 8 * 5);

	ok(most != MAP_FAILED, "most of what is left can be had");
	errno = 0;
	ok(fork() == -1 && errno == ENOMEM, "fork then finds too little: ENOMEM");
}

static int log_has(const char *text)
{
	static char log[1 << 16];
	int n = klogctl(3, log, sizeof(log) - 1);

	return n > 0 && strstr(log, text) != NULL;
}

static void everybody(void)
{
	long before = meminfo("MemFree:");
	pid_t first, second;
	siginfo_t info;

	first = fork();
	if (first == 0)
		hog();
	/* It stays a zombie: the OOM killer must not wait for it. */
	ok(!waitid(P_PID, first, &info, WEXITED | WNOWAIT) && info.si_status == SIGKILL, "who takes all memory is killed");
	ok(log_has("Out of memory: Killed process"), "the kernel says so");
	second = fork();
	if (second == 0)
		hog();
	ok(WTERMSIG(ended(second)) == SIGKILL, "so is the next");
	ended(first);
	/* Reclaim has emptied caches meanwhile: there may be more. */
	ok(meminfo("MemFree:") > before - NOISE, "their memory is free again");
}

/* Two of a group, or of all: the larger one sleeps, so the other must wait until it is gone. */
static void sleeper(long kib, const char *group)
{
	char pid_text[16];
	int end, go[2];
	pid_t pid, larger;
	char c;

	pipe(go);
	pid = fork();
	if (pid == 0) {
		siginfo_t info;

		read(go[0], &c, 1);
		larger = holder(kib, &end);
		pid = fork();
		if (pid == 0)
			hog();
		if (waitid(P_PID, larger, &info, WEXITED) || info.si_status != SIGKILL)
			_exit(1);
		_exit(WTERMSIG(ended(pid)) == SIGKILL ? 0 : 1);
	}
	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	if (group)
		put(group, pid_text);
	write(go[1], "", 1);
	close(go[0]);
	close(go[1]);
	ok(ended(pid) == 0, group ? "in a group a larger sleeper is killed first" : "a larger sleeper is killed first");
}

/* All processes of a group fork for ever: victims must get their turn among so many, else nobody has. */
static void bomb(void)
{
	long before = meminfo("MemFree:"), kills = field("/proc/vmstat", "oom_kill ");
	pid_t pid;

	put("/proc/self/oom_score_adj", "-1000");
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		put("/proc/self/oom_score_adj", "0");
		for (;;)
			fork();
	}
	while (field("/proc/vmstat", "oom_kill ") < kills + 20)
		usleep(1000);
	ok(1, "a fork bomb has its processes killed");
	/* Until there are no more of them, whoever reaps them. */
	while (!kill(-pid, SIGKILL))
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	put("/proc/self/oom_score_adj", "0");
	ok(meminfo("MemFree:") > before - NOISE, "their memory is free again");
}

static void group(void)
{
	char pid_text[16], c;
	int outside_end, go[2], taken[2];
	pid_t outside, pid;
	long current;

	ok(!put(GROUP "/memory.max", "16M"), "a group with memory.max");
	outside = holder(30 * MIB, &outside_end);
	pipe(go);
	pipe(taken);
	pid = fork();
	if (pid == 0) {
		read(go[0], &c, 1);
		take(4 * MIB);
		write(taken[1], "", 1);
		read(go[0], &c, 1);
		hog();
	}
	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	ok(!put(GROUP "/cgroup.procs", pid_text), "a process in it");
	write(go[1], "", 1);
	read(taken[0], &c, 1);
	current = field(GROUP "/memory.current", "");
	ok(current >= 4 << 20 && current < 5 << 20, "memory.current is what it has taken there");
	ok(field(GROUP "/memory.stat", "anon ") == 4 << 20, "memory.stat calls it anonymous");
	ok(field(GROUP "/memory.stat", "kernel ") < 1 << 20, "and not the kernel's");
	write(go[1], "", 1);
	ok(WTERMSIG(ended(pid)) == SIGKILL, "is killed when it takes more");
	ok(field(GROUP "/memory.events", "oom_kill ") == 1, "memory.events says so");
	ok(kill(outside, 0) == 0 && waitpid(outside, NULL, WNOHANG) == 0, "a larger one outside lives");
	current = field(GROUP "/memory.current", "");
	ok(current >= 0 && current < 1 << 20, "memory.current is small again");
	close(outside_end);
	ended(outside);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	put("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	mkdir(GROUP, 0755);
	shown();
	unmapped();
	returned();
	group();
	everybody();
	sleeper(meminfo("MemAvailable:") / 8 * 5, NULL);
	bomb();
	sleeper(10 * MIB, GROUP "/cgroup.procs");
	refused();
	return tap_done();
}
