// SPDX-License-Identifier: GPL-2.0
/*
 * fork(). An engine stack can't be copied, so a program that forks has been made
 * able to leave its frames (src/wasm/fork-capture.ts, whose exports have the names
 * of Binaryen's Asyncify), and its env.wasmlinux_fork comes here:
 *
 *   program calls fork       state NONE -> UNWIND, asyncify_start_unwind()
 *   its frames return, each storing itself in the host's frames memory, down to
 *   wasm_fork_unwound()      -> REWIND; the frames are taken out of there, and
 *                            the process is copied
 *   wasm_fork_rewind()       frames are put there; asyncify_start_rewind(), in
 *                            both processes
 *   the frames come back and the program calls fork again
 *                            -> NONE, with the result
 *
 * In a signal handler only the frames above the handler's call unwind, unless the
 * program was linked to unwind all: libc then calls wasm_fork_unwound_to(), and
 * goes on from there. Its child begins at that call, and may not return from it.
 *
 * The frames memory is one for the machine. No frame is in it but between two
 * steps of the same task that nothing interrupts.
 */
#include <linux/ratelimit.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>
#include <asm/unistd.h>

/* Where struct { u32 next, end; } is in the frames memory. */
#define ASYNCIFY_DATA	0UL

/* The slots behind host_space.asyncify. */
enum { START_UNWIND, STOP_UNWIND, START_REWIND, STOP_REWIND };

/* What was in the frames memory, in parts that are easily had. */
#define PART_SIZE	(4 * PAGE_SIZE)

struct wasm_frames {
	refcount_t users;		/* parent and child */
	u32 length;
	void *parts[];
};

/* Who has begun to use the frames memory and not ended; how much of it is used. */
static struct task_struct *frames_user;
static unsigned long frames_length;

/*
 * These are the program's functions, and what they do is its business: they may
 * trap or make system calls. So callers have nothing on the shadow stack.
 */
static void asyncify_stop(int which)
{
	wasm_enter_user(current);
	((void (*)(void))(current->mm->context.space.asyncify + which))();
	current->thread.in_user = false;
}

static void asyncify_start(int which)
{
	wasm_enter_user(current);
	((void (*)(unsigned long))(current->mm->context.space.asyncify + which))(ASYNCIFY_DATA);
	current->thread.in_user = false;
}

static void leave_frames_memory(void)
{
	host_frames_wipe(frames_length);
	frames_user = NULL;
}

/* Another user can't be in there, but for a program that breaks the rules. */
static void enter_frames_memory(void)
{
	if (unlikely(frames_user)) {
		frames_length = max_t(u32, frames_length, host_frames_length());
		leave_frames_memory();
	}
	frames_user = current;
	frames_length = 0;
}

static void put_frames(struct wasm_frames *frames)
{
	unsigned long i;

	if (!refcount_dec_and_test(&frames->users))
		return;
	for (i = 0; i < DIV_ROUND_UP(frames->length, PART_SIZE); i++)
		kfree(frames->parts[i]);
	kfree(frames);
}

struct wasm_frames *wasm_get_frames(struct wasm_frames *frames)
{
	refcount_inc(&frames->users);
	return frames;
}

void wasm_drop_frames(struct task_struct *task)
{
	if (task->thread.frames)
		put_frames(task->thread.frames);
	task->thread.frames = NULL;
}

/*
 * Takes the frames out of the frames memory; NULL: no memory, they are in there
 * still. Must not sleep: the next task that forks would use it.
 */
static struct wasm_frames *take_frames(u32 length)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN;
	unsigned long i, parts = DIV_ROUND_UP(length, PART_SIZE);
	struct wasm_frames *frames = kzalloc(struct_size(frames, parts, parts), gfp);

	if (!frames)
		return NULL;
	refcount_set(&frames->users, 1);
	frames->length = length;
	for (i = 0; i < parts; i++) {
		frames->parts[i] = kmalloc(min(length - i * PART_SIZE, PART_SIZE), gfp);
		if (!frames->parts[i]) {
			put_frames(frames);
			return NULL;
		}
	}
	for (i = 0; i < parts; i++)
		host_frames_take(frames->parts[i], i * PART_SIZE,
				 min(length - i * PART_SIZE, PART_SIZE));
	return frames;
}

/*
 * task leaves its address space in the middle of a fork: it was killed. A vfork
 * child that was leaves frames on its parent's stack that are half unwound, or
 * our own under the program's asyncify functions: the parent can't go on there.
 */
