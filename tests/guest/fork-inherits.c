/* SPDX-License-Identifier: MIT */
/* What a child of fork has of its parent and what not: fork(2), point by point. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include "children.h"
#include "tap.h"

/* a child that exits with what f returns */
static int in_child(int (*f)(void))
{
	pid_t pid = fork();
	if (pid == 0) _exit(f());
	return status_of(pid);
}

static pid_t parent_pid, parent_tid;
static int numbers(void)
{
	return getpid() != parent_pid && getppid() == parent_pid && gettid() == getpid() &&
		syscall(SYS_set_tid_address, 0) == getpid() && gettid() != parent_tid;
}

static int file, lock_file;
static int offset(void)
{
	char c;
	return read(file, &c, 1) == 1 && c == 'c' && lseek(file, 0, SEEK_CUR) == 3;
}
static int closes(void) { return close(file) == 0; }
static int descriptor_flags(void) { return fcntl(file, F_GETFD) == FD_CLOEXEC; }
static int append_flag(void) { return fcntl(file, F_SETFL, O_APPEND) == 0; }

static int holds_lock(int command)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	return fcntl(lock_file, command, &lock) == 0;
}
static int process_lock(void) { return !holds_lock(F_SETLK) && (errno == EAGAIN || errno == EACCES); }
static int description_lock(void) { return holds_lock(F_OFD_SETLK); }

static int timers(void)
{
	struct itimerval interval;
	if (getitimer(ITIMER_REAL, &interval)) return 0;
	return alarm(0) == 0 && interval.it_value.tv_sec == 0 && interval.it_value.tv_usec == 0;
}
static timer_t timer;
static int posix_timer(void)
{
	struct itimerspec left;
	return timer_gettime(timer, &left) < 0 && errno == EINVAL;
}

static int pending(void)
{
	sigset_t set;
	return sigpending(&set) == 0 && !sigismember(&set, SIGUSR1);
}
static int handlers_and_mask(void)
{
	struct sigaction sa;
	sigset_t set;
	sigaction(SIGUSR2, 0, &sa);
	sigprocmask(SIG_SETMASK, 0, &set);
	return sa.sa_handler == SIG_IGN && sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2);
}
static stack_t alternate;
static int alternate_stack(void)
{
	stack_t ss;
	return sigaltstack(0, &ss) == 0 && ss.ss_sp == alternate.ss_sp && ss.ss_size == alternate.ss_size;
}

static int times_used(void)
{
	struct rusage usage;
	struct tms tms;
	times(&tms);
	return tms.tms_cutime == 0 && tms.tms_cstime == 0 && getrusage(RUSAGE_CHILDREN, &usage) == 0 &&
		usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec == 0;
}
static int attributes(void)
{
	struct rlimit limit;
	char name[16], where[64];
	int signal;
	prctl(PR_GET_NAME, name);
	prctl(PR_GET_PDEATHSIG, &signal);
	return umask(0) == 027 && getcwd(where, sizeof where) && !strcmp(where, "/") &&
		getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 77 && !strcmp(name, "inherits") &&
		signal == 0 && getpgrp() == getpgid(parent_pid) && getsid(0) == getsid(parent_pid) &&
		getpriority(PRIO_PROCESS, 0) == 3;
}
static int no_children(void) { return wait(0) < 0 && errno == ECHILD; }

static char *private;
static int mapping(void)
{
	int right = private[5] == 'p' && private[8192] == 'q';
	private[5] = 'x';
	return right && munmap(private, 16384) == 0;
}

static int events;
static int epoll(void)
{
	struct epoll_event event;
	return epoll_wait(events, &event, 1, 0) == 1 && event.data.u32 == 99;
}

/* threads */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int waiting, done;
static _Thread_local int own;
static void *waits(void *arg)
{
	pthread_mutex_lock(&mutex);
	waiting++;
	pthread_cond_broadcast(&condition);
	while (!done) pthread_cond_wait(&condition, &mutex);
	pthread_mutex_unlock(&mutex);
	return 0;
}
static void *returns_argument(void *arg) { return arg; }
static int makes_threads(void)
{
	pthread_t t;
	void *result;
	for (int i = 0; i < 10; i++)
		if (pthread_create(&t, 0, returns_argument, &t) || pthread_join(t, &result) || result != &t) return 0;
	return own == 7;
}
static volatile int thread_status;
static void *forks(void *arg)
{
	own = 7;
	thread_status = in_child(makes_threads);
	return 0;
}
static int child_tasks(void)
{
	struct stat s;
	return stat("/proc/self/task", &s) == 0 && s.st_nlink == 3;
}
static void *forks_to_count(void *arg)
{
	thread_status = in_child(child_tasks);
	return 0;
}
/* the child of a thread ends when the thread's function returns, like any last thread */
static volatile pid_t returning;
static void *returns_in_child(void *arg)
{
	returning = fork();
	return 0;
}
static int order[8], ordered;
static void prepare_first(void) { order[ordered++] = 1; }
static void prepare_second(void) { order[ordered++] = 2; }
static void parent_first(void) { order[ordered++] = 3; }
static void parent_second(void) { order[ordered++] = 4; }
static void child_first(void) { order[ordered++] = 5; }
static void child_second(void) { order[ordered++] = 6; }
static int child_order(void)
{
	return ordered == 4 && order[0] == 2 && order[1] == 1 && order[2] == 5 && order[3] == 6;
}

