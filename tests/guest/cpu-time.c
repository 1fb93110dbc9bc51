// SPDX-License-Identifier: MIT
/*
 * Whose CPU time was it, and is all of it accounted: user and system time of processes, threads, children and the machine, as
 * getrusage(), times(), /proc and timers tell it. What it should be is known from runs of the parts alone, by the CPU clock.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

static int zero;
static char buffer[1 << 20];
/* Another kernel may account by ticks: short programs are all user time there. */
static int precise;

static double clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double cpu_ms(void)
{
	return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

struct times {
	double user, system;
};

static struct times times_of(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (struct times) {
		u.ru_utime.tv_sec * 1e3 + u.ru_utime.tv_usec / 1e3,
		u.ru_stime.tv_sec * 1e3 + u.ru_stime.tv_usec / 1e3,
	};
}

static struct times since(int who, struct times begin)
{
	struct times now = times_of(who);

	return (struct times) { now.user - begin.user, now.system - begin.system };
}

static double share(struct times t)
{
	return t.user / (t.user + t.system);
}

/* About as many ns. */
static unsigned rounds_a_us = 100;

static void compute(unsigned ns)
{
	static volatile unsigned sink;
	unsigned x = sink;

	for (unsigned i = ns * (unsigned long long)rounds_a_us / 1000; i > 0; i--)
		x = x * 1664525 + 1013904223;
	sink = x;
}

static void calibrate(void)
{
	/* Twice: an engine may compile it better meanwhile. */
	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 20; i++)
			compute(1000000);
		double begin = cpu_ms();
		for (int i = 0; i < 20; i++)
			compute(1000000);
		rounds_a_us = rounds_a_us * 20 / (cpu_ms() - begin) + 1;
	}
}

static void read_zeros(unsigned bytes)
{
	/* A signal makes it shorter. */
	if (bytes && pread(zero, buffer, bytes, 0) < 0 && errno != EINTR)
		exit(1);
}

/*
 * A pattern of work: some computing, then some calls. Not calls of 20 ns and nothing else: to split these is guesswork, by ticks
 * of native Linux as well.
 */
struct pattern {
	const char *name;
	unsigned compute_ns, calls, bytes;
	unsigned seldom, long_ns;	/* each so many rounds computes so much longer */
};

static double cost(const struct pattern *p, long rounds)
{
	double begin = cpu_ms();

	for (long i = 0; i < rounds; i++) {
		if (p->compute_ns)
			compute(p->compute_ns);
		if (p->seldom && i % p->seldom == 0)
			compute(p->long_ns);
		for (unsigned j = 0; j < p->calls; j++) {
			if (p->bytes)
				read_zeros(p->bytes);
			else
				getppid();
		}
	}
	return cpu_ms() - begin;
}

/* Of ticks, one in a while: twice the deviation that chance brings. */
static double tolerance(void)
{
	return precise ? 0.1 : 0.15;
}

#define CHUNKS 100

/* The least of them: the machine may be another's now and then, which costs the time of whoever runs. */
static double least(const double *list, int count)
{
	double least = list[0];

	for (int i = 1; i < count; i++)
		if (list[i] < least)
			least = list[i];
	return least;
}

/* False: its share of user time was another than it should be. */
static int measured(const struct pattern *p, int chunks, int *complete)
{
	struct pattern alone = *p;
	struct times t[CHUNKS], undisturbed = { 0 };
	double all[CHUNKS], user[CHUNKS], expected, seen, passed = 0;
	long rounds;

	alone.calls = 0;
	for (rounds = 1; cost(p, rounds) < 3; rounds *= 2)
		;
	for (int i = 0; i < chunks; i++) {
		struct times begin = times_of(RUSAGE_SELF);
		all[i] = cost(p, rounds);
		t[i] = since(RUSAGE_SELF, begin);
		user[i] = cost(&alone, rounds);
	}
	expected = least(user, chunks) / least(all, chunks);
	if (expected > 1)
		expected = 1;
	for (int i = 0; i < chunks; i++) {
		if (all[i] > least(all, chunks) * 1.15)
			continue;
		undisturbed.user += t[i].user;
		undisturbed.system += t[i].system;
		passed += all[i];
	}
	seen = share(undisturbed);
	printf("# %s: user %.2f, should be %.2f; %.1f of %.1f ms\n", p->name, seen, expected,
	       undisturbed.user + undisturbed.system, passed);
	*complete = undisturbed.user + undisturbed.system > passed * 0.98 - 2 &&
		    undisturbed.user + undisturbed.system < passed * 1.02 + 2;
	return seen > expected - tolerance() && seen < expected + tolerance();
}

