// SPDX-License-Identifier: MIT
/*
 * Handlers of the signals that traps cause. A trap destroys the frames below it, so a handler may report, exit, end its thread or
 * jump within its own frames, and what Linux would come back to is lost: the parts in #ifdef __wasm__ say what happens instead.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include "tap.h"

static volatile int zero, minus_one = -1, seven = 7;
static volatile uintptr_t nowhere = 0xfffffff0;

static void unreachable(void) { __builtin_trap(); }
static void divide(void) { seven = seven / zero; }
static void divide_too_far(void)
{
	volatile int least = INT32_MIN;
	zero = least / minus_one;
}
static void store(void) { *(volatile int *)nowhere = 1; }
static void call_null(void)
{
	void (*volatile function)(void) = NULL;
	function();
}
static int deeper(int depth)
{
	volatile char frame[16];
	frame[depth % 16] = depth;
	return deeper(depth + 1) + frame[depth / 2 % 16];
}
/* On wasm the engine's stack ends first, ... */
static void recurse(void) { zero = deeper(0); }
static int wider(int depth)
{
	volatile char frame[8192];
	frame[depth % 8192] = depth;
	return wider(depth + 1) + frame[depth / 2 % 8192];
}
/* ... and here the program's own. */
static void recurse_with_large_frames(void) { zero = wider(0); }

/* What a handler tells the test, through a pipe. */
struct report {
	int signal, code, own_mask, outer_mask, on_alternate_stack;
};

static int tube[2];
static _Alignas(16) char alternate[65536];
static void (*trap)(void);
static sigjmp_buf outside;
static volatile int depth;

static void on(int signal, void *handler, int flags)
{
	struct sigaction action = { .sa_flags = flags };

	action.sa_sigaction = (void (*)(int, siginfo_t *, void *))handler;
	sigaction(signal, &action, NULL);
}

static const int trap_signals[] = { SIGILL, SIGFPE, SIGSEGV, SIGBUS };

static void on_traps(void *handler, int flags)
{
	for (int i = 0; i < 4; i++)
		on(trap_signals[i], handler, flags);
}

static void use_alternate_stack(int flags)
{
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate), .ss_flags = flags };

	sigaltstack(&stack, NULL);
}

