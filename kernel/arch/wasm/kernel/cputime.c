// SPDX-License-Identifier: GPL-2.0
/*
 * Whose time was it: the program's or the kernel's? Nothing ticks while a program
 * computes, and a look at the clock on the way into and out of each system call
 * would cost more than a small call does. So:
 *
 * - Each look at the clock shares out the time since the last one. That is exact
 *   wherever no way in or out was passed unseen: in the kernel, across switches,
 *   at polls, and in slow programs, where each way in and out is a look.
 * - Calls that were seen to be long get a look at both ends (long_call()).
 * - What remains is small calls, many between two looks. Each counts as long as
 *   such calls of the program took in samples, and the rest is the program's. For
 *   a sample some ways in and out in a row are all looked at. Samples are taken by
 *   calls, not by time, and begin at random, so that each call is as likely to be
 *   in one as another. They take half a hundredth of the time.
 *
 * The sums go to the kernel's counters as if by ticks, of any length. What a task
 * has run in all is the scheduler's own figure: getrusage() and /proc split that
 * by these sums (cputime_adjust()).
 */
#include <linux/kernel_stat.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/task.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

/* A look of a sample is paid for by as much time; how many looks may be saved up. */
#define LOOK_NS		10000
#define SAMPLE_NS	(8 * LOOK_NS)
#define SAVED_MAX_NS	(24 * LOOK_NS)

/* Older samples count half each time that so many have come together. */
#define SAMPLED_CALLS	1024
/* And what a child inherits is soon outweighed. */
#define INHERITED_CALLS	16

/* What may be owed to the kernel's counters. */
#define OWED_NS		65536

bool wasm_user_ran;
bool wasm_sample_begins;
bool wasm_sample_spoilt;

static u64 since;
static u32 saved, look_cost;	/* the latter in eighths of ns */
static enum { UNSEEN, PLANNED, SAMPLING } state;

/* In samples nothing counts more than this: it was another's turn on the host. */
#define SMALL_NS	8192

/* A call that takes longer is long, one that takes less again and again is not. */
#define LONG_NS		4000
#define SHORT_NS	1000
#define SHORT_CALLS	4

syscall_fn_t wasm_calls[NR_syscalls];
static u8 short_calls[NR_syscalls];

#define NO_CALL		NR_syscalls
static u32 ending_call = NO_CALL;

static void notrace judge_call(u32 ns);

static void notrace add_sample(struct wasm_call_cost *cost, bool in_user, u32 elapsed)
{
	/* A look brings work of its own, an interrupt say: none of the call's. */
	if (wasm_sample_spoilt) {
		if (in_user)
			wasm_sample_spoilt = false;
		return;
	}
	if (!in_user) {
		cost->ns += (s32)min_t(u32, elapsed, SMALL_NS) - (s32)(look_cost / 8);
		return;
	}
	cost->calls++;
	cost->mean_ns = max(cost->ns, 0) / cost->calls;
	if (cost->calls >= SAMPLED_CALLS) {
		cost->ns /= 2;
		cost->calls /= 2;
	}
}

/*
 * At each look. ways: how many ways in and out may have passed since budget was
 * granted last, this one included.
 */
void notrace wasm_share_out(u64 now, u32 ways)
{
	struct thread_struct *t = &wasm_current->thread;
	u32 elapsed = min_t(u64, now - since, U32_MAX), system = elapsed;

	since = now;
	if (wasm_user_ran && !(t->in_user && ways <= 1)) {
		system = min_t(u32, elapsed, (ways + 1) / 2 * t->call_cost.mean_ns);
	} else {
		if (wasm_user_ran)
			system = 0;
		if (state == SAMPLING)
			add_sample(&t->call_cost, wasm_user_ran, elapsed);
		if (!wasm_user_ran && unlikely(elapsed > LONG_NS || ending_call != NO_CALL))
			judge_call(elapsed);
	}
	wasm_user_ran = false;
	t->system_ns += system;
	t->user_ns += elapsed - system;
}

/* Of the units that may be spent unseen until the next look. */
u32 notrace wasm_plan_samples(u32 elapsed, u32 granted)
{
	static u32 random = 1;

	saved = min_t(u32, saved + min_t(u32, elapsed, SAVED_MAX_NS), SAVED_MAX_NS);
	switch (state) {
	case UNSEEN:
		if (saved < SAMPLE_NS)
			return granted;
		/* Who saves enough by one long call must not be seen just behind it. */
		state = PLANNED;
		random = random * 1664525 + 1013904223;
		return min_t(u32, granted, random >> 27);
	case PLANNED:
		state = SAMPLING;
		wasm_sample_begins = true;
		return 0;
	default:
		if (saved >= LOOK_NS) {
			saved -= LOOK_NS;
			return 0;
		}
		state = UNSEEN;
		return granted;
	}
}

/* Between two looks nothing was done: a sample's times are longer by that. */
void wasm_measure_look(u32 ns)
{
	if (ns < 1000)
		look_cost += ns - look_cost / 8;
}

/* The time since the last look is nobody's. */
void wasm_was_idle(u64 now)
{
	since = now;
}

void wasm_settle_cputime(void)
{
	struct thread_struct *t = &current->thread;
	u32 user = t->user_ns, system = t->system_ns;

	t->user_ns = 0;
	t->system_ns = 0;
	if (is_idle_task(current))
		return;
	if (user)
		account_user_time(current, user);
	if (system)
		account_system_index_time(current, system, CPUTIME_SYSTEM);
}

void wasm_settle_if_much(void)
{
	struct thread_struct *t = &current->thread;

	if (t->user_ns + t->system_ns > OWED_NS) {
		wasm_settle_cputime();
		wasm_sample_spoilt = true;
	}
}

/* The way in, which the entry itself has not looked at. */
static void look_at_entry(void)
{
	current->thread.in_user = true;
	sched_clock();
	current->thread.in_user = false;
}

/* In wasm_calls, in place of a call that has been long. */
static long long_call(const struct pt_regs *regs)
{
	u32 nr = regs->nr;
	long result;

	look_at_entry();
	result = sys_call_table[nr](regs);
	/* A look as it returns. */
	ending_call = nr;
	wasm_clock_budget = 0;
	return result;
}

/* The kernel has worked for so long, on this call as far as one is made. */
static void notrace judge_call(u32 ns)
{
	u32 nr = task_pt_regs(wasm_current)->nr;

	if (ns > LONG_NS) {
		if (!wasm_current->mm || nr >= NR_syscalls)
			return;
		short_calls[nr] = 0;
		wasm_calls[nr] = long_call;
	} else if (ns < SHORT_NS && nr == ending_call && ++short_calls[nr] >= SHORT_CALLS) {
		wasm_calls[nr] = sys_call_table[nr];
	}
	ending_call = NO_CALL;
}

void __init wasm_init_cputime(void)
{
	memcpy(wasm_calls, sys_call_table, sizeof(wasm_calls));
}

/* A child begins as its parent was. */
void wasm_inherit_call_cost(struct wasm_call_cost *child, const struct wasm_call_cost *parent)
{
	*child = (struct wasm_call_cost) {
		.ns = parent->mean_ns * INHERITED_CALLS,
		.calls = INHERITED_CALLS,
		.mean_ns = parent->mean_ns,
	};
}

/* Its last look; who waits for it reads these sums. */
void exit_thread(struct task_struct *task)
{
	wasm_leave_host(task);
	if (task != current)
		return;
	wasm_clock();
	wasm_settle_cputime();
}
