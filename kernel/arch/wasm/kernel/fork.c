// SPDX-License-Identifier: GPL-2.0
/*
 * fork(). An engine stack can't be copied, so a program that forks has been put
 * through Binaryen's Asyncify, and its env.wasmlinux_fork comes here:
 *
 *   program calls fork       state NONE -> UNWIND, asyncify_start_unwind(buffer)
 *   its frames return, each storing itself in the buffer, down to
 *   wasm_fork_unwound()      -> REWIND; the process is copied, buffer and all
 *   wasm_fork_rewind()       asyncify_start_rewind(buffer), in both processes
 *   the frames come back and the program calls fork again
 *                            -> NONE, with the result
 *
 * Threads share the buffer: forker holds it from UNWIND to NONE.
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/unistd.h>

#define FORK_BUFFER_SIZE	(64 * 1024)

/* struct asyncify_data, as Binaryen defines it: at the buffer's start. */
struct asyncify_data {
	u32 next;
	u32 end;
};

/* The slots behind host_space.asyncify. */
enum { START_UNWIND, STOP_UNWIND, START_REWIND, STOP_REWIND };

static DECLARE_WAIT_QUEUE_HEAD(buffer_wait);

/*
 * These are the program's functions, and what they do is its business: they may
 * trap or make system calls. So callers have nothing on the shadow stack.
 */
static void asyncify_stop(int which)
{
	current->thread.in_user = true;
	((void (*)(void))(current->mm->context.space.asyncify + which))();
	current->thread.in_user = false;
}

static void asyncify_start(int which)
{
	mm_context_t *ctx = &current->mm->context;

	current->thread.in_user = true;
	((void (*)(unsigned long))(ctx->space.asyncify + which))(ctx->fork_buffer);
	current->thread.in_user = false;
}

static void release_buffer(mm_context_t *ctx)
{
	ctx->forker = NULL;
	wake_up_all(&buffer_wait);
}

/*
 * task no longer uses mm: it may have died while it forked. A vfork child that
 * did so leaves frames on its parent's stack that are half unwound, or our own
 * under the program's asyncify functions: the parent can't go on there.
 */
void wasm_fork_abandoned(struct mm_struct *mm, struct task_struct *task)
{
	if (mm->context.forker != task)
		return;
	release_buffer(&mm->context);
	wasm_vfork_lost(SIGILL);
}

static int prepare_buffer(mm_context_t *ctx)
{
	struct asyncify_data data;

	if (!ctx->fork_buffer) {
		unsigned long addr = wasm_mmap_anonymous(FORK_BUFFER_SIZE);

		if (IS_ERR_VALUE(addr))
			return -ENOMEM;
		ctx->fork_buffer = addr;
	}
	data.next = ctx->fork_buffer + sizeof(data);
	data.end = ctx->fork_buffer + FORK_BUFFER_SIZE;
	return copy_to_user((void __user *)ctx->fork_buffer, &data, sizeof(data)) ?
		-EFAULT : 0;
}

static noinline int take_buffer(mm_context_t *ctx)
{
	int ret;

	if (wait_event_killable(buffer_wait, !ctx->forker))
		return -EINTR;
	ctx->forker = current;
	ret = prepare_buffer(ctx);
	if (ret)
		release_buffer(ctx);
	return ret;
}

static int begin_fork(void)
{
	mm_context_t *ctx = &current->mm->context;
	int ret;

	if (!ctx->space.asyncify)
		return -ENOSYS;
	if (!current->thread.clone.nr && !wasm_enter_clone(SIGCHLD)) {
		wasm_leave_clone();
		return current_pt_regs()->ret;
	}
	ret = take_buffer(ctx);
	if (ret)
		return ret;
	current->thread.fork_state = WASM_FORK_UNWIND;
	asyncify_start(START_UNWIND);
	return 0;
}

/* Where the frames have come back to. */
static long finish_fork(void)
{
	struct thread_struct *t = &current->thread;
	mm_context_t *ctx = &current->mm->context;

	asyncify_stop(STOP_REWIND);
	t->fork_state = WASM_FORK_NONE;
	if (ctx->forker == current)
		release_buffer(ctx);
	return t->fork_result;
}

static noinline long fork_called(void)
{
	struct pt_regs *regs = current_pt_regs();

	wasm_check_clock();
	current->thread.in_user = false;
	if (current->thread.fork_state == WASM_FORK_REWIND)
		regs->ret = finish_fork();
	else
		regs->ret = begin_fork();
	/* A frame that now unwinds must not be sent to a handler first. */
	if (current->thread.fork_state == WASM_FORK_NONE) {
		regs->nr = NO_SYSCALL;
		wasm_exit_work(regs);
	}
	current->thread.in_user = true;
	return regs->ret;
}

s32 wasm_fork(void)
{
	wasm_set_sp(wasm_stack_base(wasm_current));
	return fork_called();
}

void wasm_fork_rewind(void)
{
	asyncify_start(START_REWIND);
}

static noinline long clone_process(void)
{
	struct kernel_clone_args args = { .exit_signal = SIGCHLD };
	struct pt_regs *regs = current_pt_regs();
	bool plain = !wasm_clone_asked(regs);

	if (plain)
		regs->nr = __NR_clone;
	/* A pending signal goes first: -ERESTARTNOINTR, perhaps with a handler. */
	do {
		regs->ret = plain ? kernel_clone(&args) : wasm_copy_process(regs);
	} while (regs->ret < 0 && wasm_exit_work(regs));
	wasm_leave_clone();
	return regs->ret;
}

/* The program has returned, to fork: do so, and go on by rewinding. */
void wasm_fork_unwound(void)
{
	asyncify_stop(STOP_UNWIND);
	current->thread.fork_state = WASM_FORK_REWIND;
	current->thread.fork_result = clone_process();
}
