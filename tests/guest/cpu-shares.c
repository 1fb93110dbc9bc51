// SPDX-License-Identifier: MIT
/*
 * How the scheduler shares out one CPU: nice, every policy, control groups, sessions.
 *
 * Competitors compute side by side until one of them has used up its time by its own CPU clock; what the others have used by
 * then is theirs, as the kernel accounts it. So a figure is a ratio of CPU times of one common run, whatever else the host does.
 * The test itself is a SCHED_FIFO process: nobody begins before all are ready, and nobody goes on when one is done.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include "tap.h"

#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE 6
#endif

#define COMPETITORS 4

/* The measure of all runs: within 15 %. */
#define TOLERANCE 0.15

struct competitor {
	int policy, priority, nice;
	const char *group;	/* a control group to be in */
	int session;		/* in one of its own */
	int helpers;		/* equals beside it, of its group and session, who are not measured */
	int limit_ms;		/* of CPU time, when it should end another time than the others */
	/* the outcome */
	double ms;
	long switches;		/* against its will */
	pid_t pid;
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	ssize_t written = write(fd, text, strlen(text));
	close(fd);
	return written == (ssize_t)strlen(text) ? 0 : -1;
}

static long read_number(const char *path, const char *label)
{
	char text[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	close(fd);
	if (n < 0)
		return -1;
	text[n] = 0;
	char *at = strstr(text, label);
	return at ? atol(at + strlen(label)) : -1;
}

/* struct sched_attr, which libc does not have */
struct attributes {
	unsigned size, policy;
	unsigned long long flags;
	int nice;
	unsigned priority;
	unsigned long long runtime, deadline, period;
};

/* For SCHED_DEADLINE the priority is in ms of each 100. */
static int set_policy(const struct competitor *c)
{
	struct sched_param param = { .sched_priority = c->priority };
	struct attributes deadline = {
		.size = 48, .policy = SCHED_DEADLINE, .runtime = c->priority * 1000000ull,
		.deadline = 100000000, .period = 100000000,
	};

	if (c->policy == SCHED_DEADLINE)
		return syscall(SYS_sched_setattr, 0, &deadline, 0);
	/* Not libc's, which refuses in musl. */
	return syscall(SYS_sched_setscheduler, 0, c->policy, &param);
}

static void fail(int ready)
{
	char reason = errno;

	if (write(ready, &reason, 1) != 1)
		_exit(1);
	_exit(0);
}

static void compute(const struct competitor *c, int ready, int go)
{
	struct itimerval timer = { .it_value = { c->limit_ms / 1000, c->limit_ms % 1000 * 1000 } };
	char path[100], byte;

	/* Before it joins the group, which may be one without time for SCHED_FIFO. */
	if (setpriority(PRIO_PROCESS, 0, c->nice) || set_policy(c))
		fail(ready);
	if (c->group) {
		snprintf(path, sizeof path, "%s/cgroup.procs", c->group);
		if (write_file(path, "0"))
			fail(ready);
	}
	if (c->session)
		setsid();
	for (int i = 0; i < c->helpers; i++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			timer.it_value = (struct timeval) { 0 };
			break;
		}
	}
	if (write(ready, "", 1) != 1 || read(go, &byte, 1) != 0)
		_exit(4);
	setitimer(ITIMER_PROF, &timer, NULL);
	for (;;)
		;
}

static int reason;		/* errno of who could not begin */

/* False: one of them could not do what it should. */
static int run(struct competitor *c, int count, int limit_ms)
{
	int ready[2], go[2], status, left = count, wanted = 0;
	struct rusage usage;
	pid_t pid;
	char byte;

	if (pipe(ready) || pipe(go))
		return 0;
	for (int i = 0; i < count; i++) {
		if (!c[i].limit_ms)
			c[i].limit_ms = limit_ms;
		wanted += 1 + c[i].helpers;
		c[i].pid = fork();
		if (c[i].pid == 0) {
			close(go[1]);
			close(ready[0]);
			compute(&c[i], ready[1], go[0]);
		}
	}
	close(go[0]);
	close(ready[1]);
	reason = 0;
	for (; wanted > 0 && read(ready[0], &byte, 1) == 1; wanted--)
		if (byte)
			reason = byte;
	close(ready[0]);
	close(go[1]);
	while (left > 0 && (pid = wait4(-1, &status, 0, &usage)) > 0) {
		for (int i = 0; i < count; i++) {
			if (c[i].pid != pid) {
				/* The first that ends, ends all. */
				kill(c[i].pid, SIGKILL);
				continue;
			}
			c[i].ms = usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3 +
				  usage.ru_stime.tv_sec * 1e3 + usage.ru_stime.tv_usec / 1e3;
			c[i].switches = usage.ru_nivcsw;
			left--;
		}
		/* Nobody may stay a zombie that is killed again. */
		for (int i = 0; i < count; i++)
			if (c[i].pid == pid)
				c[i].pid = 0x7fffffff;
	}
	printf("#");
	for (int i = 0; i < count; i++)
		printf(" %.1f ms (%ld switches)", c[i].ms, c[i].switches);
	printf("\n");
	if (reason)
		printf("# could not begin: %s\n", strerror(reason));
	return !reason && wanted == 0;
}

