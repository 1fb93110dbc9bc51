// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks. A task is a suspended engine stack (the host's switch_to) plus a shadow
 * stack in kernel memory, which the global __stack_pointer points into. Made in
 * copy_thread(), switched in __switch_to(), begun in task_entry(), and begun
 * afresh in user_entry() after exec.
 *
 * wasm_set_sp() may only be called in a function that has no frame of its own
 * on the shadow stack: the compiler would restore its old pointer at the end.
 * That is why the entries below are split in two.
 */
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>
#include <asm/switch_to.h>

/* Who ran before, for the task that a switch resumes. */
struct task_struct *wasm_switch_prev;

/*
 * Threads of a program share one instance and so its globals. Whoever runs owns
 * them; the owner's are put away when another thread comes. A space with one
 * thread pays a comparison.
 */
void wasm_claim_globals(struct task_struct *task)
{
	mm_context_t *ctx = &task->mm->context;
	struct task_struct *owner = ctx->globals_owner;

	if (!ctx->space.id || owner == task)
		return;
	if (owner)
		shim_save_globals(ctx->space.shim, &owner->thread.globals);
	/* Nobody's: left by an exit or an exec; or as a new space begins. */
	if (owner || task->thread.globals.stack_pointer)
		shim_load_globals(ctx->space.shim, &task->thread.globals);
	ctx->globals_owner = task;
}

/*
 * What an engine stack takes to begin and to finish is most of what a thread
 * costs. So the stack of a thread that has returned (or of a kernel thread) is
 * kept, with the kernel's frames of its exit, and a new task begins above them:
 * in __switch_to(), where the dead one was left. Its task_struct and shadow stack
 * are gone by then.
 */
#define STACK_USES	32

static noinline void __noreturn begin_above(u32 uses)
{
	wasm_current->thread.stack_uses = uses;
	wasm_task_entry(wasm_current);
}

/* Hot: no allocation, one suspension; about 0.3 us of the switch's cost. */
struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next)
{
	u32 flags = 0, uses = 0;

	/* The host's tables of tasks count on it (src/machine/task-table.ts). */
	BUILD_BUG_ON(sizeof(struct task_struct) < 1024);
	if (unlikely(!next->thread.started)) {
		next->thread.started = true;
		if (next->thread.lender)
			host_vfork_lend(next, next->thread.lender);
		else
			flags |= HOST_SWITCH_START_NEXT;
		/* A forked child's frames need as much of a stack as its parent's had. */
		if (next->thread.fork_state == WASM_FORK_NONE)
			flags |= HOST_SWITCH_START_SHARED;
	}
	if (unlikely(READ_ONCE(prev->__state) == TASK_DEAD)) {
		flags |= HOST_SWITCH_PREV_DEAD;
		wasm_lender_to_wake = prev->thread.lender;
		uses = prev->thread.stack_uses + 1;
		if (prev->thread.entry_kind == WASM_ENTRY_NONE && uses < STACK_USES)
			flags |= HOST_SWITCH_STACK_FREE;
	}
	prev->thread.sp = wasm_get_sp();
	wasm_switch_prev = prev;
	wasm_current = next;
	host_switch_to(prev, next, flags, prev->thread.lender);
	if (unlikely(flags & HOST_SWITCH_STACK_FREE))
		begin_above(uses);
	wasm_set_sp(prev->thread.sp);
	while (unlikely(wasm_stack_asker))
		wasm_tell_stack(prev);
	if (prev->mm && unlikely(prev->mm->context.globals_owner != prev))
		wasm_claim_globals(prev);
	if (prev->mm && unlikely(prev->mm->context.stale))
		set_tsk_thread_flag(prev, TIF_SHARED);
	return wasm_switch_prev;
}

static void call_program(void)
{
	const struct host_space *space = &current->mm->context.space;
	const u32 *a = current->thread.entry_args;
	s32 status = 0;

	switch (current->thread.entry_kind) {
	case WASM_ENTRY_THREAD:
	case WASM_ENTRY_TRAP:
		((void (*)(u32, u32, u32, u32))space->thread_entry)(a[0], a[1], a[2], a[3]);
		break;
	case WASM_ENTRY_HANDLER:
		((void (*)(u32))space->handler_entry)(a[0]);
		break;
	default:
		status = ((s32 (*)(u32, u32))space->entry)(a[0], a[1]);
	}
	current->thread.in_user = false;
	if (current->thread.fork_state == WASM_FORK_UNWIND)
		return;
	/* A vfork child that returned from its parent's main(): both end. */
	if (unlikely(current->thread.lender))
		wasm_vfork_exit(0);
	if (current->thread.entry_kind == WASM_ENTRY_THREAD) {
		/* The program has left its stack for good. */
		current->thread.entry_kind = WASM_ENTRY_NONE;
		do_exit(0);
	}
	if (current->thread.entry_kind == WASM_ENTRY_TRAP)
		wasm_trap_handled(current->thread.entry_args[1]);
	if (current->thread.entry_kind == WASM_ENTRY_HANDLER)
		wasm_handler_returned();
	space = &current->mm->context.space;
	do_group_exit(space->entry_kind == HOST_ENTRY_MAIN ? (status & 0xff) << 8 : 0);
}

