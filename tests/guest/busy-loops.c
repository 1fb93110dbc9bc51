/* SPDX-License-Identifier: MIT */
/* Programs that compute and make no system call: others run, timers expire,
 * handlers run and jump out, and signals end them.  Each shape of code that can
 * take for ever is one kind.  Runs itself again, with the kind as argument. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include "prompt.h"
#include "tap.h"

#define noinline __attribute__((noinline))
#if __wasm__
#define TAIL_CALLS __attribute__((target("tail-call")))
#else
#define TAIL_CALLS
#endif

static volatile unsigned sink;

static void loop(void)
{
	for (;;) __asm__ volatile("");
}

noinline static unsigned fibonacci(unsigned n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static void recursion(void)
{
	for (;;) sink += fibonacci(60);
}

/* each of them ends soon */
noinline static void nested_4(void) { for (int i = 0; i < 300; i++) sink += i; }
noinline static void nested_3(void) { for (int i = 0; i < 900; i++) nested_4(); }
noinline static void nested_2(void) { for (int i = 0; i < 900; i++) nested_3(); }
static void nested(void) { for (;;) for (int i = 0; i < 900; i++) nested_2(); }

/* no loop, no recursion */
#define TREE(n, m) noinline static void tree_##n(void) { tree_##m(); sink++; tree_##m(); }
noinline static void tree_0(void) { sink++; }
TREE(1, 0) TREE(2, 1) TREE(3, 2) TREE(4, 3) TREE(5, 4) TREE(6, 5) TREE(7, 6) TREE(8, 7) TREE(9, 8) TREE(10, 9)
TREE(11, 10) TREE(12, 11) TREE(13, 12) TREE(14, 13) TREE(15, 14) TREE(16, 15) TREE(17, 16) TREE(18, 17)
TREE(19, 18) TREE(20, 19) TREE(21, 20) TREE(22, 21) TREE(23, 22) TREE(24, 23) TREE(25, 24) TREE(26, 25)
TREE(27, 26) TREE(28, 27) TREE(29, 28) TREE(30, 29) TREE(31, 30) TREE(32, 31) TREE(33, 32) TREE(34, 33)
TREE(35, 34) TREE(36, 35) TREE(37, 36) TREE(38, 37) TREE(39, 38) TREE(40, 39) TREE(41, 40) TREE(42, 41)
TREE(43, 42) TREE(44, 43) TREE(45, 44) TREE(46, 45) TREE(47, 46) TREE(48, 47)

TAIL_CALLS noinline static void tail_2(unsigned n);
TAIL_CALLS noinline static void tail_1(unsigned n) { sink = n; __attribute__((musttail)) return tail_2(n + 1); }
TAIL_CALLS noinline static void tail_2(unsigned n) { sink = n; __attribute__((musttail)) return tail_1(n + 1); }
static void tail_calls(void) { tail_1(0); }

typedef void indirect(unsigned);
static indirect *volatile targets[2];
TAIL_CALLS noinline static void indirect_1(unsigned n) { sink = n; __attribute__((musttail)) return targets[1](n); }
TAIL_CALLS noinline static void indirect_2(unsigned n) { sink = n; __attribute__((musttail)) return targets[0](n); }
static void indirect_calls(void)
{
	targets[0] = indirect_1;
	targets[1] = indirect_2;
	targets[0](0);
}

static void copies(void)
{
	enum { BYTES = 8 << 20 };
	char *from = malloc(BYTES), *to = malloc(BYTES);

	for (;;) {
		memcpy(to, from, BYTES);
		memset(from, to[sink % BYTES], BYTES);
	}
}

static void sorting(void)
{
	enum { COUNT = 1 << 20 };
	static unsigned numbers[COUNT];

	for (unsigned seed = 1;;) {
		for (int i = 0; i < COUNT; i++) numbers[i] = seed = seed * 1103515245 + 12345;
		int compare(const void *, const void *);
		qsort(numbers, COUNT, sizeof *numbers, compare);
	}
}

int compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return x < y ? -1 : x > y;
}

/* quick for some time, then slow, in loops that end before they poll */
noinline static unsigned walk(const unsigned *next, unsigned at, int steps)
{
	while (steps-- > 0) at = next[at];
	return at;
}

static void walks(void)
{
	enum { COUNT = 1 << 20 };
	static unsigned next[COUNT];
	unsigned at = 0;

	for (unsigned i = 0; i < COUNT; i++) next[i] = (i * 5 + 12345) % COUNT;
	for (;;) {
		for (int i = 0; i < 1000; i++) nested_4();
		for (int i = 0; i < 1000; i++) at = walk(next, at, 1000);
		sink = at;
	}
}

static const struct kind {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "a loop", loop },
	{ "recursion", recursion },
	{ "loops in four functions", nested },
	{ "a tree of calls", tree_48 },
	{ "tail calls", tail_calls },
	{ "indirect tail calls", indirect_calls },
	{ "copies of memory", copies },
	{ "sorting", sorting },
	{ "walks through linked memory", walks },
};
#define KINDS (int)(sizeof kinds / sizeof *kinds)

/* what the handler of a busy program's timer does */
static volatile int alarms;
static sigjmp_buf out;

/* how late the handler runs is only printed: the machine may be busy */
enum { ALARMS = 20 };
static double set_at, late[ALARMS];

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void in_a_millisecond(void)
{
	set_at = now_ms();
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0 }, { 0, 1000 } }, 0);
}

static void count_and_exit(int sig)
{
	double sum = 0, worst = 0;

	late[alarms] = now_ms() - set_at - 1;
	if (++alarms < ALARMS) {
		in_a_millisecond();
		return;
	}
	for (int i = 0; i < ALARMS; i++) {
		sum += late[i];
		worst = late[i] > worst ? late[i] : worst;
	}
	printf("# late by %.2f ms, at worst %.2f\n", sum / ALARMS, worst);
	fflush(stdout);
	_exit(7);
}

static void jump_out(int sig)
{
	siglongjmp(out, 1);
}

static void every_millisecond(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 1000 }, { 0, 1000 } }, 0);
}

static pid_t begin(const char *what, int kind)
{
	char number[12];
	char *args[] = { "busy-loops", (char *)what, number, 0 };
	pid_t pid;

	sprintf(number, "%d", kind);
	return posix_spawn(&pid, "/proc/self/exe", 0, 0, args, 0) ? -1 : pid;
}

static int end_of(pid_t pid)
{
	int status;
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static double cpu_time(pid_t pid)
{
	clockid_t clock;
	struct timespec t;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t)) return -1;
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* until it has computed for another SECONDS, while this process sleeps and wakes */
static int computes(pid_t pid, double seconds)
{
	double end = cpu_time(pid) + seconds, used;

	while ((used = cpu_time(pid)) < end)
		if (used < 0 || nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, 0) || waitpid(pid, 0, WNOHANG) > 0) return 0;
	return 1;
}

static pid_t pid_shown(void)
{
	const char *at = strstr(shown, "running as ");

	return at ? atoi(at + strlen("running as ")) : -1;
}

#define CTRL_C "\003"
#define CTRL_Z "\032"

/* What somebody at a terminal does to it, and sees. */
static void at_a_prompt(int i)
{
	char what[100], line[200], self[100] = "";
	pid_t pid;
#define says(text) (snprintf(what, sizeof what, "%s: " text, kinds[i].name), what)

	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) exit(1);
	snprintf(line, sizeof line, "%s tell %d\n", self, i);
	ok(type_and_wait(line, "running as ") && wait_for("\n") && (pid = pid_shown()) > 0 && computes(pid, 0.02),
	   says("in the foreground of a terminal"));
	ok(type(CTRL_C, "\n") && type("echo $((100 + $?))\n", "230"), says("Ctrl-C ends it"));

	ok(type_and_wait(line, "running as ") && wait_for("\n") && (pid = pid_shown()) > 0 && computes(pid, 0.02) &&
	   type(CTRL_Z, "\n"), says("Ctrl-Z stops it"));
	ok(type("bg\n", "\n") && type("echo $((6 * 7))\n", "42") && computes(pid, 0.02) && type("echo $((7 * 8))\n", "56"),
	   says("in the background the shell answers"));
	ok(type("kill -9 %%; wait %%; echo $((100 + $?))\n", "237"), says("kill -9 ends it there"));