static int about(double figure, double expected)
{
	return figure > expected * (1 - TOLERANCE) && figure < expected * (1 + TOLERANCE);
}

/* Three tries: another's turn on the host counts as time of who was running. */
static int ratio_is(struct competitor *c, int count, int limit_ms, int one, int other, double expected)
{
	for (int i = 0; i < 3; i++)
		if (run(c, count, limit_ms) && about(c[one].ms / c[other].ms, expected))
			return 1;
	return 0;
}

static void niceness(void)
{
	struct competitor equal[] = { { .session = 1 }, { .session = 1 } };
	struct competitor c[] = { { .nice = 0 }, { .nice = 5 } };
	struct competitor far[] = { { .nice = 0 }, { .nice = 19 } };
	struct competitor low[] = { { .nice = -5 }, { .nice = 0 } };
	struct competitor three[] = { { .nice = 0 }, { .nice = 0 }, { .nice = 3 } };

	ok(ratio_is(equal, 2, 300, 0, 1, 1), "equals have equal shares");
	ok(ratio_is(c, 2, 400, 0, 1, 1024 / 335.0), "nice 0 and 5: 1024 to 335");
	ok(ratio_is(low, 2, 400, 0, 1, 3121 / 1024.0), "nice -5 and 0: 3121 to 1024");
	ok(ratio_is(three, 3, 300, 0, 2, 1024 / 526.0) && about(three[0].ms / three[1].ms, 1),
	   "nice 0, 0 and 3: 1024, 1024 to 526");
	ok(run(far, 2, 600) && far[1].ms / far[0].ms < 0.04 && far[1].ms > 0, "nice 19 has the crumbs");
}

static void policies(void)
{
	struct competitor batch[] = { { .policy = SCHED_BATCH }, { .policy = SCHED_OTHER } };
	struct competitor idle[] = { { .policy = SCHED_IDLE }, { .policy = SCHED_OTHER } };
	struct competitor idle_alone[] = { { .policy = SCHED_IDLE }, { .policy = SCHED_IDLE } };
	struct competitor fifo[] = { { .policy = SCHED_FIFO, .priority = 10 }, { .policy = SCHED_OTHER } };
	struct competitor higher[] = { { .policy = SCHED_FIFO, .priority = 10 }, { .policy = SCHED_FIFO, .priority = 11 } };
	struct competitor order[] = { { .policy = SCHED_FIFO, .priority = 10 }, { .policy = SCHED_FIFO, .priority = 10 } };
	struct competitor rr[] = { { .policy = SCHED_RR, .priority = 10 }, { .policy = SCHED_RR, .priority = 10 } };
	struct competitor mixed[] = { { .policy = SCHED_RR, .priority = 10 }, { .policy = SCHED_FIFO, .priority = 9 } };
	struct competitor deadline[] = { { .policy = SCHED_DEADLINE, .priority = 30 }, { .policy = SCHED_OTHER } };

	ok(ratio_is(batch, 2, 300, 0, 1, 1), "SCHED_BATCH has the share of its nice value");
	ok(run(idle, 2, 600) && idle[0].ms / idle[1].ms < 0.02, "SCHED_IDLE has next to nothing beside SCHED_OTHER");
	ok(ratio_is(idle_alone, 2, 200, 0, 1, 1), "two of SCHED_IDLE have equal shares");

	ok(run(fifo, 2, 2400) && fifo[1].ms / fifo[0].ms > 0.02 && fifo[1].ms / fifo[0].ms < 0.08,
	   "SCHED_FIFO starves others, but for a twentieth");
	ok(run(higher, 2, 200) && higher[0].ms < 20, "SCHED_FIFO starves lower priorities");
	ok(run(order, 2, 200) && (order[0].ms < 20 || order[1].ms < 20), "SCHED_FIFO does not share with its equals");
	/* All but one slice. */
	ok(run(rr, 2, 800) && rr[0].ms + rr[1].ms > 1350, "SCHED_RR does");
	/* SCHED_OTHER's twentieth makes switches too. */
	double slice = read_number("/proc/sys/kernel/sched_rr_timeslice_ms", ""), seen = (rr[0].ms + rr[1].ms) / (rr[0].switches + rr[1].switches);
	printf("# %.0f ms, %.1f seen\n", slice, seen);
	ok(seen > slice / 4 && seen < slice * 1.5, "the length of its slices");
	ok(run(mixed, 2, 300) && mixed[1].ms < 20, "SCHED_RR starves lower priorities");
	/* Who is bound to one CPU of several can't have it. */
	ok((ratio_is(deadline, 2, 700, 0, 1, 30 / 70.0)) || reason == EPERM,
	   "SCHED_DEADLINE: 30 ms of each 100");
}

