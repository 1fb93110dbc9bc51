// SPDX-License-Identifier: GPL-2.0
/*
 * The engine stack of any task as text: for /proc/PID/stack and wchan, reports on
 * dead programs (core.c) and show_stack(). The engine tells of the running stack
 * only. So a sleeping task's is resumed behind the scheduler's back, in the middle
 * of __switch_to(), tells of itself into the asker's buffer and sleeps on.
 */
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/entry.h>
#include <asm/host.h>

#define STACK_TEXT_SIZE	8192

/* Who waits for a stack's text. Set: the stack that is resumed shall tell. */
struct task_struct *wasm_stack_asker;

static struct {
	char *text;
	u32 size;
	u32 len;
} answer;

/* The two ends of the exchange: nothing of theirs may be on the shadow stack. */
static noinline void resume(struct task_struct *from, struct task_struct *to)
{
	host_switch_to(from, to, 0, from->thread.lender);
	wasm_set_sp(from->thread.sp);
}

static noinline void ask(struct task_struct *task)
{
	current->thread.sp = wasm_get_sp();
	wasm_stack_asker = current;
	resume(current, task);
}

/* From __switch_to(): self sleeps there. */
noinline void wasm_tell_stack(struct task_struct *self)
{
	struct task_struct *asker = wasm_stack_asker;

	wasm_stack_asker = NULL;
	answer.len = host_stack_trace(answer.text, answer.size);
	resume(self, asker);
}

static bool has_stack(struct task_struct *task)
{
	return task == current ||
		(task->thread.started && READ_ONCE(task->__state) != TASK_DEAD &&
		 !is_idle_task(task));
}

/* One function a line, innermost first, NUL-terminated; false: there is no stack. */
bool wasm_stack_text(struct task_struct *task, char *text, u32 size)
{
	unsigned long flags;

	if (!has_stack(task))
		return false;
	local_irq_save(flags);
	answer.text = text;
	answer.size = size - 1;
	if (task == current)
		answer.len = host_stack_trace(text, size - 1);
	else
		ask(task);
	text[min(answer.len, size - 1)] = '\0';
	local_irq_restore(flags);
	return true;
}

/* The name at the beginning of a line, which may go on with file and line. */
static bool is_name(const char *line, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(line, name, n) && (!line[n] || line[n] == ' ' || line[n] == '\n');
}

static bool is_any(const char *line, const char *const *names, size_t n)
{
	while (n--)
		if (is_name(line, names[n]))
			return true;
	return false;
}

/* Where the kernel's part of a stack begins. */
static bool is_entry(const char *line)
{
	static const char *const entries[] = {
		"wasm_syscall32", "wasm_fork", "wasm_vfork", "wasm_user_entry",
		"wasm_task_entry", "wasm_vfork_entry", "wasm_fault_entry",
	};

	return is_any(line, entries, ARRAY_SIZE(entries));
}

/* What other machines keep in .sched.text: how a task sleeps, not what for. */
static bool is_scheduler(const char *line)
{
	static const char *const stems[] = {
		"schedule", "__schedule", "io_schedule", "preempt_schedule",
		"__wait_for_common", "wait_for_common", "wait_for_completion",
		"do_wait_for_common", "__mutex_lock", "mutex_lock", "__down", "down_",
		"rwsem_", "__rt_mutex", "rt_mutex", "do_nanosleep", "__wait_on_bit",
		"bit_wait", "out_of_line_wait_on_bit", "usleep_range", "yield",
	};

	for (size_t i = 0; i < ARRAY_SIZE(stems); i++)
		if (!strncmp(line, stems[i], strlen(stems[i])))
			return true;
	return is_name(line, "down");
}

/* The next line of *rest, or NULL; *rest goes on behind it. */
static char *next_line(char **rest)
{
	char *line;

	do
		line = strsep(rest, "\n");
	while (line && !*line);
	return line;
}

/*
 * Skips the functions by which the stack came to be told: the sleeping task's are
 * in __switch_to(), the running one's in whoever asks. What is left begins with
 * the first function of interest.
 */
static char *skip_telling(struct task_struct *task, char *text)
{
	const char *last = task == current ? "wasm_stack_text" : "__switch_to";
	char *rest = text, *line;

	while ((line = next_line(&rest)))
		if (is_name(line, last))
			return rest;
	return text;
}

/* The program's part of a stack: what the kernel was called by. */
char *wasm_program_frames(char *text)
{
	char *rest = text, *line;

	while ((line = next_line(&rest)))
		if (is_entry(line))
			break;
	/* The trampoline between program and kernel. */
	if (rest && is_name(rest, "syscall32"))
		next_line(&rest);
	return rest;
}

/* The function that a sleeping task waits in, in a buffer of STACK_TEXT_SIZE; or NULL. */
static const char *waits_in(struct task_struct *task, char *text)
{
	char *rest, *line;

	if (task == current || task_is_running(task) ||
	    !wasm_stack_text(task, text, STACK_TEXT_SIZE))
		return NULL;
	rest = skip_telling(task, text);
	while ((line = next_line(&rest)) && is_scheduler(line))
		;
	return line && !is_entry(line) ? strsep(&line, " ") : NULL;
}

int proc_pid_wchan(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task)
{
	int err = down_read_killable(&task->signal->exec_update_lock);
	const char *name = NULL;
	char *text;

	if (err)
		return err;
	text = kmalloc(STACK_TEXT_SIZE, GFP_KERNEL);
	if (text && ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		name = waits_in(task, text);
	seq_puts(m, name ?: "0");
	kfree(text);
	up_read(&task->signal->exec_update_lock);
	return 0;
}

static void show_lines(struct seq_file *m, struct task_struct *task, char *text)
{
	char *rest = skip_telling(task, text), *line;

	while ((line = next_line(&rest)) && !is_entry(line))
		seq_printf(m, "[<0>] %s\n", line);
}

int proc_pid_stack(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task)
{
	char *text;
	int err;

	if (!file_ns_capable(m->file, &init_user_ns, CAP_SYS_ADMIN))
		return -EACCES;
	text = kmalloc(STACK_TEXT_SIZE, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	err = down_read_killable(&task->signal->exec_update_lock);
	if (!err) {
		if (!ptrace_may_access(task, PTRACE_MODE_ATTACH_FSCREDS))
			err = -EPERM;
		else if (wasm_stack_text(task, text, STACK_TEXT_SIZE))
			show_lines(m, task, text);
		up_read(&task->signal->exec_update_lock);
	}
	kfree(text);
	return err;
}

/* Of any task, in any context: the text is nobody else's while interrupts are off. */
void show_stack(struct task_struct *task, unsigned long *sp, const char *loglvl)
{
	static char text[4096];
	char *line, *rest = text;
	unsigned long flags;

	local_irq_save(flags);
	printk("%sCall trace:\n", loglvl);
	if (wasm_stack_text(task ?: current, text, sizeof(text)))
		while ((line = next_line(&rest)))
			printk("%s  %s\n", loglvl, line);
	else
		printk("%s  (no stack)\n", loglvl);
	local_irq_restore(flags);
}

unsigned long __get_wchan(struct task_struct *p)
{
	return 0;	/* functions have names, no addresses: proc_pid_wchan() */
}