static void report(int signal, siginfo_t *info, void *context)
{
	char here;
	sigset_t mask;
	struct report r = { .signal = signal, .code = info->si_code };

	sigprocmask(SIG_SETMASK, NULL, &mask);
	r.own_mask = sigismember(&mask, signal);
	r.outer_mask = sigismember(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
	r.on_alternate_stack = &here >= alternate && &here < alternate + sizeof(alternate);
	write(tube[1], &r, sizeof(r));
}

static void report_and_exit(int signal, siginfo_t *info, void *context)
{
	report(signal, info, context);
	_exit(77);
}

/* Runs it in a child; its wait status. */
static int run(void (*body)(void))
{
	int status;
	pid_t child = fork();

	if (!child) {
		alarm(20);
		body();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status;
}

static int died_of(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status); }

static struct report told(void)
{
	struct report r = { 0 };

	read(tube[0], &r, sizeof(r));
	return r;
}

static void with_report(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	on_traps(report_and_exit, SA_SIGINFO);
	trap();
}

static void on_alternate_stack(void)
{
	use_alternate_stack(0);
	on_traps(report_and_exit, SA_SIGINFO | SA_ONSTACK);
	trap();
}

static void on_no_stack(void)
{
	on_traps(report_and_exit, SA_SIGINFO);
	recurse_with_large_frames();
}

static void *trap_in_thread(void *argument)
{
	trap();
	return NULL;
}

static void in_thread_with_report(void)
{
	pthread_t thread;

	on_traps(report_and_exit, SA_SIGINFO);
	pthread_create(&thread, NULL, trap_in_thread, NULL);
	pthread_join(thread, NULL);
}

static void exit_thread(int signal) { pthread_exit((void *)(intptr_t)signal); }

static void threads_end_alone(void)
{
	on_traps(exit_thread, 0);
	for (int i = 0; i < 200; i++) {
		pthread_t thread;
		void *result = NULL;

		pthread_create(&thread, NULL, trap_in_thread, NULL);
		if (pthread_join(thread, &result) || result != (void *)(intptr_t)SIGFPE)
			_exit(1);
	}
	_exit(78);
}

static int wake[2];
static void tell_and_wait(int signal)
{
	write(wake[1], "x", 1);
	for (;;)
		pause();
}

static void others_go_on(void)
{
	pthread_t thread;
	char byte;

	pipe(wake);
	on_traps(tell_and_wait, 0);
	pthread_create(&thread, NULL, trap_in_thread, NULL);
	if (read(wake[0], &byte, 1) != 1)
		_exit(1);
	/* The trapped thread sleeps in its handler. */
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	_exit(79);
}

static void dispositions(void *handler, int block)
{
	sigset_t all;

	on_traps(handler, 0);
	sigfillset(&all);
	if (block)
		sigprocmask(SIG_BLOCK, &all, NULL);
	trap();
}
static void ignored(void) { dispositions(SIG_IGN, 0); }
static void blocked(void) { dispositions(report_and_exit, 1); }

static void nothing(int signal) {}
static void returns_once(void)
{
	on_traps(nothing, SA_RESETHAND);
	trap();
}

static void jump_inside(int signal)
{
	sigjmp_buf here;
	volatile int jumps = 0;
	char *text = malloc(100);

	while (sigsetjmp(here, 1) < 100) {
		if (jumps < 100)
			siglongjmp(here, ++jumps);
		break;
	}
	snprintf(text, 100, "%d", jumps);
	_exit(!strcmp(text, "100") ? 80 : 1);
}
static void jumps_inside(void)
{
	on_traps(jump_inside, 0);
	trap();
}
static void jumps_inside_on_alternate_stack(void)
{
	use_alternate_stack(0);
	on_traps(jump_inside, SA_ONSTACK);
	trap();
}

static void in_first_handler(int signal)
{
	trap();
}
static void in_other_handler(void)
{
	on_traps(report_and_exit, SA_SIGINFO);
	on(SIGUSR1, in_first_handler, 0);
	raise(SIGUSR1);
}

static void divide_next(int signal) { divide(); }
static void one_after_another(void)
{
	on(SIGFPE, report_and_exit, SA_SIGINFO);
	on(SIGILL, divide_next, 0);
	unreachable();
}
static void same_again(void)
{
	on_traps(in_first_handler, 0);
	trap();
}
static void three_deep(int signal)
{
	if (++depth == 3)
		_exit(81);
	trap();
}
static void same_again_undeferred(void)
{
	on_traps(three_deep, SA_NODEFER);
	trap();
}

static volatile int ticks;
static void tick(int signal) { ticks++; }
static void live_on(int signal)
{
	struct itimerval timer = { { 0, 5000 }, { 0, 5000 } };
	int status;
	char byte;

	on(SIGALRM, tick, 0);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (ticks < 3)
		if (read(tube[0], &byte, 1) != -1 || errno != EINTR)
			_exit(1);
	timer = (struct itimerval) { 0 };
	setitimer(ITIMER_REAL, &timer, NULL);
	pid_t child = vfork();
	if (!child)
		_exit(5);
	if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 5)
		_exit(2);
	printf("# stdio in a handler\n");
	fflush(stdout);
	execl("/bin/sh", "sh", "-c", "exit 82", (char *)NULL);
	_exit(3);
}
static void lives_on(void)
{
	on_traps(live_on, 0);
	trap();
}

static void abort_handled(void)
{
	on(SIGABRT, report, SA_SIGINFO);
	abort();
}
static void jump_out(int signal) { siglongjmp(outside, signal); }
static void abort_left(void)
{
	on(SIGABRT, jump_out, 0);
	if (sigsetjmp(outside, 1) == SIGABRT)
		_exit(83);
	abort();
}
static void raised(void)
{
	for (int i = 0; i < 4; i++) {
		on(trap_signals[i], tick, 0);
		raise(trap_signals[i]);
		kill(getpid(), trap_signals[i]);
	}
	if (sigsetjmp(outside, 1) == SIGSEGV)
		_exit(ticks == 8 ? 84 : 1);
	on(SIGSEGV, jump_out, 0);
	raise(SIGSEGV);
}

/* A tracer sees the signal before the handler does. */
static int traced(void)
{
	int status;
	siginfo_t info;
	pid_t child = fork();

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		on_traps(report_and_exit, SA_SIGINFO);
		divide();
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGFPE)
		return 0;
	if (ptrace(PTRACE_GETSIGINFO, child, 0, &info) || info.si_signo != SIGFPE || info.si_code != FPE_INTDIV)
		return 0;
	ptrace(PTRACE_CONT, child, 0, SIGFPE);
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 77 && told().signal == SIGFPE;
}

#ifdef __wasm__
static void returns(void)
{
	on_traps(nothing, 0);
	trap();
}
static void jumps_into_lost_frames(void)
{
	on_traps(jump_out, 0);
	if (!sigsetjmp(outside, 1))
		trap();
	_exit(1);
}
static void from_vfork_child(void)
{
	on_traps(report_and_exit, SA_SIGINFO);
	if (!vfork())
		trap();
}
static void unaligned_atomic(void)
{
	int *volatile unaligned = (int *)(alternate + 1);

	__atomic_fetch_add(unaligned, 1, __ATOMIC_SEQ_CST);
}
static void convert(void)
{
	volatile double huge = 1e300;

	/* clang's own conversions do not trap */
	__asm__ volatile("local.get %0\ni32.trunc_f64_s\ndrop" : : "r"(huge));
}
static void forks(int signal)
{
	errno = 0;
	pid_t child = fork();

	if (!child)
		_exit(0);
	_exit(child > 0 || errno == ENOSYS ? 85 : 1);
}
static void forks_in_handler(void)
{
	on_traps(forks, 0);
	trap();
}
#endif