/* Control groups of version 2; or, so that the test can be tried elsewhere, of version 1. */
static const char *groups;
static int version;

static int find_groups(void)
{
	mkdir("/sys/fs/cgroup/cpu-shares-probe", 0755);
	if (!rmdir("/sys/fs/cgroup/cpu-shares-probe") && !access("/sys/fs/cgroup/cgroup.controllers", F_OK)) {
		groups = "/sys/fs/cgroup";
		version = 2;
		return !write_file("/sys/fs/cgroup/cgroup.subtree_control", "+cpu");
	}
	groups = "/sys/fs/cgroup/cpu";
	version = 1;
	return !access("/sys/fs/cgroup/cpu/cpu.shares", W_OK);
}

static char *group_path(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", groups, name) < 0)
		exit(1);
	return path;
}

static char *group(const char *name, int weight)
{
	char *path = group_path(name), file[120], value[20];

	mkdir(path, 0755);
	snprintf(file, sizeof file, "%s/%s", path, version == 2 ? "cpu.weight" : "cpu.shares");
	snprintf(value, sizeof value, "%d", version == 2 ? weight : weight * 1024 / 100);
	if (write_file(file, value))
		printf("# %s: %s\n", file, strerror(errno));
	return path;
}

/* us of each 100 ms; 0: no limit. */
static void set_limit(const char *path, int us)
{
	char file[120], value[40];

	snprintf(file, sizeof file, "%s/%s", path, version == 2 ? "cpu.max" : "cpu.cfs_quota_us");
	snprintf(value, sizeof value, version == 2 && us ? "%d 100000" : version == 2 ? "max" : "%d", us ? us : -1);
	if (write_file(file, value))
		printf("# %s: %s\n", file, strerror(errno));
}

static void control_groups(void)
{
	if (!find_groups()) {
		ok(1, "control groups # SKIP not here");
		return;
	}
	char *light = group("cpu-shares-a", 100), *heavy = group("cpu-shares-b", 300), *inner, file[120];

	struct competitor weights[] = { { .group = light }, { .group = heavy } };
	ok(ratio_is(weights, 2, 450, 1, 0, 3), "cpu.weight 100 and 300: 1 to 3");

	struct competitor crowd[] = { { .group = light }, { .group = heavy, .helpers = 2 } };
	ok(ratio_is(crowd, 2, 300, 1, 0, 1), "three share what their group has");

	struct competitor nice[] = { { .group = light, .nice = 0 }, { .group = heavy, .nice = 10 } };
	ok(ratio_is(nice, 2, 450, 1, 0, 3), "nice values count within a group");

	if (version == 2) {
		snprintf(file, sizeof file, "%s/cgroup.subtree_control", light);
		write_file(file, "+cpu");
	}
	inner = group("cpu-shares-a/inner", 10000);
	struct competitor nested[] = { { .group = inner }, { .group = heavy } };
	ok(ratio_is(nested, 2, 450, 1, 0, 3), "weights count among siblings");

	set_limit(heavy, 20000);
	struct competitor limited[] = { { .group = heavy }, { .group = light } };
	limited[1].group = inner;
	ok(ratio_is(limited, 2, 1200, 0, 1, 0.25), "cpu.max: 20 ms of each 100");
	snprintf(file, sizeof file, "%s/cpu.stat", heavy);
	ok(read_number(file, "nr_throttled ") > 5, "cpu.stat tells how often it was throttled");
	struct competitor two[] = { { .group = heavy, .helpers = 1 }, { .group = inner } };
	ok(ratio_is(two, 2, 1200, 0, 1, 0.125), "of both of its processes");
	if (version == 2) {
		double used = read_number(file, "usage_usec "), user = read_number(file, "user_usec "),
		       system = read_number(file, "system_usec ");
		printf("# cpu.stat: %.0f us, user %.0f, system %.0f\n", used, user, system);
		ok(used > 0 && about((user + system) / used, 1), "cpu.stat: user and system time make up the usage");
	}
	set_limit(heavy, 0);

	rmdir(inner);
	rmdir(light);
	rmdir(heavy);
}

static void sessions(void)
{
	struct competitor c[] = { { .session = 1 }, { .session = 1, .helpers = 2 } };

	if (read_number("/proc/sys/kernel/sched_autogroup_enabled", "") != 1) {
		ok(1, "sessions # SKIP not here");
		return;
	}
	ok(ratio_is(c, 2, 300, 0, 1, 3), "a session has one share, whatever its processes are");
}

int main(void)
{
	const struct competitor self = { .policy = SCHED_FIFO, .priority = 90 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof one, &one);
	ok(!set_policy(&self), "the test is SCHED_FIFO");
	niceness();
	policies();
	control_groups();
	sessions();
	return tap_done();
}
