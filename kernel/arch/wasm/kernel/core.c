// SPDX-License-Identifier: GPL-2.0
/*
 * What a program leaves behind where other machines write a core file: a report
 * as text, in the file or to the program that core_pattern names. There is no
 * debugger to load an image into, and what explains a death of a wasm program,
 * the names on its engine stacks, is in no memory. docs/abi.md has the format.
 */
#include <linux/binfmts.h>
#include <linux/coredump.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/host.h>

#define FORMAT_VERSION	1
#define TEXT_SIZE	8192

struct report {
	struct coredump_params *cprm;
	char *line;		/* PAGE_SIZE */
	char *text;		/* TEXT_SIZE */
	bool full;		/* beyond RLIMIT_CORE, or nobody reads */
};

static __printf(2, 3) void put(struct report *r, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vscnprintf(r->line, PAGE_SIZE, format, args);
	va_end(args);
	r->full = r->full || !dump_emit(r->cprm, r->line, n);
}

static const char *signal_name(int sig)
{
	static const char *const names[] = {
		[SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL", [SIGTRAP] = "SIGTRAP",
		[SIGABRT] = "SIGABRT", [SIGBUS] = "SIGBUS", [SIGFPE] = "SIGFPE",
		[SIGSEGV] = "SIGSEGV", [SIGXCPU] = "SIGXCPU", [SIGXFSZ] = "SIGXFSZ",
		[SIGSYS] = "SIGSYS",
	};

	return sig < ARRAY_SIZE(names) && names[sig] ? names[sig] : "a signal";
}

static void put_path(struct report *r, const char *what, const struct path *path)
{
	const char *name = d_path(path, r->text, TEXT_SIZE);

	if (!IS_ERR(name))
		put(r, "%s: %*pE\n", what, (int)strlen(name), name);
}

static void put_command(struct report *r, struct mm_struct *mm)
{
	unsigned long n = min(mm->arg_end - mm->arg_start, PAGE_SIZE / 8);

	n -= copy_from_user(r->text, (void __user *)mm->arg_start, n);
	for (unsigned long i = 0; i < n; i++)
		if (!r->text[i])
			r->text[i] = ' ';
	put(r, "command: %*pE\n", (int)strnlen(r->text, n), r->text);
}

static void put_process(struct report *r, const kernel_siginfo_t *info)
{
	struct task_struct *task = current;
	struct mm_struct *mm = task->mm;
	time64_t now = ktime_get_real_seconds();
	struct file *exe = get_mm_exe_file(mm);
	struct path cwd;

	put(r, "wasmlinux core report %d\n", FORMAT_VERSION);
	put(r, "signal: %d (%s), code %d\n", info->si_signo, signal_name(info->si_signo),
	    info->si_code);
	if (SI_FROMUSER(info) && info->si_code != SI_KERNEL)
		put(r, "sent by: pid %d, uid %u\n", info->si_pid,
		    from_kuid_munged(current_user_ns(), make_kuid(current_user_ns(), info->si_uid)));
	put(r, "time: %ptT\n", &now);
	put(r, "pid: %d, parent %d, group %d, session %d\n", task_tgid_vnr(task),
	    task_ppid_nr(task), task_pgrp_vnr(task), task_session_vnr(task));
	put(r, "uid: %u, gid: %u\n", from_kuid_munged(current_user_ns(), task_uid(task)),
	    from_kgid_munged(current_user_ns(), task_cred_xxx(task, gid)));
	if (exe) {
		put_path(r, "program", &exe->f_path);
		fput(exe);
	}
	put_command(r, mm);
	get_fs_pwd(task->fs, &cwd);
	put_path(r, "folder", &cwd);
	path_put(&cwd);
	put(r, "memory: %lu KiB\n", mm->total_vm << (PAGE_SHIFT - 10));
}

/* A stack's lines, down to where the kernel called the program. */
static void put_lines(struct report *r, char *rest, const char *before)
{
	char *line;

	while ((line = strsep(&rest, "\n")) && !strstr(line, "wasm_run_user"))
		if (*line)
			put(r, "%s%s\n", before, line);
}

static void put_thread(struct report *r, struct task_struct *task)
{
	const struct pt_regs *regs = task_pt_regs(task);

	put(r, "\nthread %d (%*pE)", task_pid_vnr(task), (int)strlen(task->comm), task->comm);
	if (task->thread.trap) {
		put(r, ": ");
		put_lines(r, strscpy(r->text, task->thread.trap, TEXT_SIZE) ? r->text : NULL, "");
		return;
	}
	if (regs->nr != NO_SYSCALL)
		put(r, ": system call %lu", regs->nr);
	put(r, "\n");
	if (wasm_stack_text(task, r->text, TEXT_SIZE))
		put_lines(r, wasm_program_frames(r->text), "  in ");
}

static void put_map(struct report *r)
{
	put(r, "\nmemory map\n");
	for (int i = 0; i < r->cprm->vma_count; i++) {
		const struct core_vma_metadata *vma = &r->cprm->vma_meta[i];
		const char *name = vma->file ? file_path(vma->file, r->text, TEXT_SIZE) : "";
		int length = IS_ERR(name) ? 0 : strlen(name);

		put(r, "  %08lx-%08lx %c%c%c%c %08lx%s", vma->start, vma->end,
		    vma->flags & VM_READ ? 'r' : '-', vma->flags & VM_WRITE ? 'w' : '-',
		    vma->flags & VM_EXEC ? 'x' : '-', vma->flags & VM_MAYSHARE ? 's' : 'p',
		    vma->pgoff << PAGE_SHIFT, length ? " " : "\n");
		if (length)
			put(r, "%*pE\n", length, name);
	}
}

/* The program's last act; all its other threads wait for this to end. */
int wasm_core_dump(struct coredump_params *cprm)
{
	struct report r = {
		.cprm = cprm,
		.line = (char *)__get_free_page(GFP_KERNEL),
		.text = kmalloc(TEXT_SIZE, GFP_KERNEL),
	};
	struct core_thread *thread;

	if (r.line && r.text) {
		put_process(&r, cprm->siginfo);
		put_thread(&r, current);
		for (thread = current->signal->core_state->dumper.next; thread; thread = thread->next)
			put_thread(&r, thread->task);
		put_map(&r);
	}
	kfree(r.text);
	free_page((unsigned long)r.line);
	return cprm->written > 0;
}

/* For a later report. Without memory it goes without. */
void wasm_keep_trap(const char *description)
{
	wasm_forget_trap(current);
	current->thread.trap = kstrdup(description, GFP_KERNEL);
}

void wasm_forget_trap(struct task_struct *task)
{
	kfree(task->thread.trap);
	task->thread.trap = NULL;
}

/* As a signal that nothing handles, so that tracers and core_pattern see it. */
void __noreturn wasm_die_of_trap(int sig)
{
	struct ksignal ksig;

	force_fatal_sig(sig);
	while (get_signal(&ksig))
		;
	/* A tracer took it, but there is no stack to go on with. */
	do_group_exit(sig);
}
