// SPDX-License-Identifier: MIT
/*
 * What the kernel does with memory that a program may not read or write, or that is not mapped: EFAULT, in calls of every kind,
 * at every boundary; debuggers may all the same. Also mprotect's errors, and what it takes back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FAULTS(call) (errno = 0, (call) == -1 && errno == EFAULT)

static int pipes[2], zero;

static char *map(int pages, int prot)
{
	return mmap(NULL, pages * PAGE, prot, ANON, -1, 0);
}

/* What must fail with p neither readable nor writable; read: p may be read. */
static void refused(char *p, int read_too, const char *what)
{
	struct iovec vector = { p, 8 };
	char text[128];

	snprintf(text, sizeof(text), "%s: nothing is written to it", what);
	ok(FAULTS(read(zero, p, 8)) && FAULTS(pread(zero, p + 100, 1, 0)) && FAULTS(readv(zero, &vector, 1)) &&
		   FAULTS(syscall(SYS_uname, p)) && FAULTS(syscall(SYS_getcwd, p, 100)) && FAULTS(syscall(SYS_pipe2, p, 0)) &&
		   FAULTS(syscall(SYS_rt_sigpending, p, 8)),
	   text);
	if (!read_too)
		return;
	snprintf(text, sizeof(text), "%s: nothing is read from it", what);
	ok(FAULTS(write(pipes[1], p, 8)) && FAULTS(write(pipes[1], p + PAGE - 1, 1)) && FAULTS(writev(pipes[1], &vector, 1)) &&
		   FAULTS(syscall(SYS_openat, AT_FDCWD, p, O_RDONLY)) && FAULTS(syscall(SYS_chdir, p)) &&
		   FAULTS(syscall(SYS_futex, p, FUTEX_WAIT_PRIVATE, 0, NULL)) &&
		   FAULTS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, p, NULL, 8)),
	   text);
}

static void kinds(void)
{
	char *p = map(3, RW), *hole = p + PAGE;
	char *behind;

	strcpy(p + PAGE, "/");
	mprotect(p + PAGE, PAGE, PROT_NONE);
	refused(p + PAGE, 1, "PROT_NONE");
	ok(write(pipes[1], p, PAGE) == PAGE && write(pipes[1], p + 2 * PAGE, PAGE) == PAGE, "its neighbours are not refused");
	mprotect(p + PAGE, PAGE, PROT_READ);
	refused(p + PAGE, 0, "PROT_READ");
	ok(write(pipes[1], p, 3 * PAGE) == 3 * PAGE && access(p + PAGE, F_OK) == 0, "it can be read");
	mprotect(p + PAGE, PAGE, RW);
	ok(read(zero, p + PAGE, 8) == 8 && !p[PAGE], "PROT_READ|PROT_WRITE again: it is written to");
	munmap(p + PAGE, PAGE);
	refused(hole, 1, "a hole");
	ok(mmap(hole, PAGE, RW, ANON | MAP_FIXED, -1, 0) == hole && read(zero, hole, PAGE) == PAGE, "what is mapped there again is not");
	munmap(p, 3 * PAGE);
	refused(p, 1, "what was unmapped");
	behind = map(2, PROT_READ);
	refused(behind, 0, "what was mapped PROT_READ");
	munmap(behind, 2 * PAGE);
}

static void boundaries(void)
{
	char *p = map(4, RW);
	struct iovec both[2] = { { p, PAGE }, { p + 2 * PAGE, PAGE } };
	int file = open("/tmp/boundaries", O_CREAT | O_RDWR | O_TRUNC, 0600);

	memset(p, 'x', 4 * PAGE);
	mprotect(p + 2 * PAGE, PAGE, PROT_NONE);
	ok(write(file, p, 4 * PAGE) == 2 * PAGE && lseek(file, 0, SEEK_CUR) == 2 * PAGE, "write() stops where it may not read");
	ok(FAULTS(write(file, p + 2 * PAGE, PAGE)), "and fails when it begins there");
	ok(pread(file, p + PAGE, 2 * PAGE, 0) == PAGE, "read() stops where it may not write");
	ok(writev(file, both, 2) == PAGE, "writev() has written its first part");
	ok(FAULTS(syscall(SYS_uname, p + 2 * PAGE - 100)), "a structure must fit");
	strcpy(p + 2 * PAGE - 5, "/tmp");
	ok(access(p + 2 * PAGE - 5, F_OK) == 0, "a path may end at the last byte");
	p[2 * PAGE - 1] = 'x';
	ok(FAULTS(access(p + 2 * PAGE - 5, F_OK)), "and not be without an end there");
	close(file);
	munmap(p, 4 * PAGE);
}

static void many(void)
{
	/* Alternating protections: each access finds its own mapping. */
	char *p = map(64, RW);
	int right = 1;

	for (int i = 0; i < 64; i += 2)
		right &= !mprotect(p + i * PAGE, PAGE, i % 4 ? PROT_READ : PROT_NONE);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 64; i++) {
			char *at = p + i * PAGE + 7;
			int may_read = i % 4 != 0, may_write = i % 2;

			right &= (pread(zero, at, 3, 0) == 3) == may_write;
			right &= (write(pipes[1], at, 3) == 3) == may_read;
		}
	ok(right, "of 64 pages in turn each has its own protection");
	munmap(p, 64 * PAGE);
}

