// SPDX-License-Identifier: MIT
/*
 * When a signal is delivered and on which stack: masks of calls and of handlers, alternate stacks, the queue and its limit, which
 * thread, POSIX timers, jumps out of handlers without end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include "tap.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static volatile int count, order[64], orders;
static char *volatile at;
static volatile pid_t in_thread;
static sigjmp_buf target;
static _Alignas(16) char alternate[32768], second[32768];

static void tick(int signal) { count++; }
static void note(int signal) { order[orders++] = signal; }
static void note_value(int signal, siginfo_t *info, void *context) { order[orders++] = info->si_value.sival_int; }
static void note_thread(int signal)
{
	in_thread = gettid();
	count++;
}

static void on(int signal, void *handler, int flags, int masked)
{
	struct sigaction action = { .sa_flags = flags };

	action.sa_sigaction = (void (*)(int, siginfo_t *, void *))handler;
	sigemptyset(&action.sa_mask);
	if (masked)
		sigaddset(&action.sa_mask, masked);
	sigaction(signal, &action, NULL);
}

static sigset_t set_of(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	if (a)
		sigaddset(&set, a);
	if (b)
		sigaddset(&set, b);
	return set;
}

static sigset_t mask(void)
{
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	return set;
}

static void block(int how, int a, int b)
{
	sigset_t set = set_of(a, b);

	sigprocmask(how, &set, NULL);
}

static void send_second(int signal)
{
	note(signal);
	raise(SIGUSR2);
	note(-signal);
}
static void change_own_mask(int signal)
{
	block(SIG_BLOCK, SIGHUP, 0);
}

static void of_handlers(void)
{
	on(SIGUSR1, send_second, 0, SIGUSR2);
	on(SIGUSR2, note, 0, 0);
	raise(SIGUSR1);
	ok(orders == 3 && order[0] == SIGUSR1 && order[1] == -SIGUSR1 && order[2] == SIGUSR2, "sa_mask holds others back");
	orders = 0;
	on(SIGUSR1, send_second, 0, 0);
	raise(SIGUSR1);
	ok(orders == 3 && order[1] == SIGUSR2 && order[2] == -SIGUSR1, "without it they interrupt the handler");
	orders = 0;
	on(SIGUSR1, change_own_mask, 0, 0);
	raise(SIGUSR1);
	sigset_t now = mask();
	ok(!sigismember(&now, SIGHUP), "what a handler blocks is open again behind it");
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	now = mask();
	ok(!sigismember(&now, SIGKILL) && !sigismember(&now, SIGSTOP) && sigismember(&now, SIGTERM), "SIGKILL and SIGSTOP can't be blocked");
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	block(SIG_BLOCK, SIGUSR1, 0);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	sigset_t pending;
	sigpending(&pending);
	ok(!sigismember(&pending, SIGUSR1), "ignoring a pending signal drops it");
	on(SIGUSR1, tick, 0, 0);
	raise(SIGUSR1);
	pid_t child = fork();
	if (!child) {
		sigpending(&pending);
		now = mask();
		_exit(sigismember(&pending, SIGUSR1) || !sigismember(&now, SIGUSR1));
	}
	int status;
	waitpid(child, &status, 0);
	ok(!status, "a child has the mask, and no pending signal");
	count = 0;
	block(SIG_UNBLOCK, SIGUSR1, 0);
	ok(count == 1, "its parent still has");
}

/* Where handlers run. */
static int within(char *p, char *stack) { return p >= stack && p < stack + 32768; }
static void where(int signal)
{
	char here;
	at = &here;
}
static stack_t inside;
static volatile int change_error, nested_within;
static void look(int signal, siginfo_t *info, void *context)
{
	char here;

	at = &here;
	if (signal == SIGUSR2) {
		nested_within = within(at, alternate);
		return;
	}
	sigaltstack(NULL, &inside);
	stack_t other = { .ss_sp = second, .ss_size = sizeof(second) };
	errno = 0;
	change_error = sigaltstack(&other, NULL) ? errno : 0;
	raise(SIGUSR2);
}
static stack_t of_context;
static void look_at_context(int signal, siginfo_t *info, void *context) { of_context = ((ucontext_t *)context)->uc_stack; }
static void set_other(int signal)
{
	stack_t other = { .ss_sp = second, .ss_size = sizeof(second) };
	sigaltstack(&other, NULL);
}
static void jump(int signal) { siglongjmp(target, 1); }