static int robust_dead(void)
{
	/* the lock is the parent's thread's, who is not here */
	pthread_mutex_t *m = (void *)private;
	return pthread_mutex_trylock(m) == EBUSY;
}

int main(void)
{
	pthread_t t[3], one;
	parent_pid = getpid();
	parent_tid = gettid();
	ok(in_child(numbers), "numbers: pid, parent's pid, thread");

	char name[] = "/tmp/fork-inherits-XXXXXX";
	file = mkstemp(name);
	write(file, "abcdef", 6);
	lseek(file, 2, SEEK_SET);
	ok(in_child(offset) && lseek(file, 0, SEEK_CUR) == 3, "an open file's offset is shared");
	ok(in_child(closes) && fcntl(file, F_GETFD) >= 0, "its descriptor is not");
	fcntl(file, F_SETFD, FD_CLOEXEC);
	ok(in_child(descriptor_flags), "a descriptor that exec closes is open");
	ok(in_child(append_flag) && (fcntl(file, F_GETFL) & O_APPEND), "status flags are the file's");

	lock_file = open(name, O_RDWR);
	holds_lock(F_SETLK);
	ok(in_child(process_lock), "locks of a process are not inherited");
	struct flock none = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_len = 1 };
	fcntl(lock_file, F_SETLK, &none);
	holds_lock(F_OFD_SETLK);
	ok(in_child(description_lock), "those of an open file are");
	unlink(name);

	alarm(1000);
	ok(in_child(timers) && alarm(0) > 0, "alarm and interval timers are not inherited");
	timer_create(CLOCK_MONOTONIC, &(struct sigevent){ .sigev_notify = SIGEV_NONE }, &timer);
	timer_settime(timer, 0, &(struct itimerspec){ .it_value.tv_sec = 1000 }, 0);
	ok(in_child(posix_timer), "POSIX timers are not inherited");
	timer_delete(timer);

	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	raise(SIGUSR1);
	ok(in_child(pending), "pending signals are not inherited");
	sigwait(&set, &(int){ 0 });
	signal(SIGUSR2, SIG_IGN);
	ok(in_child(handlers_and_mask), "dispositions and the mask are");
	alternate = (stack_t){ .ss_sp = malloc(65536), .ss_size = 65536 };
	sigaltstack(&alternate, 0);
	ok(in_child(alternate_stack), "the alternate stack is");

	ok(in_child(times_used), "times of children begin at 0");
	umask(027);
	chdir("/");
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 77, 77 });
	prctl(PR_SET_NAME, "inherits");
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setpriority(PRIO_PROCESS, 0, 3);
	ok(in_child(attributes), "umask, folder, limits, name, group, session, niceness are inherited, the death signal is not");
	prctl(PR_SET_PDEATHSIG, 0);
	pid_t sleeper = fork();
	if (sleeper == 0) {
		pause();
		_exit(1);
	}
	ok(in_child(no_children), "children are not");
	kill(sleeper, SIGTERM);
	ok(status_of(sleeper) == -SIGTERM, "they are the parent's");

	private = mmap(0, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	private[5] = 'p';
	private[8192] = 'q';
	ok(in_child(mapping) && private[5] == 'p', "a private mapping is copied");

	int pipe_ends[2];
	pipe(pipe_ends);
	write(pipe_ends[1], "x", 1);
	events = epoll_create1(0);
	epoll_ctl(events, EPOLL_CTL_ADD, pipe_ends[0], &(struct epoll_event){ .events = EPOLLIN, .data.u32 = 99 });
	ok(in_child(epoll), "an epoll set is shared");

	pthread_atfork(prepare_first, parent_first, child_first);
	pthread_atfork(prepare_second, parent_second, child_second);
	ok(in_child(child_order) && ordered == 4 && order[2] == 3 && order[3] == 4,
	   "pthread_atfork: prepare in reverse order, the others in order");
	ordered = -1000;

	for (int i = 0; i < 3; i++) pthread_create(&t[i], 0, waits, 0);
	pthread_mutex_lock(&mutex);
	while (waiting < 3) pthread_cond_wait(&condition, &mutex);
	pthread_mutex_unlock(&mutex);
	ordered = 0;
	pthread_create(&one, 0, forks_to_count, 0);
	pthread_join(one, 0);
	ok(thread_status, "of five threads only the one that forks is in the child");
	ordered = 0;
	pthread_create(&one, 0, forks, 0);
	pthread_join(one, 0);
	ok(thread_status, "its child makes threads, and has its thread-local variables");
	ordered = 0;
	pthread_create(&one, 0, returns_in_child, 0);
	pthread_join(one, 0);
	ok(status_of(returning) == 0, "the child ends when the thread's function returns");
	pthread_mutex_lock(&mutex);
	done = 1;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 3; i++) pthread_join(t[i], 0);

	pthread_mutexattr_t robust;
	pthread_mutexattr_init(&robust);
	pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init((void *)private, &robust);
	pthread_mutex_lock((void *)private);
	ordered = 0;
	ok(in_child(robust_dead), "a robust lock is its owner's, who is not in the child");
	ok(pthread_mutex_unlock((void *)private) == 0, "and the child's end does not release it");
	return tap_done();
}
