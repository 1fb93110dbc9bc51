// SPDX-License-Identifier: MIT
/*
 * Who gets how much memory: overcommit policies, RLIMIT_AS of an exec, control groups (current, peak, high, max, stat, events,
 * oom.group), whom the OOM killer picks and what it reports.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "children.h"
#include "kernel-files.h"
#include "tap.h"

#define GROUP "/sys/fs/cgroup/memory-limits"
#define MIB (1 << 10)	/* in KiB, as the kernel shows memory */
#define VM "/proc/sys/vm/"

static char *take(long kib)
{
	return mmap(NULL, kib * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int number(const char *path, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	return put(path, text);
}

/* Is it in the kernel's log? */
static int log_has(const char *text)
{
	static char log[1 << 18];
	int n = klogctl(3, log, sizeof(log) - 1);

	log[n > 0 ? n : 0] = 0;
	return strstr(log, text) != NULL;
}

static void overcommit(void)
{
	long total = field("/proc/meminfo", "MemTotal:"), committed, ratio = field(VM "overcommit_ratio", "");
	char *p;
	pid_t pid;

	ok(field(VM "overcommit_memory", "") == 0 && ratio == 50, "the policy at first");
	ok(field("/proc/meminfo", "CommitLimit:") <= total / 2 && field("/proc/meminfo", "CommitLimit:") > total / 2 - MIB,
	   "CommitLimit is half of the memory");
	number(VM "overcommit_ratio", 80);
	ok(field("/proc/meminfo", "CommitLimit:") > total / 10 * 7, "or what overcommit_ratio says");
	committed = field("/proc/meminfo", "Committed_AS:");
	number(VM "overcommit_kbytes", committed + 24 * MIB);
	ok(labs(field("/proc/meminfo", "CommitLimit:") - committed - 24 * MIB) < 8, "or overcommit_kbytes");
	p = take(30 * MIB);
	ok(p != MAP_FAILED && !munmap(p, 30 << 20), "policy 0: more can be had");
	number(VM "overcommit_memory", 1);
	p = take(30 * MIB);
	ok(p != MAP_FAILED && !munmap(p, 30 << 20), "policy 1: more can be had");
	number(VM "overcommit_memory", 2);
	errno = 0;
	ok(take(30 * MIB) == MAP_FAILED && errno == ENOMEM, "policy 2: not more than the limit: ENOMEM");
	p = take(14 * MIB);
	ok(p != MAP_FAILED, "but less");
	errno = 0;
	pid = fork();
	if (!pid)
		_exit(0);
	ok(pid == -1 && errno == ENOMEM, "nor by fork");
	munmap(p, 14 << 20);
	pid = fork();
	if (!pid)
		_exit(0);
	ok(pid > 0 && ended(pid) == 0, "of a smaller process it works");
	number(VM "overcommit_memory", 0);
	number(VM "overcommit_ratio", ratio);
	ok(field(VM "overcommit_kbytes", "") == 0, "each of ratio and kbytes resets the other");
}

static void execs(void)
{
	struct rlimit small = { 16384, 16384 };
	pid_t pid = fork();

	if (!pid) {
		setrlimit(RLIMIT_AS, &small);
		execl("/bin/true", "true", NULL);
		_exit(7);
	}
	pid = ended(pid);
	ok(WIFSIGNALED(pid) || WEXITSTATUS(pid) == 7, "RLIMIT_AS holds for the program of an exec, too");
}

/* In the group: does what it is told, one letter each; 'm' maps 4 MiB. */
static pid_t member(int *tell, int *hear)
{
	int told[2], heard[2];
	pid_t pid;
	char c;

	if (pipe(told) || pipe(heard))
		return -1;
	pid = fork();
	if (!pid) {
		close(told[1]);
		if (put(GROUP "/cgroup.procs", "0"))
			_exit(1);
		write(heard[1], "g", 1);
		while (read(told[0], &c, 1) == 1) {
			int fd;

			if (c == 'm')
				memset(take(4 * MIB), 1, 4 << 20);
			if (c == 's' || c == 'f') {
				static char block[1 << 20];

				fd = open(c == 's' ? "/dev/shm/file" : "/limited/file", O_CREAT | O_RDWR | O_TRUNC, 0600);
				for (int i = 0; i < 3; i++)
					write(fd, block, sizeof(block));
				close(fd);
			}
			write(heard[1], &c, 1);
		}
		_exit(0);
	}
	close(told[0]);
	close(heard[1]);
	*tell = told[1];
	*hear = heard[0];
	return read(heard[0], &c, 1) == 1 ? pid : -1;
}

/* Does the member live after it? */
static int told(int tell, int hear, char what)
{
	char c;

	return write(tell, &what, 1) == 1 && read(hear, &c, 1) == 1;
}

static long in_group(const char *file, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), GROUP "/%s", file);
	return field(path, name);
}