static void of_stacks(void)
{
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) }, now;

	errno = 0;
	ok(sigaltstack(&(stack_t){ .ss_sp = alternate, .ss_size = 100 }, NULL) == -1 && errno == ENOMEM, "a small stack is ENOMEM");
	errno = 0;
	ok(sigaltstack(&(stack_t){ .ss_sp = alternate, .ss_size = 32768, .ss_flags = 77 }, NULL) == -1 && errno == EINVAL, "unknown flags are EINVAL");
	sigaltstack(&stack, NULL);
	on(SIGUSR1, look, SA_SIGINFO | SA_ONSTACK, 0);
	on(SIGUSR2, look, SA_SIGINFO | SA_ONSTACK, 0);
	raise(SIGUSR1);
	ok(inside.ss_flags == SS_ONSTACK && change_error == EPERM, "a handler on the stack sees so and can't change it");
	ok(nested_within, "a nested one stays on it");
	on(SIGUSR1, look_at_context, SA_SIGINFO, 0);
	raise(SIGUSR1);
	ok(of_context.ss_sp == alternate && of_context.ss_size == sizeof(alternate), "uc_stack is the alternate stack");
	on(SIGUSR1, set_other, 0, 0);
	raise(SIGUSR1);
	sigaltstack(NULL, &now);
	ok(now.ss_sp == alternate, "a handler's change ends with it");

	stack.ss_flags = SS_AUTODISARM;
	sigaltstack(&stack, NULL);
	on(SIGUSR1, look, SA_SIGINFO | SA_ONSTACK, 0);
	raise(SIGUSR1);
	ok(inside.ss_flags == SS_DISABLE && !change_error, "SS_AUTODISARM: it is free within the handler");
	sigaltstack(NULL, &now);
	ok(now.ss_sp == alternate && (unsigned)now.ss_flags == SS_AUTODISARM, "and set again behind it");
	on(SIGUSR1, where, SA_ONSTACK, 0);
	raise(SIGUSR1);
	ok(within(at, alternate), "the handler does run on it");
	on(SIGUSR1, jump, SA_ONSTACK, 0);
	if (!sigsetjmp(target, 1))
		raise(SIGUSR1);
	sigaltstack(NULL, &now);
	ok(now.ss_flags == SS_DISABLE, "a jump leaves it disarmed");

	stack.ss_flags = 0;
	sigaltstack(&stack, NULL);
	pid_t child = fork();
	int status;
	if (!child) {
		on(SIGUSR1, where, SA_ONSTACK, 0);
		raise(SIGUSR1);
		_exit(!within(at, alternate));
	}
	waitpid(child, &status, 0);
	ok(!status, "a child inherits it");
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
}

