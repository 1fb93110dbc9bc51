// SPDX-License-Identifier: GPL-2.0
/*
 * The host's monotonic clock as clocksource, clockevent and sched_clock(); idle;
 * and the turns that the host's event loop gets.
 *
 * Nobody interrupts wasm code when a deadline passes: whoever reads the clock
 * notices. So it must be read often enough, yet a read is a call into JavaScript
 * (about 65 ns, twice a small system call): see wasm_spend().
 */
#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/switch_to.h>

#define NEVER	__builtin_inf()

/*
 * The host wants a turn at least every 4 ms: its timers and input wait that
 * long. Half of it is left for what a look at the clock comes late. A turn
 * costs a few microseconds.
 */
#define TURN_NS		2e6

/* How often the clock is read while programs make system calls. */
#define CHECK_NS	250000
#define BUDGET_MAX	32

static double timer_deadline = NEVER;
static double turn_due;

int wasm_clock_budget;
/* Spent for other than ways into the kernel and out. */
u32 wasm_work_units;
static int budget_granted;
static u64 budget_since;

u64 notrace wasm_clock(void)
{
	double now = host_clock_monotonic();

	wasm_share_out(now, budget_granted - wasm_clock_budget - wasm_work_units);
	if (unlikely(now >= timer_deadline))
		wasm_irq_pending |= HOST_IRQ_TIMER;
	if (unlikely(now >= turn_due))
		wasm_irq_pending |= WASM_IRQ_TURN;
	return (u64)now;
}

/*
 * Grants as many units as will take CHECK_NS, by what the last ones took; a
 * program that was quick may turn slow, so at most twice as many as before and
 * BUDGET_MAX.
 */
static void renew_budget(u64 now)
{
	u32 elapsed = min_t(u64, now - budget_since, U32_MAX);
	u32 used = budget_granted - wasm_clock_budget;
	u32 granted = min_t(u32, (budget_granted + 1) * 2, BUDGET_MAX);

	/* Two looks without a call between them say nothing. */
	if (!used)
		return;
	if (elapsed > used * (CHECK_NS / BUDGET_MAX))
		granted = 0;
	/* A look at its memory is due too. */
	if (unlikely(current->mm && current->mm->context.grows_itself))
		set_thread_flag(TIF_NOTIFY_RESUME);
	wasm_work_units = 0;
	granted = wasm_plan_samples(elapsed, granted);
	budget_granted = granted;
	budget_since = now;
	wasm_clock_budget = granted;
}

void wasm_clock_budget_spent(void)
{
	u64 now = wasm_clock();

	renew_budget(now);
	if (unlikely(wasm_sample_begins)) {
		wasm_sample_begins = false;
		wasm_clock_budget = -1;
		wasm_clock_budget_spent();
		wasm_measure_look(budget_since - now);
	}
	wasm_settle_if_much();
}

/* Interrupts are off. */
void wasm_give_turn(void)
{
	unsigned long sp = wasm_get_sp();

	wasm_irq_pending &= ~WASM_IRQ_TURN;
	host_yield_turn();
	wasm_set_sp(sp);
	turn_due = host_clock_monotonic() + TURN_NS;
}

void wasm_cpu_relax(void)
{
	wasm_clock();
	if (wasm_irq_pending)
		wasm_take_irqs();
}
EXPORT_SYMBOL(wasm_cpu_relax);

/*
 * cond_resched(): loops that only call this wait for another task, and nothing but
 * a look at the clock brings the tick that lets it run.
 */
void wasm_notice_time(void)
{
	wasm_spend_work(1);
	if (unlikely(wasm_irq_pending) && !irqs_disabled())
		wasm_take_irqs();
}

/* Interrupts are off; the caller turns them on and so takes what woke us. */
void arch_cpu_idle(void)
{
	unsigned long sp = wasm_get_sp();

	wasm_clock();
	if (!(wasm_irq_pending & ~WASM_IRQ_TURN)) {
		host_idle(timer_deadline);
		wasm_set_sp(sp);
		turn_due = host_clock_monotonic() + TURN_NS;
		wasm_irq_pending &= ~WASM_IRQ_TURN;
		wasm_was_idle(host_clock_monotonic());
		wasm_clock();
	}
}

static u64 clocksource_read(struct clocksource *cs)
{
	return wasm_clock();
}

/* In ns: mult / 2^shift is 1. The shift leaves room for 36 minutes of idle. */
#define SHIFT	22

static struct clocksource clocksource = {
	.name	= "host",
	.rating	= 400,
	.read	= clocksource_read,
	.mask	= CLOCKSOURCE_MASK(64),
	.mult	= 1 << SHIFT,
	.shift	= SHIFT,
	.flags	= CLOCK_SOURCE_IS_CONTINUOUS,
};

/* From the first on: the clockevent can't do with a clock made of its ticks. */
struct clocksource * __init clocksource_default_clock(void)
{
	return &clocksource;
}

/* By absolute time, so that no width of a register limits how long idle may be. */
static int set_next_ktime(ktime_t expires, struct clock_event_device *dev)
{
	timer_deadline = host_clock_monotonic() +
			 (double)max_t(s64, ktime_sub(expires, ktime_get()), 0);
	return 0;
}

static int stop_timer(struct clock_event_device *dev)
{
	timer_deadline = NEVER;
	return 0;
}

static struct clock_event_device clockevent = {
	.name			= "host",
	.features		= CLOCK_EVT_FEAT_ONESHOT | CLOCK_EVT_FEAT_KTIME,
	.rating			= 400,
	.set_next_ktime		= set_next_ktime,
	.set_state_shutdown	= stop_timer,
	.set_state_oneshot_stopped = stop_timer,
};

void wasm_timer_interrupt(void)
{
	timer_deadline = NEVER;
	clockevent.event_handler(&clockevent);
}

/* Who reads the clock anyway, at each switch, spares the next look. */
unsigned long long notrace sched_clock(void)
{
	u64 now = wasm_clock();

	renew_budget(now);
	return now;
}

cycles_t get_cycles(void)
{
	return wasm_clock();
}
EXPORT_SYMBOL(get_cycles);

void read_persistent_clock64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64((s64)host_clock_realtime());
}

/* Delays are made with the clock: a number is only wanted for the log. */
unsigned long calibrate_delay_is_known(void)
{
	return NSEC_PER_SEC / HZ;
}

void __init time_init(void)
{
	wasm_init_cputime();
	__clocksource_register(&clocksource);
	clockevent.cpumask = cpumask_of(0);
	clockevents_config_and_register(&clockevent, NSEC_PER_SEC, 1, 0x7fffffff);
}