void wasm_fork_abandoned(struct task_struct *task)
{
	if (frames_user == task) {
		frames_length = max_t(u32, frames_length, host_frames_length());
		leave_frames_memory();
	}
	task->thread.fork_state = WASM_FORK_NONE;
	task->thread.handler_frame = 0;
	wasm_drop_frames(task);
	wasm_vfork_lost(SIGILL);
}

static int begin_fork(void)
{
	if (!current->mm->context.space.asyncify)
		return -ENOSYS;
	/* A clone() that was not followed up, by a program's own raw call. */
	if (current_pt_regs()->ret != WASM_RESULT_FORK)
		current->thread.clone.nr = 0;
	if (!current->thread.clone.nr && !wasm_enter_clone(SIGCHLD)) {
		wasm_leave_clone();
		return current_pt_regs()->ret;
	}
	enter_frames_memory();
	host_frames_begin();
	current->thread.fork_state = WASM_FORK_UNWIND;
	asyncify_start(START_UNWIND);
	return 0;
}

/* Where the frames have come back to. */
static long finish_fork(void)
{
	struct thread_struct *t = &current->thread;

	asyncify_stop(STOP_REWIND);
	t->fork_state = WASM_FORK_NONE;
	if (frames_user == current)
		leave_frames_memory();
	return t->fork_result;
}

static noinline long fork_called(void)
{
	struct pt_regs *regs = current_pt_regs();

	/* What follows is long: kernel/cputime.c. */
	if (current->thread.fork_state == WASM_FORK_NONE)
		wasm_clock();
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
	wasm_enter_user(current);
	return regs->ret;
}

s32 wasm_fork(void)
{
	wasm_set_sp(wasm_stack_base(wasm_current));
	return fork_called();
}

static noinline void put_frames_back(void)
{
	struct wasm_frames *frames = current->thread.frames;
	unsigned long at;

	if (!frames)
		return;		/* there was no memory to take them out */
	enter_frames_memory();
	frames_length = frames->length;
	for (at = 0; at < frames->length; at += PART_SIZE)
		host_frames_put(at, frames->parts[at / PART_SIZE],
				min(frames->length - at, PART_SIZE));
	wasm_drop_frames(current);
}

void wasm_fork_rewind(void)
{
	put_frames_back();
	asyncify_start(START_REWIND);
}

static noinline long clone_process(void)
{
	struct kernel_clone_args args = { .exit_signal = SIGCHLD };
	struct thread_struct *t = &current->thread;
	struct pt_regs *regs = current_pt_regs();
	bool plain = !wasm_clone_asked(regs);

	frames_length = host_frames_length();
	t->frames = take_frames(frames_length);
	if (!t->frames) {
		regs->ret = -ENOMEM;
		wasm_leave_clone();
		return -ENOMEM;
	}
	frames_user = NULL;
	if (plain)
		regs->nr = __NR_clone;
	/* A pending signal goes first: -ERESTARTNOINTR, perhaps with a handler. */
	do {
		regs->ret = plain ? kernel_clone(&args) : wasm_copy_process(regs);
	} while (regs->ret < 0 && wasm_exit_work(regs));
	wasm_leave_clone();
	return regs->ret;
}

static void copy_process_now(void)
{
	asyncify_stop(STOP_UNWIND);
	current->thread.fork_state = WASM_FORK_REWIND;
	current->thread.fork_result = clone_process();
}

/* The program has returned, to fork: do so, and go on by rewinding. */
void wasm_fork_unwound(void)
{
	copy_process_now();
}

static noinline long unwound_to(unsigned long handler_frame)
{
	struct thread_struct *t = &current->thread;

	if (t->fork_state != WASM_FORK_UNWIND || !current->mm->context.space.handler_entry)
		return -EINVAL;
	t->handler_frame = handler_frame;
	copy_process_now();
	t->handler_frame = 0;
	wasm_shared_enter_if_stale();
	wasm_fork_rewind();
	wasm_enter_user(current);
	return 0;
}

/* fork_unwound(frame): the same in a signal handler, as far as its call. */
s32 wasm_fork_unwound_to(unsigned long handler_frame)
{
	wasm_set_sp(wasm_stack_base(wasm_current));
	return unwound_to(handler_frame);
}

/* A child's handler has returned, to frames that only its parent has. */
void wasm_handler_returned(void)
{
	pr_info_ratelimited("%s[%d]: signal %d: it was forked in a signal handler and has returned from there; link it with -Wl,--wasmlinux-fork-in-handlers\n",
			    current->comm, task_pid_nr(current), SIGILL);
	do_group_exit(SIGILL);
}