static void of_the_queue(void)
{
	union sigval value;
	sigset_t set;

	orders = 0;
	sigemptyset(&set);
	for (int s = SIGRTMIN; s < SIGRTMIN + 4; s++) {
		on(s, note_value, SA_SIGINFO, 0);
		sigaddset(&set, s);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int round = 0; round < 3; round++)
		for (int s = SIGRTMIN + 3; s >= SIGRTMIN; s--) {
			value.sival_int = (s - SIGRTMIN) * 10 + round;
			sigqueue(getpid(), s, value);
		}
	siginfo_t info;
	int right = 1;
	for (int s = 0; s < 4; s++)
		for (int round = 0; round < 3; round++)
			right &= sigwaitinfo(&set, &info) == SIGRTMIN + s && info.si_value.sival_int == s * 10 + round;
	ok(right, "real-time signals: the lowest number first, in the order they were sent");

	struct rlimit limit, five = { 5, 5 };
	pid_t child = fork();
	int status;
	if (!child) {
		int sent = 0;
		if (!getuid())
			setuid(61235);
		getrlimit(RLIMIT_SIGPENDING, &limit);
		five.rlim_max = limit.rlim_max;
		setrlimit(RLIMIT_SIGPENDING, &five);
		while (!sigqueue(getpid(), SIGRTMIN, value) && sent < 100)
			sent++;
		if (sent != 5 || errno != EAGAIN)
			_exit(1);
		/* kill() needs no place in the queue */
		_exit(kill(getpid(), SIGRTMIN + 1) != 0);
	}
	waitpid(child, &status, 0);
	ok(!status, "RLIMIT_SIGPENDING: EAGAIN for sigqueue, not for kill");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Calls that take a mask: a pending signal is let in, and only meanwhile. */
static void of_calls(void)
{
	struct timespec forever = { 1000, 0 };
	struct epoll_event event;
	sigset_t none = set_of(0, 0), now;
	int poller = epoll_create1(0), tube[2];
	long r[4];

	pipe(tube);
	on(SIGUSR1, tick, SA_RESTART, 0);
	block(SIG_BLOCK, SIGUSR1, 0);
	for (int i = 0; i < 4; i++) {
		count = 0;
		raise(SIGUSR1);
		errno = 0;
		switch (i) {
		case 0: r[i] = ppoll(NULL, 0, &forever, &none); break;
		case 1: r[i] = pselect(0, NULL, NULL, NULL, &forever, &none); break;
		case 2: r[i] = epoll_pwait(poller, &event, 1, -1, &none); break;
		case 3: r[i] = sigsuspend(&none); break;
		}
		r[i] = r[i] == -1 && errno == EINTR && count == 1;
		now = mask();
		r[i] &= sigismember(&now, SIGUSR1);
	}
	ok(r[0], "ppoll lets a pending signal in");
	ok(r[1], "pselect");
	ok(r[2], "epoll_pwait");
	ok(r[3], "sigsuspend");
	struct pollfd ready = { tube[1], POLLOUT };
	count = 0;
	raise(SIGUSR1);
	ok(ppoll(&ready, 1, NULL, &none) == 1 && !count, "what is ready comes before a signal");
	block(SIG_UNBLOCK, SIGUSR1, 0);
	ok(count == 1, "which then stays pending");
	close(poller);
	close(tube[0]);
	close(tube[1]);
}

static pthread_barrier_t barrier;
static pid_t other;
static volatile int done;
static void *sleep_unblocked(void *argument)
{
	other = gettid();
	block(SIG_UNBLOCK, SIGUSR1, 0);
	pthread_barrier_wait(&barrier);
	while (!done)
		usleep(1000);
	return NULL;
}
static void *wait_for_signal(void *argument)
{
	sigset_t set = set_of(SIGUSR2, 0);
	siginfo_t info;

	pthread_barrier_wait(&barrier);
	return (void *)(long)(sigwaitinfo(&set, &info) == SIGUSR2 && info.si_value.sival_int == 5);
}

static void of_threads(void)
{
	pthread_t thread;
	void *result;
	sigset_t pending;

	pthread_barrier_init(&barrier, NULL, 2);
	on(SIGUSR1, note_thread, 0, 0);
	block(SIG_BLOCK, SIGUSR1, SIGUSR2);
	pthread_create(&thread, NULL, sleep_unblocked, NULL);
	pthread_barrier_wait(&barrier);
	count = 0;
	kill(getpid(), SIGUSR1);
	while (!count)
		usleep(1000);
	ok(in_thread == other, "a process's signal goes to a thread that does not block it");
	count = 0;
	pthread_kill(pthread_self(), SIGUSR1);
	sigpending(&pending);
	ok(!count && sigismember(&pending, SIGUSR1), "a thread's own signal waits for it");
	block(SIG_UNBLOCK, SIGUSR1, 0);
	ok(count == 1 && in_thread == gettid(), "and is handled there");
	count = 0;
	syscall(SYS_tgkill, getpid(), other, SIGUSR1);
	while (!count)
		usleep(1000);
	ok(in_thread == other, "tgkill chooses the thread");
	errno = 0;
	ok(syscall(SYS_tgkill, getpid() + 1, other, 0) == -1 && errno == ESRCH, "in the right process only");
	done = 1;
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, wait_for_signal, NULL);
	pthread_barrier_wait(&barrier);
	sigqueue(getpid(), SIGUSR2, (union sigval) { .sival_int = 5 });
	pthread_join(thread, &result);
	ok(result, "a thread in sigwaitinfo takes a process's signal");
	block(SIG_UNBLOCK, SIGUSR1, SIGUSR2);
}

static sem_t notified;
static volatile int notified_value;
static void notify(union sigval value)
{
	notified_value = value.sival_int;
	sem_post(&notified);
}