static void groups(void)
{
	long before, anon;
	int tell, hear;
	pid_t pid, sleeper;
	char text[16];

	mkdir(GROUP, 0755);
	pid = member(&tell, &hear);
	before = in_group("memory.current", "");
	anon = in_group("memory.stat", "anon ");
	ok(pid > 0 && told(tell, hear, 'm'), "a member maps 4 MiB");
	ok(in_group("memory.current", "") >= before + (4 << 20) && in_group("memory.current", "") < before + (5 << 20),
	   "memory.current is more by that");
	ok(in_group("memory.stat", "anon ") == anon + (4 << 20), "anon of memory.stat");
	ok(told(tell, hear, 's') && in_group("memory.stat", "shmem ") >= 3 << 20 && in_group("memory.stat", "file ") >= 3 << 20,
	   "a file of tmpfs is shmem and file");
	unlink("/dev/shm/file");
	ok(in_group("memory.stat", "shmem ") < 1 << 20, "until it is removed");
	ok(in_group("memory.peak", "") >= before + (7 << 20), "memory.peak remembers both");
	number(GROUP "/memory.high", in_group("memory.current", "") + (2 << 20));
	ok(told(tell, hear, 'm') && in_group("memory.events", "high ") > 0 && in_group("memory.events", "oom_kill ") == 0,
	   "memory.high is passed, slowly");
	put(GROUP "/memory.high", "max");
	number(GROUP "/memory.max", in_group("memory.current", "") + (5 << 20));
	ok(told(tell, hear, 'f') && told(tell, hear, 'f') && told(tell, hear, 'f') && in_group("memory.events", "oom_kill ") == 0,
	   "files make room for others under memory.max");
	ok(!told(tell, hear, 'm') || !told(tell, hear, 'm'), "memory does not");
	ok(ended(pid) == SIGKILL && in_group("memory.events", "oom_kill ") == 1 && in_group("memory.events", "oom ") >= 1 &&
		   in_group("memory.events", "max ") >= 1, "memory.events says so");
	ok(log_has("Memory cgroup out of memory: Killed process") && log_has("oom-kill:constraint=CONSTRAINT_MEMCG") &&
		   log_has("oom_memcg=/memory-limits"), "and the log");
	close(tell);
	close(hear);
	unlink("/limited/file");

	put(GROUP "/memory.max", "20M");
	put(GROUP "/memory.oom.group", "1");
	sleeper = fork();
	if (!sleeper) {
		put(GROUP "/cgroup.procs", "0");
		for (;;)
			pause();
	}
	do
		snprintf(text, sizeof(text), "%ld", field(GROUP "/cgroup.procs", ""));
	while (atoi(text) != sleeper);
	pid = member(&tell, &hear);
	while (told(tell, hear, 'm'))
		;
	ok(ended(pid) == SIGKILL && ended(sleeper) == SIGKILL && in_group("memory.events", "oom_group_kill ") == 1,
	   "memory.oom.group: all die together");
	close(tell);
	close(hear);
	ok(!rmdir(GROUP), "the group can be removed");
}

/* A child of so much memory and this oom_score_adj, that sleeps. */
static pid_t sleeps(long kib, const char *adjustment)
{
	int ready[2];
	pid_t pid;
	char c;

	pipe(ready);
	pid = fork();
	if (!pid) {
		put("/proc/self/oom_score_adj", adjustment);
		if (take(kib) == MAP_FAILED)
			_exit(1);
		write(ready[1], "", 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		pid = -1;
	close(ready[0]);
	return pid;
}

static long score(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score", pid);
	return field(path, "");
}

static void killer(void)
{
	long available = field("/proc/meminfo", "MemAvailable:"), kills = field("/proc/vmstat", "oom_kill ");
	pid_t large, adjusted, exempt, hog;
	char report[96];
	siginfo_t info;

	exempt = sleeps(available / 4, "-1000");
	large = sleeps(available / 4, "0");
	adjusted = sleeps(4 * MIB, "900");
	ok(exempt > 0 && large > 0 && adjusted > 0, "three processes");
	ok(score(exempt) == 0 && score(large) > score(getpid()) && score(adjusted) > score(large), "oom_score: by size and adjustment");
	hog = fork();
	if (!hog) {
		put("/proc/self/oom_score_adj", "-1000");
		for (long taken = 0; taken < available / 8 * 5; taken += 64)
			if (take(64) == MAP_FAILED)
				_exit(1);
		_exit(0);
	}
	ok(ended(hog) == 0, "a fourth takes more than is left");
	ok(!waitid(P_PID, adjusted, &info, WEXITED | WNOWAIT) && info.si_status == SIGKILL, "the one with the highest score dies first");
	ok(!waitid(P_PID, large, &info, WEXITED | WNOWAIT) && info.si_status == SIGKILL, "then the larger one");
	ok(waitpid(exempt, &(int){ 0 }, WNOHANG) == 0, "the one with -1000 lives");
	ok(field("/proc/vmstat", "oom_kill ") == kills + 2, "vmstat counts two");
	snprintf(report, sizeof(report), "Out of memory: Killed process %d (memory-limits) total-vm:", large);
	ok(log_has(report) && log_has("Mem-Info:") && log_has("oom_score_adj name") && log_has("invoked oom-killer:"), "the log has the report");
	kill(exempt, SIGKILL);
	ended(exempt);
	ended(adjusted);
	ended(large);
}

int main(void)
{
	put("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	mkdir("/limited", 0755);
	mkdir("/dev/shm", 0755);
	if (system("dd if=/dev/zero of=/limited.img bs=1M count=6 2>/dev/null && losetup /dev/loop1 /limited.img && "
		   "mke2fs -F /dev/loop1 >/dev/null 2>&1") ||
	    mount("/dev/loop1", "/limited", "ext4", 0, NULL))
		return 1;
	overcommit();
	execs();
	groups();
	killer();
	umount("/limited");
	return tap_done();
}
