/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_PROCESSOR_H
#define _ASM_WASM_PROCESSOR_H

#ifndef __ASSEMBLY__
#include <linux/types.h>
#include <asm/page.h>

struct pid;
struct pid_namespace;
struct pt_regs;
struct seq_file;
struct task_struct;
struct wasm_signal;
struct wasm_frames;

#define TASK_SIZE		0xfffff000UL
#define TASK_UNMAPPED_BASE	0UL
#define STACK_TOP		TASK_SIZE
#define STACK_TOP_MAX		TASK_SIZE

/* Where user mode begins on a fresh engine stack. */
enum wasm_entry_kind {
	WASM_ENTRY_NONE,	/* a kernel thread */
	WASM_ENTRY_PROGRAM,	/* space.entry(args[0], args[1]) */
	WASM_ENTRY_THREAD,	/* space.thread_entry(args[0..3]) */
	WASM_ENTRY_TRAP,	/* the same, for the handler of a trap's signal */
	WASM_ENTRY_HANDLER,	/* space.handler_entry(args[0]) */
};

/* How far a fork has come: see kernel/fork.c. */
enum wasm_fork_state {
	WASM_FORK_NONE,
	WASM_FORK_UNWIND,	/* frames are on their way to the frames memory */
	WASM_FORK_REWIND,	/* and back */
};

/*
 * __stack_pointer, __wasm_tp, __tls_base of a program. One instance has one set
 * of them; its threads take turns (kernel/process.c).
 */
struct wasm_globals {
	u32 stack_pointer;
	u32 tp;
	u32 tls_base;
};

/* What samples say of a program's small system calls: kernel/cputime.c. */
struct wasm_call_cost {
	s32 ns;
	u32 calls;
	u32 mean_ns;
};

struct thread_struct {
	/* The kernel's __stack_pointer while the task is switched out. */
	unsigned long sp;
	bool started;			/* has an engine stack */
	bool in_user;			/* runs the program's code */
	bool new_stack;			/* user mode goes on, on a fresh engine stack */
	u8 stack_uses;			/* tasks that ended on our engine stack before */

	/* Time that the kernel's counters do not have yet, ns. */
	u32 user_ns, system_ns;
	struct wasm_call_cost call_cost;

	/* Run before user mode begins; a kernel thread has nothing else. */
	int (*fn)(void *arg);
	void *fn_arg;

	enum wasm_entry_kind entry_kind;
	u32 entry_args[4];
	struct wasm_globals globals;	/* while another thread's are in use */

	enum wasm_fork_state fork_state;
	long fork_result;
	struct wasm_frames *frames;	/* to be rewound */
	unsigned long handler_frame;	/* they end at this signal's handler, or 0 */
	/* The clone() that the next fork() of the libc makes: kernel/clone.c. */
	struct {
		unsigned long nr;	/* 0: it is a plain fork */
		unsigned long args[6];
	} clone;

	/* vfork by identity swap: see kernel/vfork.c. */
	struct task_struct *lender;	/* whose engine stack this child runs on */
	bool lending;			/* a child runs on ours */
	u32 lost_stack;			/* the signal that destroyed our lent stack */
	bool just_lent;			/* a child that has not run yet */
	long vfork_result;

	/* Of the last poll, in units of the program's work: kernel/preempt.c. */
	u32 poll_budget;

	/* Signal frames that wait for the libc to fetch them, oldest first. */
	struct wasm_signal *signals;

	/* A task of the host's: kernel/host_task.c. */
	u32 host_token;			/* what it attaches with */
	bool serves_host;
	bool breaks_off;		/* the host no longer wants the call under way */

	/* What the engine said of the trap that this task dies of, or NULL. */
	char *trap;
};

#define INIT_THREAD { .started = true, .call_cost.mean_ns = 500 }

#define task_pt_regs(tsk) \
	((struct pt_regs *)((unsigned long)task_stack_page(tsk) + THREAD_SIZE) - 1)
#define KSTK_EIP(tsk)	(0UL)
#define KSTK_ESP(tsk)	wasm_user_sp(tsk)

unsigned long wasm_user_sp(struct task_struct *task);
unsigned long __get_wchan(struct task_struct *p);

/* For fs/proc/base.c, whose own go by addresses: kernel/stack.c. */
int proc_pid_wchan(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task);
int proc_pid_stack(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task);

/* In place of a tick's: see kernel/cputime.c. */
void wasm_settle_cputime(void);

void wasm_cpu_relax(void);
#define cpu_relax()	wasm_cpu_relax()

#endif /* !__ASSEMBLY__ */
#endif