static void of_timers(void)
{
	struct itimerspec fast = { { 0, 1000000 }, { 0, 1000000 } }, once = { .it_value.tv_nsec = 1000000 }, left;
	struct itimerspec late = { .it_value.tv_sec = 1000 }, off = { 0 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	sigset_t set = set_of(SIGRTMIN, SIGALRM);
	siginfo_t info;
	timer_t timer;

	sigprocmask(SIG_BLOCK, &set, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &fast, NULL);
	usleep(20000);
	ok(sigwaitinfo(&set, &info) == SIGRTMIN && info.si_overrun > 0 && timer_getoverrun(timer) >= info.si_overrun,
	   "a timer counts what it overran");
	timer_settime(timer, 0, &late, &left);
	timer_gettime(timer, &left);
	ok(left.it_value.tv_sec >= 998 && left.it_value.tv_sec <= 1000 && !left.it_interval.tv_nsec, "timer_gettime tells the rest");
	timer_settime(timer, 0, &off, NULL);
	timer_gettime(timer, &left);
	ok(!left.it_value.tv_sec && !left.it_value.tv_nsec, "0 disarms");
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	timer_delete(timer);
	while (sigtimedwait(&set, &info, &(struct timespec) { 0, 0 }) > 0)
		;
	timer_create(CLOCK_REALTIME, &event, &timer);
	struct itimerspec then = { .it_value = now };
	timer_settime(timer, TIMER_ABSTIME, &then, NULL);
	ok(sigwaitinfo(&set, &info) == SIGRTMIN, "an absolute time that has passed is due");
	timer_delete(timer);

	event = (struct sigevent) { .sigev_notify = SIGEV_NONE };
	ok(!timer_create(CLOCK_MONOTONIC, &event, &timer) && !timer_settime(timer, 0, &once, NULL), "SIGEV_NONE: a timer to look at");
	do
		timer_gettime(timer, &left);
	while (left.it_value.tv_nsec);
	timer_delete(timer);
	sigset_t pending;
	sigpending(&pending);
	ok(!sigismember(&pending, SIGRTMIN) && !sigismember(&pending, SIGALRM), "that sends nothing");

	event = (struct sigevent) { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
#ifdef sigev_notify_thread_id
	event.sigev_notify_thread_id = gettid();
#else
	event._sigev_un._tid = gettid();
#endif
	ok(!timer_create(CLOCK_MONOTONIC, &event, &timer) && !timer_settime(timer, 0, &once, NULL)
	   && sigwaitinfo(&set, &info) == SIGRTMIN && info.si_code == SI_TIMER, "SIGEV_THREAD_ID");
	timer_delete(timer);
	sem_init(&notified, 0, 0);
	event = (struct sigevent) { .sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = 66 };
	event.sigev_notify_function = notify;
	ok(!timer_create(CLOCK_MONOTONIC, &event, &timer) && !timer_settime(timer, 0, &fast, NULL), "SIGEV_THREAD");
	for (int i = 0; i < 3; i++)
		while (sem_wait(&notified))
			;
	ok(notified_value == 66, "calls a function in a thread, with its value");
	timer_delete(timer);
	timer_create(CLOCK_MONOTONIC, NULL, &timer);
	timer_settime(timer, 0, &once, NULL);
	ok(sigwaitinfo(&set, &info) == SIGALRM && info.si_code == SI_TIMER, "without an event it is SIGALRM");
	timer_delete(timer);
	event = (struct sigevent) { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
	errno = 0;
	ok(timer_create(CLOCK_MONOTONIC, &event, &timer) == -1 && errno == EINVAL, "a wrong signal is EINVAL");

	on(SIGVTALRM, tick, 0, 0);
	on(SIGPROF, tick, 0, 0);
	struct itimerval soon = { .it_value.tv_usec = 2000 };
	count = 0;
	setitimer(ITIMER_VIRTUAL, &soon, NULL);
	while (!count)
		for (volatile int i = 0; i < 10000; i++)
			if (i % 1000 == 0)
				getppid();
	ok(count == 1, "ITIMER_VIRTUAL");
	setitimer(ITIMER_PROF, &soon, NULL);
	while (count < 2)
		getppid();
	ok(count == 2, "ITIMER_PROF");
	ok(alarm(100) == 0 && alarm(0) >= 99 && alarm(0) == 0, "alarm tells the rest of the one before");
	alarm(1);
	ok(sigwaitinfo(&set, &info) == SIGALRM, "and sends SIGALRM");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void jump_up(int signal) { siglongjmp(target, signal); }
static sigjmp_buf inner;
static void jump_inner(int signal) { siglongjmp(inner, 1); }
static void jump_from_nested(int signal)
{
	if (!sigsetjmp(inner, 1))
		raise(SIGUSR2);
	count++;
	siglongjmp(target, 1);
}

static void of_jumps(void)
{
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	char here, *volatile first = &here;
	volatile int i, same = 1, rounds = 100000;
	struct rusage before, after;

	on(SIGUSR1, jump_up, 0, 0);
	getrusage(RUSAGE_SELF, &before);
	for (i = 0; i < rounds; i++) {
		char local;
		same &= first - &local < 4096;
		if (!sigsetjmp(target, 1))
			raise(SIGUSR1);
	}
	getrusage(RUSAGE_SELF, &after);
	ok(same && after.ru_maxrss - before.ru_maxrss < 1024, "100,000 jumps out of handlers take no stack and no memory");
	sigaltstack(&stack, NULL);
	on(SIGUSR1, jump_up, SA_ONSTACK, 0);
	for (i = 0; i < rounds; i++)
		if (!sigsetjmp(target, 1))
			raise(SIGUSR1);
	ok(i == rounds, "nor do those off the alternate stack");
	on(SIGUSR1, jump_from_nested, SA_ONSTACK, 0);
	on(SIGUSR2, jump_inner, SA_ONSTACK, 0);
	count = 0;
	for (i = 0; i < 10000; i++)
		if (!sigsetjmp(target, 1))
			raise(SIGUSR1);
	ok(count == 10000, "handlers jump into handlers and out of them");
	sigset_t now = mask();
	ok(!sigismember(&now, SIGUSR1) && !sigismember(&now, SIGUSR2), "and the mask is as it was");
	if (!sigsetjmp(target, 0))
		raise(SIGUSR1);
	now = mask();
	ok(sigismember(&now, SIGUSR1), "unless sigsetjmp did not save it");
	block(SIG_UNBLOCK, SIGUSR1, 0);
	on(SIGALRM, jump_up, 0, 0);
	struct itimerval soon = { .it_value.tv_usec = 1000 };
	for (i = 0; i < 20; i++)
		if (!sigsetjmp(target, 1)) {
			setitimer(ITIMER_REAL, &soon, NULL);
			for (;;)
				pause();
		}
	ok(i == 20, "and out of blocking calls");
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
}

extern char **environ;
static void of_new_processes(void)
{
	posix_spawnattr_t attributes;
	char *arguments[] = { "sh", "-c", "kill -USR1 $$; kill -TERM $$; exit 0", NULL };
	sigset_t set = set_of(SIGTERM, 0), defaults = set_of(SIGUSR1, 0);
	int status;
	pid_t child;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	posix_spawnattr_init(&attributes);
	ok(!posix_spawn(&child, "/bin/sh", NULL, &attributes, arguments, environ) && waitpid(child, &status, 0) == child
	   && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "what is ignored stays ignored in a new program");
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setsigmask(&attributes, &set);
	ok(!posix_spawn(&child, "/bin/sh", NULL, &attributes, arguments, environ) && waitpid(child, &status, 0) == child
	   && WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1, "or is set to its default by posix_spawn");
	on(SIGALRM, tick, 0, 0);
	struct itimerval fast = { { 0, 500 }, { 0, 500 } }, off = { 0 };
	count = 0;
	setitimer(ITIMER_REAL, &fast, NULL);
	int right = 1;
	char *true_arguments[] = { "true", NULL };
	for (int i = 0; i < 100 && right; i++) {
		if (i % 2) {
			right &= !posix_spawn(&child, "/bin/true", NULL, NULL, true_arguments, environ);
		} else {
			child = vfork();
			if (!child)
				_exit(0);
		}
		while (waitpid(child, &status, 0) != child)
			;
		right &= status == 0;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	ok(right && count, "signals arrive around vfork and posix_spawn");
	ok(!system("exit 0") , "system");
}

int main(void)
{
	of_handlers();
	of_stacks();
	of_the_queue();
	of_calls();
	of_threads();
	of_timers();
	of_jumps();
	of_new_processes();
	return tap_done();
}