/*
 * Times that is measured before it counts as wrong: another's turn on the host counts as time of who was running, be it the program
 * or the kernel, and a busy host has many.
 */
#define TRIES 10

static void pattern(const struct pattern *p, int chunks)
{
	int complete, right = 0;

	for (int i = 0; i < TRIES && !right; i++)
		right = measured(p, chunks, &complete) && complete;
	ok(right, p->name);
	ok(complete, "and all of it");
}

static void patterns(void)
{
	static const struct pattern list[] = {
		{ "a program that computes", 1000000, 0, 0 },
		{ "long calls", 0, 1, 1 << 20 },
		{ "computing for 1 ms, then calls for long", 1000000, 40, 1 << 20 },
		{ "for 1 ms, then one small call", 1000000, 1, 0 },
		{ "for 100 us, then a call", 100000, 1, 1 << 20 },
		{ "for 20 us, then ten calls", 20000, 10, 1 << 12 },
		{ "for 5 us, then small calls", 5000, 20, 0 },
		{ "for 1 us, then a small call", 1000, 1, 0 },
		{ "small calls, and seldom much to compute", 50, 1, 0, 1000, 300000 },
		{ "calls of 4 KiB, and seldom much to compute", 50, 1, 1 << 12, 500, 500000 },
	};

	for (unsigned i = 0; i < sizeof list / sizeof *list; i++)
		pattern(&list[i], precise ? CHUNKS / 3 : CHUNKS);
}

/* Many children that only do that, each too short to see a tick; what they say it took. */
static double short_children(unsigned compute_ns, int reads, struct times *t)
{
	struct times begin = times_of(RUSAGE_CHILDREN);
	double sum = 0;
	int ends[2];

	if (pipe(ends))
		exit(1);
	for (int i = 0; i < 300; i++) {
		double clock;
		if (fork() == 0) {
			clock = cpu_ms();
			compute(compute_ns);
			for (int j = 0; j < reads; j++)
				read_zeros(1 << 20);
			clock = cpu_ms() - clock;
			_exit(write(ends[1], &clock, sizeof clock) != sizeof clock);
		}
		wait(NULL);
		if (read(ends[0], &clock, sizeof clock) != sizeof clock)
			exit(1);
		sum += clock;
	}
	close(ends[0]);
	close(ends[1]);
	*t = since(RUSAGE_CHILDREN, begin);
	return sum;
}

static void children(void)
{
	int user = 0, system = !precise;

	for (int i = 0; i < TRIES && !user; i++) {
		struct times t;
		double ms = short_children(200000, 0, &t);

		printf("# short children that compute %.1f ms: user %.1f, system %.1f\n", ms, t.user, t.system);
		user = t.user > ms * 0.9;
	}
	ok(user, "what short children compute is user time");
	for (int i = 0; i < TRIES && !system; i++) {
		struct times t;
		double ms = short_children(0, 3, &t);

		printf("# that are in calls for %.1f ms: user %.1f, system %.1f\n", ms, t.user, t.system);
		system = t.system > ms * 0.9;
	}
	ok(system, "what they do in the kernel is system time");
}

static void *calls(void *arg)
{
	struct times *t = arg;
	struct times begin = times_of(RUSAGE_THREAD);

	for (int i = 0; i < 400; i++)
		read_zeros(1 << 20);
	*t = since(RUSAGE_THREAD, begin);
	return NULL;
}

static void *computes(void *arg)
{
	struct times *t = arg;
	struct times begin = times_of(RUSAGE_THREAD);

	for (int i = 0; i < 100; i++)
		compute(1000000);
	*t = since(RUSAGE_THREAD, begin);
	return NULL;
}

static int is_sum(double sum, double a, double b)
{
	return sum > (a + b) * 0.9 - 5 && sum < (a + b) * 1.1 + 5;
}