static volatile int handled;

static void handler(int number)
{
	handled = number;
}

static void signals(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		stack_t stack = { .ss_sp = map(4, RW), .ss_size = 4 * PAGE };
		struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

		sigaltstack(&stack, NULL);
		sigaction(SIGUSR1, &action, NULL);
		raise(SIGUSR1);
		if (handled != SIGUSR1)
			_exit(1);
		mprotect(stack.ss_sp, 4 * PAGE, PROT_READ);
		raise(SIGUSR1);
		_exit(2);
	}
	waitpid(child, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a signal stack that may not be written to: SIGSEGV");
}

static void debuggers(void)
{
	char *p = map(1, RW), word[8] = "";
	struct iovec here = { word, 4 }, there = { p, 4 };
	int status, memory;
	pid_t child;

	strcpy(p, "abc");
	mprotect(p, PAGE, PROT_NONE);
	child = fork();
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, &status, 0);
	ok(FAULTS(process_vm_readv(child, &here, 1, &there, 1, 0)), "process_vm_readv() from PROT_NONE fails");
	ok((ptrace(PTRACE_PEEKDATA, child, p, 0) & 0xffffff) == 0x636261, "a debugger reads it");
	ok(ptrace(PTRACE_POKEDATA, child, p, (void *)0x646362) == 0 &&
		   (ptrace(PTRACE_PEEKDATA, child, p, 0) & 0xffffff) == 0x646362, "and writes to it");
	memory = open("/proc/self/mem", O_RDWR);
	ok(pread(memory, word, 4, (off_t)(unsigned long)p) == 4 && !strcmp(word, "abc"), "so does /proc/self/mem");
	close(memory);
	munmap(p, PAGE);
	ok(FAULTS(ptrace(PTRACE_POKEDATA, child, p + (1 << 24), 0)) || errno == EIO, "nobody writes to what is not mapped");
	ptrace(PTRACE_KILL, child, 0, 0);
	waitpid(child, &status, 0);
}

static void errors(void)
{
	char *p = map(6, RW);
	struct rlimit old, tight;
	int fd = open("/tmp/protected", O_CREAT | O_RDWR | O_TRUNC, 0600), reader;
	char *file;

	ok(syscall(SYS_mprotect, p + 1, PAGE, PROT_READ) == -1 && errno == EINVAL, "an odd address: EINVAL");
	ok(mprotect(p, PAGE, 0x40) == -1 && errno == EINVAL, "an unknown right: EINVAL");
	ok(mprotect(p, 0, PROT_NONE) == 0 && p[0] == 0 && read(zero, p, 1) == 1, "no length: nothing happens");
	munmap(p + 3 * PAGE, PAGE);
	ok(mprotect(p, 6 * PAGE, PROT_READ) == -1 && errno == ENOMEM, "over a hole: ENOMEM");
	ok(FAULTS(read(zero, p, 1)) && FAULTS(read(zero, p + 2 * PAGE, 1)) && read(zero, p + 4 * PAGE, 1) == 1,
	   "what is before the hole has changed");
	ok(mprotect((void *)-PAGE, 2 * PAGE, PROT_READ) == -1 && errno == ENOMEM, "around the end: ENOMEM");
	ftruncate(fd, PAGE);
	reader = open("/tmp/protected", O_RDONLY);
	file = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
	ok(mprotect(file, PAGE, RW) == -1 && errno == EACCES, "writable, of a file that is open to read: EACCES");
	munmap(file, PAGE);
	file = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, reader, 0);
	ok(mprotect(file, PAGE, RW) == 0 && read(zero, file, 1) == 1, "of a private mapping it is allowed");
	munmap(file, PAGE);
	getrlimit(RLIMIT_DATA, &old);
	tight = old;
	tight.rlim_cur = PAGE;
	setrlimit(RLIMIT_DATA, &tight);
	ok(mprotect(p, PAGE, RW) == -1 && errno == ENOMEM, "RLIMIT_DATA bounds what becomes writable");
	setrlimit(RLIMIT_DATA, &old);
	ok(mprotect(p, PAGE, RW) == 0, "without it all is well");
	munmap(p, 6 * PAGE);
}

int main(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	pid_t drain;

	sigaction(SIGPIPE, &ignore, NULL);
	zero = open("/dev/zero", O_RDONLY);
	if (pipe(pipes))
		return 1;
	drain = fork();
	if (!drain) {
		static char buffer[65536];

		close(pipes[1]);
		while (read(pipes[0], buffer, sizeof(buffer)) > 0)
			;
		_exit(0);
	}
	kinds();
	boundaries();
	many();
	signals();
	debuggers();
	errors();
	close(pipes[1]);
	waitpid(drain, NULL, 0);
	return tap_done();
}