#undef says
}

static void each_kind(int i)
{
	char what[80];
#define says(text) (snprintf(what, sizeof what, "%s: " text, kinds[i].name), what)
	pid_t pid = begin("run", i);

	ok(computes(pid, 0.03), says("others run and sleep meanwhile"));
	kill(pid, SIGSTOP);
	int status;
	ok(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status), says("it can be stopped"));
	kill(pid, SIGCONT);
	ok(computes(pid, 0.01), says("and goes on"));
	kill(pid, SIGKILL);
	ok(end_of(pid) == SIGKILL, says("kill -9 ends it"));

	pid = begin("run", i);
	ok(computes(pid, 0.001) && !kill(pid, SIGINT) && end_of(pid) == SIGINT, says("SIGINT ends it"));
	ok(end_of(begin("alarms", i)) == 7 << 8, says("a timer's handler runs"));
	ok(end_of(begin("jumps", i)) == 0, says("a handler jumps out of it"));
}

/* the loop is in the function that the jump leads to */
static void jumps_within_a_function(void)
{
	volatile int jumps = 0;
	unsigned rounds = 0;

	signal(SIGALRM, jump_out);
	if (sigsetjmp(out, 1)) jumps++;
	if (jumps < 3) {
		every_millisecond();
		for (;;) rounds++;
	}
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0 } }, 0);
	ok(jumps == 3, "a handler jumps from a loop into the function that the loop is in");
}

/* and is where a jump before it has led */
static void jumps_after_a_jump(void)
{
	volatile int jumps = 0;
	unsigned rounds = 0;

	signal(SIGALRM, jump_out);
	every_millisecond();
	if (sigsetjmp(out, 1) && ++jumps < 3) {
		while (rounds++ >= 0) if (rounds % 7 == 8) return;
	}
	while (jumps < 3) rounds += jumps;
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0 } }, 0);
	ok(jumps == 3, "and from loops on all ways through that function");
}

static void *spins(void *arg)
{
	for (;;) sink++;
	return 0;
}

static void *spins_until_cancelled(void *arg)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);
	return spins(arg);
}

static void threads(void)
{
	pthread_t thread;
	void *result = 0;

	pthread_create(&thread, 0, spins_until_cancelled, 0);
	for (int i = 0; i < 20; i++) nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, 0);
	ok(1, "a thread sleeps while another computes");
	pthread_cancel(thread);
	ok(!pthread_join(thread, &result) && result == PTHREAD_CANCELED, "a thread that computes is cancelled at once if it wants that");
}

int main(int argc, char **argv)
{
	if (argc == 3) {
		void (*run)(void) = kinds[atoi(argv[2])].run;

		if (!strcmp(argv[1], "alarms")) {
			signal(SIGALRM, count_and_exit);
			in_a_millisecond();
		}
		if (!strcmp(argv[1], "jumps")) {
			signal(SIGALRM, jump_out);
			if (sigsetjmp(out, 1)) return 0;
			every_millisecond();
		}
		if (!strcmp(argv[1], "tell")) {
			printf("running as %d\n", getpid());
			fflush(stdout);
		}
		run();
		return 1;
	}
	for (int i = 0; i < KINDS; i++) each_kind(i);
	ok(start_shell(), "a shell on a terminal of its own");
	for (int i = 0; i < KINDS; i++) at_a_prompt(i);
	jumps_within_a_function();
	jumps_after_a_jump();
	threads();
	return tap_done();
}