static void threads(void)
{
	int own = 0, sum = 0;

	for (int i = 0; i < TRIES && !(own && sum); i++) {
		struct times begin = times_of(RUSAGE_SELF), a, b, all;
		pthread_t thread[2];

		pthread_create(&thread[0], NULL, calls, &a);
		pthread_create(&thread[1], NULL, computes, &b);
		pthread_join(thread[0], NULL);
		pthread_join(thread[1], NULL);
		all = since(RUSAGE_SELF, begin);
		printf("# threads: user %.1f system %.1f; user %.1f system %.1f; both %.1f %.1f\n", a.user, a.system, b.user,
		       b.system, all.user, all.system);
		own = share(a) < 0.2 && share(b) > 0.9;
		sum = is_sum(all.user, a.user, b.user) && is_sum(all.system, a.system, b.system);
	}
	ok(own, "each thread has its own times");
	ok(sum, "the process has their sum");
}

static char *slurp(const char *path)
{
	static char text[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);

	close(fd);
	text[n > 0 ? n : 0] = 0;
	return text;
}

static struct times stat_of(pid_t pid)
{
	char path[40];
	unsigned long user = 0, system = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	char *at = strrchr(slurp(path), ')');
	if (at)
		sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	return (struct times) { user * 10.0, system * 10.0 };
}

static void elsewhere(void)
{
	struct times own, seen;
	struct tms tms;
	pid_t pid;
	int status;
	struct rusage usage;

	own = times_of(RUSAGE_SELF);
	seen = stat_of(getpid());
	ok(seen.user <= own.user + 20 && seen.user >= own.user - 20 && seen.system <= own.system + 20 &&
	   seen.system >= own.system - 20, "/proc/PID/stat says what getrusage() says");
	times(&tms);
	own = times_of(RUSAGE_SELF);
	ok(tms.tms_utime * 10.0 <= own.user + 10 && tms.tms_utime * 10.0 >= own.user - 20 &&
	   tms.tms_stime * 10.0 <= own.system + 10 && tms.tms_stime * 10.0 >= own.system - 20, "and times()");

	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 60; i++) {
			compute(1000000);
			read_zeros(1 << 20);
		}
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, &status, WUNTRACED);
	seen = stat_of(pid);
	kill(pid, SIGCONT);
	wait4(pid, &status, 0, &usage);
	own = (struct times) { usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3,
			       usage.ru_stime.tv_sec * 1e3 + usage.ru_stime.tv_usec / 1e3 };
	printf("# another: %.0f %.0f, at its end %.0f %.0f\n", seen.user, seen.system, own.user, own.system);
	ok(seen.user >= own.user - 12 && seen.user <= own.user + 1 && seen.system >= own.system - 12,
	   "/proc/PID/stat of a stopped process is complete");
}

static volatile sig_atomic_t fired[3];

static void on_timer(int sig)
{
	fired[sig == SIGPROF ? 0 : 1]++;
}

/* For how much time of each kind they fire. */
static void run_timers(int *user_only, int *all)
{
	struct itimerval every = { { 0, 20000 }, { 0, 20000 } }, off = { { 0, 0 }, { 0, 0 } };

	fired[0] = fired[1] = 0;
	setitimer(ITIMER_PROF, &every, NULL);
	setitimer(ITIMER_VIRTUAL, &every, NULL);
	double begin = cpu_ms();
	while (cpu_ms() - begin < 200)
		read_zeros(1 << 20);
	int calls[] = { fired[0], fired[1] };
	begin = cpu_ms();
	while (cpu_ms() - begin < 200) {
		compute(1000000);
	}
	setitimer(ITIMER_PROF, &off, NULL);
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	printf("# timers in calls: %d and %d; in all %d and %d\n", calls[0], calls[1], fired[0], fired[1]);
	*user_only = calls[0] >= 8 && calls[0] <= 11 && calls[1] <= 2;
	*all = fired[0] >= 17 && fired[0] <= 21 && fired[1] >= 8 && fired[1] <= 12;
}

/* Who has no turn on the host for long has one expiry for several. */
static void timers(void)
{
	int user_only = 0, all = 0;

	signal(SIGPROF, on_timer);
	signal(SIGVTALRM, on_timer);
	for (int i = 0; i < TRIES && !(user_only && all); i++)
		run_timers(&user_only, &all);
	ok(user_only, "ITIMER_VIRTUAL is for user time");
	ok(all, "ITIMER_PROF for all");
}

struct machine {
	double user, nice, system, idle, steal, uptime;
};