int main(void)
{
	static const struct {
		void (*trap)(void);
		int signal, code, other_code;
		const char *what;
	} traps[] = {
		{ unreachable, SIGILL, ILL_ILLOPN, ILL_ILLOPC, "unreachable" },
		{ divide, SIGFPE, FPE_INTDIV, 0, "a division by zero" },
		{ divide_too_far, SIGFPE, FPE_INTOVF, FPE_INTDIV, "a quotient that is no number" },
		{ store, SIGSEGV, SEGV_MAPERR, 0, "a store out of bounds" },
		{ call_null, SIGSEGV, SEGV_MAPERR, 0, "a call of NULL" },
		{ recurse, SIGSEGV, SEGV_MAPERR, SEGV_ACCERR, "endless recursion" },
		{ recurse_with_large_frames, SIGSEGV, SEGV_MAPERR, SEGV_ACCERR, "a stack that runs over" },
#ifdef __wasm__
		{ unaligned_atomic, SIGBUS, BUS_ADRALN, 0, "an unaligned atomic" },
		{ convert, SIGFPE, FPE_FLTINV, 0, "a trapping conversion" },
#endif
	};
	char what[100];
	struct report r;
	int status;

	pipe(tube);
	for (unsigned i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		int overflows = traps[i].trap == recurse || traps[i].trap == recurse_with_large_frames;

		trap = traps[i].trap;
		if (!overflows) {
			status = run(with_report);
			r = status == 77 << 8 ? told() : (struct report) { 0 };
			snprintf(what, sizeof(what), "%s runs the handler: signal %d, code %d", traps[i].what, r.signal, r.code);
			ok(r.signal == traps[i].signal && (r.code == traps[i].code || r.code == traps[i].other_code), what);
			ok(r.own_mask && r.outer_mask, "with the signal blocked, and the mask as it was in the context");
			status = run(in_thread_with_report);
			ok(status == 77 << 8 && told().signal == traps[i].signal, "in a thread too");
		}
		status = run(on_alternate_stack);
		r = status == 77 << 8 ? told() : (struct report) { 0 };
		snprintf(what, sizeof(what), "%s runs it on the alternate stack: status %x", traps[i].what, status);
		ok(r.signal == traps[i].signal && r.on_alternate_stack, what);
	}
	ok(died_of(run(on_no_stack)) == SIGSEGV, "without one, a stack that runs over kills");

	trap = divide;
	ok(died_of(run(ignored)) == SIGFPE, "ignored, the signal kills");
	ok(died_of(run(blocked)) == SIGFPE, "blocked, too");
	ok(died_of(run(returns_once)) == SIGFPE, "a handler that is reset and returns ends in the signal");
	ok(died_of(run(jumps_inside)) == -80, "a handler jumps within its own frames");
	ok(died_of(run(jumps_inside_on_alternate_stack)) == -80, "on the alternate stack too");
	ok(died_of(run(in_other_handler)) == -77 && told().signal == SIGFPE, "a trap in a handler runs its own handler");
	ok(died_of(run(one_after_another)) == -77 && told().signal == SIGFPE, "a trap in a trap's handler, too");
	ok(died_of(run(same_again)) == SIGFPE, "the same trap again kills");
	ok(died_of(run(same_again_undeferred)) == -81, "unless it is not deferred");
	ok(died_of(run(threads_end_alone)) == -78, "a handler may end its thread, many times");
	ok(died_of(run(others_go_on)) == -79, "others go on while a trap's handler sleeps, and may cancel its thread");
	ok(died_of(run(lives_on)) == -82, "a handler has signals, restarts, vfork, stdio and exec");
	ok(died_of(run(abort_handled)) == SIGABRT && told().signal == SIGABRT, "abort() runs its handler and ends in SIGABRT");
	ok(died_of(run(abort_left)) == -83, "a handler may jump out of abort()");
	ok(died_of(run(raised)) == -84, "signals that are only sent are handled like others");
	ok(traced(), "a tracer sees a trap's signal first");
#ifdef __wasm__
	ok(died_of(run(returns)) == SIGFPE, "when the handler returns the program ends in the signal");
	ok(died_of(run(jumps_into_lost_frames)) == SIGILL, "a jump to frames that are lost is SIGILL");
	trap = unreachable;
	ok(died_of(run(jumps_into_lost_frames)) == SIGILL, "whatever handler that has");
	ok(died_of(run(from_vfork_child)) == SIGILL, "a vfork child's trap runs no handler and takes the parent along");
	trap = store;
	ok(died_of(run(forks_in_handler)) == -85, "fork in a handler works or says ENOSYS");
#endif
	return tap_done();
}
