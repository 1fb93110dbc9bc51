/* SPDX-License-Identifier: MIT */
/* Signals: they arrive with system calls, and user code calls the handlers. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include "tap.h"

static volatile int got, depth, deepest, order[8], orders;
static siginfo_t info;
static sigset_t context_mask;
static sigjmp_buf target;

static void count(int sig) { got = sig; }
static void note(int sig) { order[orders++] = sig; }
static void with_info(int sig, siginfo_t *si, void *context)
{
	got = sig;
	info = *si;
	context_mask = ((ucontext_t *)context)->uc_sigmask;
}
static void unmask(int sig, siginfo_t *si, void *context)
{
	sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
}
static void jump(int sig) { siglongjmp(target, sig); }
static void nest(int sig)
{
	if (++depth > deepest) deepest = depth;
	if (depth < 4) raise(sig);
	depth--;
}
static char *stack_at;
static void where(int sig)
{
	char here;
	stack_at = &here;
}
static void where_jump(int sig)
{
	where(sig);
	siglongjmp(target, 1);
}

static void on(int sig, void *handler, int flags)
{
	struct sigaction sa = { .sa_flags = flags };
	sa.sa_handler = (void (*)(int))handler;
	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, 0);
}

static sigset_t only(int sig)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

int main(void)
{
	sigset_t set, old;

	on(SIGUSR1, count, 0);
	raise(SIGUSR1);
	ok(got == SIGUSR1, "a handler runs before raise returns");

	on(SIGUSR2, with_info, SA_SIGINFO);
	set = only(SIGHUP);
	sigprocmask(SIG_SETMASK, &set, 0);
	sigqueue(getpid(), SIGUSR2, (union sigval){ .sival_int = 4711 });
	ok(got == SIGUSR2 && info.si_signo == SIGUSR2 && info.si_code == SI_QUEUE
	   && info.si_pid == getpid() && info.si_value.sival_int == 4711, "siginfo_t tells who and what");
	ok(sigismember(&context_mask, SIGHUP) && !sigismember(&context_mask, SIGUSR2),
	   "uc_sigmask is the interrupted mask");
	on(SIGUSR1, unmask, SA_SIGINFO);
	raise(SIGUSR1);
	sigprocmask(SIG_SETMASK, 0, &old);
	ok(sigismember(&old, SIGUSR2), "and a handler may change it");
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, 0);

	on(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	ok(deepest == 4 && depth == 0, "with SA_NODEFER handlers nest");

	set = only(SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN);
	on(SIGUSR1, note, 0);
	on(SIGUSR2, note, 0);
	on(SIGRTMIN, note, 0);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR2);
	raise(SIGUSR1);
	raise(SIGUSR1);
	for (int i = 0; i < 3; i++) sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 });
	ok(orders == 0, "a blocked signal waits");
	sigpending(&set);
	ok(sigismember(&set, SIGUSR1) && sigismember(&set, SIGUSR2), "sigpending lists it");
	sigprocmask(SIG_SETMASK, &old, 0);
	int realtime = 0, ordinary = 0;
	for (int i = 0; i < orders; i++) order[i] == SIGRTMIN ? realtime++ : ordinary++;
	ok(orders == 5 && ordinary == 2 && realtime == 3,
	   "unblocked all arrive, the ordinary once each, the real-time ones all");

	on(SIGTERM, jump, 0);
	volatile int jumps = 0;
	for (volatile int i = 0; i < 100; i++) {
		int value = sigsetjmp(target, 1);
		if (!value) raise(SIGTERM);
		else jumps += value == SIGTERM;
	}
	ok(jumps == 100, "a handler jumps out, again and again");
	sigprocmask(SIG_SETMASK, 0, &old);
	ok(!sigismember(&old, SIGTERM), "and the mask is as before");

	on(SIGUSR1, count, SA_RESETHAND);
	raise(SIGUSR1);
	struct sigaction sa;
	sigaction(SIGUSR1, 0, &sa);
	ok(sa.sa_handler == SIG_DFL, "SA_RESETHAND resets");

	int fds[2];
	pipe(fds);
	struct itimerval timer = { .it_value.tv_usec = 20000 }, off = { 0 };
	/* Again and again: the first may come before the read has begun. */
	struct itimerval ticks = { .it_value.tv_usec = 20000, .it_interval.tv_usec = 20000 };
	char byte;
	on(SIGALRM, count, 0);
	got = 0;
	setitimer(ITIMER_REAL, &ticks, 0);
	errno = 0;
	ok(read(fds[0], &byte, 1) == -1 && errno == EINTR && got == SIGALRM,
	   "without SA_RESTART a read is interrupted");
	setitimer(ITIMER_REAL, &off, 0);
	set = only(SIGALRM);
	got = 0;
	sigprocmask(SIG_BLOCK, &set, &old);
	setitimer(ITIMER_REAL, &timer, 0);
	sigset_t none;
	sigemptyset(&none);
	ok(sigsuspend(&none) == -1 && errno == EINTR && got == SIGALRM, "sigsuspend waits for a handler");
	setitimer(ITIMER_REAL, &timer, 0);
	ok(sigtimedwait(&set, &info, 0) == SIGALRM, "sigtimedwait takes a blocked signal");
	sigprocmask(SIG_SETMASK, &old, 0);

	static char alternate[16384];
	stack_t ss = { .ss_sp = alternate, .ss_size = sizeof alternate }, was;
	ok(sigaltstack(&ss, 0) == 0, "an alternate stack is set");
	sigaltstack(0, &was);
	ok(was.ss_sp == alternate && was.ss_size == sizeof alternate && was.ss_flags == 0, "and told");
	on(SIGUSR1, where, SA_ONSTACK);
	raise(SIGUSR1);
	ok(stack_at >= alternate && stack_at < alternate + sizeof alternate, "a handler with SA_ONSTACK runs on it");
	on(SIGUSR1, where_jump, SA_ONSTACK);
	if (!sigsetjmp(target, 1)) raise(SIGUSR1);
	char here;
	ok(stack_at >= alternate && stack_at < alternate + sizeof alternate
	   && !(&here >= alternate && &here < alternate + sizeof alternate), "and may jump away from it");
	on(SIGUSR1, where, 0);
	raise(SIGUSR1);
	ok(!(stack_at >= alternate && stack_at < alternate + sizeof alternate), "one without does not");
	ss.ss_flags = SS_DISABLE;
	ok(sigaltstack(&ss, 0) == 0, "and it is given up");

	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	ok(1, "an ignored signal is ignored");
	errno = 0;
	ok(signal(SIGKILL, SIG_IGN) == SIG_ERR && errno == EINVAL, "SIGKILL can't be");
	return tap_done();
}