/*
 * The bottom of every stack that runs a program. Whoever is current may change in
 * between (vfork), and system calls use the shadow stack from its base: these
 * functions keep nothing on it while the program runs.
 */
void __noreturn wasm_run_user(void)
{
	do {
		wasm_shared_enter_if_stale();
		wasm_claim_globals(current);
		if (current->thread.fork_state == WASM_FORK_REWIND)
			wasm_fork_rewind();
		wasm_enter_user(current);
		call_program();
		wasm_fork_unwound();
	} while (true);
}

static noinline void __noreturn go_to_user(void)
{
	struct thread_struct *t = &current->thread;

	t->new_stack = false;
	if (t->fn)
		t->fn(t->fn_arg);
	wasm_run_user();
}

void wasm_user_entry(struct task_struct *task)
{
	wasm_set_sp(wasm_stack_base(task));
	go_to_user();
}

static noinline void __noreturn begin_task(void)
{
	struct thread_struct *t = &current->thread;

	schedule_tail(wasm_switch_prev);
	if (t->fn) {
		/* Comes back when it has called kernel_execve() with success. */
		t->fn(t->fn_arg);
		t->fn = NULL;
	}
	t->new_stack = false;
	wasm_run_user();
}

void wasm_task_entry(struct task_struct *task)
{
	wasm_set_sp(wasm_stack_base(task));
	begin_task();
}

/* A new thread of the program: struct { fn, arg } lies at the stack it is given. */
static int copy_user_thread(struct thread_struct *t, const struct kernel_clone_args *args)
{
	const struct host_space *space = &current->mm->context.space;
	u32 start[2];

	if (!space->thread_entry)
		return -ENOSYS;
	if (copy_from_user(start, (void __user *)args->stack, sizeof(start)))
		return -EFAULT;
	wasm_shared_stack(current->mm, args->stack);
	t->entry_kind = WASM_ENTRY_THREAD;
	t->entry_args[0] = start[0];
	t->entry_args[1] = start[1];
	t->entry_args[2] = args->stack;
	t->entry_args[3] = args->flags & CLONE_SETTLS ? args->tls : 0;
	return 0;
}

/*
 * What belongs to the parent's thread must not be the child's, which is released
 * without having come to copy_thread() when its user may have no more processes.
 */
int arch_dup_task_struct(struct task_struct *dst, struct task_struct *src)
{
	*dst = *src;
	dst->thread = (struct thread_struct) { };
	return 0;
}

int copy_thread(struct task_struct *p, const struct kernel_clone_args *args)
{
	struct thread_struct *t = &p->thread, *parent = &current->thread;

	*task_pt_regs(p) = (struct pt_regs) { .nr = NO_SYSCALL, .task = p };
	*t = (struct thread_struct) {
		.fn = args->fn,
		.fn_arg = args->fn_arg,
		.sp = wasm_stack_base(p),
	};
	wasm_inherit_call_cost(&t->call_cost, &parent->call_cost);
	if (args->fn)
		return 0;

	/* Where the child's own begin, until its entry sets them. */
	if (current->mm->context.globals_owner == current)
		shim_save_globals(current->mm->context.space.shim, &parent->globals);
	t->globals = parent->globals;
	/* A thread's are set below; a vfork child may fork on its parent's stack. */
	t->entry_kind = parent->entry_kind;
	memcpy(t->entry_args, parent->entry_args, sizeof(t->entry_args));

	if (parent->lending) {
		if (!(args->flags & CLONE_VM))
			return -EINVAL;
		t->lender = current;
		t->just_lent = true;
		return 0;
	}
	if (args->flags & CLONE_VM)
		return args->stack ? copy_user_thread(t, args) : -ENOSYS;

	/* fork: the child rewinds the frames that the parent has unwound. */
	if (parent->fork_state != WASM_FORK_REWIND || !parent->frames)
		return -ENOSYS;
	/* The frames know their stack and their thread pointer. */
	if (args->stack || (args->flags & CLONE_SETTLS))
		return -EINVAL;
	t->fork_state = WASM_FORK_REWIND;
	t->frames = wasm_get_frames(parent->frames);
	if (parent->handler_frame) {
		t->entry_kind = WASM_ENTRY_HANDLER;
		t->entry_args[0] = parent->handler_frame;
	}
	return wasm_space_fork(p->mm, current->mm);
}

void flush_thread(void)
{
	wasm_forget_trap(current);
}

void arch_release_task_struct(struct task_struct *tsk)
{
	wasm_drop_signals(tsk);
	wasm_drop_frames(tsk);
	wasm_forget_trap(tsk);
	host_task_release(tsk);
}

bool wasm_user_mode(const struct pt_regs *regs)
{
	return current->thread.in_user;
}

/* A program's shadow stack pointer: for sigaltstack() and debuggers. */
unsigned long wasm_user_sp(struct task_struct *task)
{
	struct mm_struct *mm = task->mm;

	if (!mm || !mm->context.space.id)
		return 0;
	if (mm->context.globals_owner == task)
		shim_save_globals(mm->context.space.shim, &task->thread.globals);
	return task->thread.globals.stack_pointer;
}