static struct machine machine(void)
{
	struct machine m = { 0 };
	double iowait, irq, softirq;
	char *text = slurp("/proc/stat"), *line = strstr(text, "cpu0 ");

	if (line && sscanf(line, "cpu0 %lf %lf %lf %lf %lf %lf %lf %lf", &m.user, &m.nice, &m.system, &m.idle, &iowait, &irq,
			   &softirq, &m.steal) == 8) {
		m.system += irq + softirq;
		m.idle += iowait;
	}
	m.uptime = clock_ms(CLOCK_BOOTTIME) / 10;
	return m;
}

static void whole_machine(void)
{
	struct machine begin, end;
	struct times used, at;
	struct timespec pause = { 0, 300000000 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof one, &one);

	begin = machine();
	at = times_of(RUSAGE_SELF);
	for (int i = 0; i < 150; i++) {
		compute(1000000);
		for (int j = 0; j < 20; j++)
			read_zeros(1 << 20);
	}
	used = since(RUSAGE_SELF, at);
	end = machine();
	printf("# /proc/stat: user %.0f system %.0f idle %.0f steal %.0f of %.0f; used %.0f %.0f\n", end.user - begin.user,
	       end.system - begin.system, end.idle - begin.idle, end.steal - begin.steal, end.uptime - begin.uptime,
	       used.user / 10, used.system / 10);
	/* Another kernel has other processes. */
	ok(end.user - begin.user > used.user / 10 * 0.9 - 3 && (!precise || end.user - begin.user < used.user / 10 * 1.1 + 3),
	   "/proc/stat has the user time");
	ok(end.system - begin.system > used.system / 10 * 0.9 - 3 &&
	   (!precise || end.system - begin.system < used.system / 10 * 1.1 + 3), "and the system time");
	double sum = end.user + end.nice + end.system + end.idle + end.steal - begin.user - begin.nice - begin.system -
		     begin.idle - begin.steal;
	double passed = end.uptime - begin.uptime;
	ok(sum > passed * 0.95 - 3 && sum < passed * 1.05 + 3, "all of the time that has passed is somebody's");

	begin = machine();
	nanosleep(&pause, NULL);
	end = machine();
	passed = end.uptime - begin.uptime;
	printf("# asleep: idle %.0f of %.0f\n", end.idle - begin.idle, passed);
	ok(!precise || (end.idle - begin.idle > passed * 0.95 - 2 && end.idle - begin.idle < passed * 1.05 + 2),
	   "asleep it is idle");

	if (setpriority(PRIO_PROCESS, 0, 5))
		exit(1);
	begin = machine();
	double ms = cpu_ms();
	for (int i = 0; i < 200; i++)
		compute(1000000);
	ms = cpu_ms() - ms;
	end = machine();
	ok(end.nice - begin.nice > ms / 10 * 0.9 - 3, "nice processes have a column of their own");
}

/* It is sampled each 5 s. */
static void load(void)
{
	double before = atof(slurp("/proc/loadavg")), after, end;
	pid_t pids[3];

	if (before > 0.05) {
		ok(1, "load # SKIP others have computed");
		return;
	}
	setpriority(PRIO_PROCESS, 0, 0);
	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			for (;;)
				;
	}
	end = clock_ms(CLOCK_MONOTONIC) + 20000;
	do {
		struct timespec pause = { 0, 50000000 };
		nanosleep(&pause, NULL);
		after = atof(slurp("/proc/loadavg"));
	} while (after - before < 0.1 && clock_ms(CLOCK_MONOTONIC) < end);
	int running = 0;
	sscanf(slurp("/proc/loadavg"), "%*f %*f %*f %d", &running);
	for (int i = 0; i < 3; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	printf("# load %.2f, then %.2f with three; %d run\n", before, after, running);
	/* 3 * (1 - e^(-5 / 60)) */
	ok(after - before > 0.2 && after - before < 0.35, "the load average rises as by three");
	ok(running == 4, "three and who asks can run");
}

int main(void)
{
	struct utsname name;

	uname(&name);
	precise = strstr(name.machine, "wasm") != NULL;
	zero = open("/dev/zero", O_RDONLY);
	calibrate();
	load();
	patterns();
	children();
	threads();
	elsewhere();
	timers();
	whole_machine();
	return tap_done();
}
