// SPDX-License-Identifier: MIT
/*
 * signal(7)'s tables: which blocking calls are made again behind a handler with SA_RESTART, and which give EINTR whatever it says.
 * A timer ticks while each call blocks; after some ticks the handler lets the call succeed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include "tap.h"

/* libc's functions begin again by themselves. */
#ifndef SYS_rt_sigtimedwait
#define SYS_rt_sigtimedwait SYS_rt_sigtimedwait_time64
#endif
#define TICKS 3

static volatile int ticks, futex_word;
static void (*complete)(void);
static int tube[2], pair[2], file[2], listener, poller, event, watch, message_queue, semaphores, master, slave;
static char folder[] = "/tmp/restart-XXXXXX", path[64], buffer[4096];
static mqd_t queue;
static pid_t child;
static sem_t semaphore;

static void tick(int signal)
{
	if (++ticks >= TICKS && complete)
		complete();
}

static void fill(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, buffer, sizeof(buffer)) > 0)
		;
	while (write(fd, buffer, 1) > 0)
		;
	fcntl(fd, F_SETFL, 0);
}

static void drain(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	fcntl(fd, F_SETFL, 0);
}

static const char *in_folder(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct sockaddr_un address(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strcpy(at.sun_path, in_folder("socket"));
	return at;
}

/* Calls, and what lets them succeed. */
static long read_pipe(void) { return read(tube[0], buffer, 1); }
static long readv_pipe(void)
{
	struct iovec v = { buffer, 1 };
	return readv(tube[0], &v, 1);
}
static void write_byte(void) { write(tube[1], "x", 1); }
static long write_pipe(void)
{
	fill(tube[1]);
	return write(tube[1], buffer, 1);
}
static void drain_pipe(void) { drain(tube[0]); }
static long open_fifo(void)
{
	int fd = open(in_folder("fifo"), O_RDONLY);

	return fd < 0 ? fd : close(fd);
}
static void open_both_ends(void)
{
	if (file[0] < 0)
		file[0] = open(in_folder("fifo"), O_RDWR);
}
static long recv_socket(void) { return recv(pair[0], buffer, 1, 0); }
static long recvmsg_socket(void)
{
	struct iovec v = { buffer, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	return recvmsg(pair[0], &m, 0);
}
static void send_byte(void) { send(pair[1], "x", 1, 0); }
static long send_socket(void)
{
	fill(pair[0]);
	return send(pair[0], buffer, 1, 0);
}
static void drain_socket(void) { drain(pair[1]); }
static long accept_one(void)
{
	int fd = accept(listener, NULL, NULL);

	return fd < 0 ? fd : close(fd);
}
static void connect_one(void)
{
	struct sockaddr_un at = address();

	if (file[0] < 0) {
		file[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(file[0], (struct sockaddr *)&at, sizeof(at));
	}
}
static long wait_child(void) { return waitpid(child, NULL, 0); }
static long waitid_child(void)
{
	siginfo_t info;
	return waitid(P_PID, child, &info, WEXITED);
}
static void kill_child(void) { kill(child, SIGKILL); }
static long flock_file(void) { return flock(file[0], LOCK_EX); }
static void unflock(void) { flock(file[1], LOCK_UN); }
static long lock_file(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	return fcntl(file[0], F_OFD_SETLKW, &lock);
}
static void unlock(void)
{
	struct flock lock = { .l_type = F_UNLCK };
	fcntl(file[1], F_OFD_SETLK, &lock);
}
static long mq_take(void) { return mq_receive(queue, buffer, sizeof(buffer), NULL); }
static void mq_give(void)
{
	struct timespec past = { 0, 0 };
	mq_timedsend(queue, "x", 1, 0, &past);
}
static long wait_futex(void)
{
	futex_word = 0;
	return syscall(SYS_futex, &futex_word, FUTEX_WAIT, 0, NULL) == 0 || errno == EAGAIN ? 0 : -1;
}
static void wake_futex(void)
{
	futex_word = 1;
	syscall(SYS_futex, &futex_word, FUTEX_WAKE, 1);
}
static long wait_semaphore(void) { return sem_wait(&semaphore); }
static void post_semaphore(void) { sem_post(&semaphore); }
static long read_event(void) { return read(event, buffer, 8); }
static void write_event(void) { eventfd_write(event, 1); }
static long read_inotify(void) { return read(watch, buffer, sizeof(buffer)); }
static void make_file(void) { close(open(in_folder("made"), O_CREAT | O_WRONLY | O_TRUNC, 0600)); }
static long read_terminal(void) { return read(slave, buffer, 1); }
static void type(void) { write(master, "x\n", 2); }

static long timed_recv(void)
{
	struct timeval long_time = { 100, 0 };

	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &long_time, sizeof(long_time));
	return recv(pair[0], buffer, 1, 0);
}
static long do_poll(void) { return poll(NULL, 0, -1); }
static long do_ppoll(void) { return ppoll(NULL, 0, NULL, NULL); }
static long do_select(void) { return select(0, NULL, NULL, NULL, NULL); }
static long do_pselect(void) { return pselect(0, NULL, NULL, NULL, NULL, NULL); }
static long do_epoll_wait(void)
{
	struct epoll_event e;
	return epoll_wait(poller, &e, 1, -1);
}
static long do_epoll_pwait(void)
{
	struct epoll_event e;
	sigset_t none;
	sigemptyset(&none);
	return epoll_pwait(poller, &e, 1, -1, &none);
}
static long do_pause(void) { return pause(); }
static long do_sigsuspend(void)
{
	sigset_t none;
	sigemptyset(&none);
	return sigsuspend(&none);
}
static long do_sigtimedwait(void)
{
	struct timespec long_time = { 100, 0 };
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, &long_time, 8);
}
static long do_sigwaitinfo(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}
static long do_nanosleep(void)
{
	struct timespec long_time = { 100, 0 };
	return nanosleep(&long_time, NULL);
}
static long do_clock_nanosleep(void)
{
	struct timespec then;
	clock_gettime(CLOCK_MONOTONIC, &then);
	then.tv_sec += 100;
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
	return errno ? -1 : 0;
}
static long do_sleep(void)
{
	errno = EINTR;
	return sleep(100) ? -1 : 0;
}
static long do_msgrcv(void) { return msgrcv(message_queue, buffer, 16, 0, 0); }
static long do_msgsnd(void)
{
	struct { long type; char text[1024]; } message = { 1 };
	long r;
	while (!(r = msgsnd(message_queue, &message, sizeof(message.text), 0)))
		;
	int error = errno;
	while (msgrcv(message_queue, &message, sizeof(message.text), 0, IPC_NOWAIT) >= 0)
		;
	errno = error;
	return r;
}
static long do_semop(void)
{
	struct sembuf take = { 0, -1, 0 };
	return semop(semaphores, &take, 1);
}
static long do_semtimedop(void)
{
	struct sembuf take = { 0, -1, 0 };
	struct timespec long_time = { 100, 0 };
	return semtimedop(semaphores, &take, 1, &long_time);
}
static long timed_futex(void)
{
	struct timespec long_time = { 100, 0 };
	futex_word = 0;
	/* FUTEX_WAIT with a relative time goes on waiting without a handler only */
	return syscall(SYS_futex, &futex_word, FUTEX_WAIT, 0, &long_time);
}

static const struct {
	const char *name;
	long (*call)(void);
	void (*complete)(void);
} calls[] = {
	{ "read of a pipe", read_pipe, write_byte },
	{ "readv of a pipe", readv_pipe, write_byte },
	{ "write to a pipe", write_pipe, drain_pipe },
	{ "open of a FIFO", open_fifo, open_both_ends },
	{ "recv", recv_socket, send_byte },
	{ "recvmsg", recvmsg_socket, send_byte },
	{ "send", send_socket, drain_socket },
	{ "accept", accept_one, connect_one },
	{ "waitpid", wait_child, kill_child },
	{ "waitid", waitid_child, kill_child },
	{ "flock", flock_file, unflock },
	{ "fcntl(F_OFD_SETLKW)", lock_file, unlock },
	{ "mq_receive", mq_take, mq_give },
	{ "futex(FUTEX_WAIT)", wait_futex, wake_futex },
	{ "sem_wait", wait_semaphore, post_semaphore },
	{ "read of an eventfd", read_event, write_event },
	{ "read of an inotify descriptor", read_inotify, make_file },
	{ "read of a terminal", read_terminal, type },
	{ "recv with SO_RCVTIMEO", timed_recv, NULL },
	{ "poll", do_poll, NULL },
	{ "ppoll", do_ppoll, NULL },
	{ "select", do_select, NULL },
	{ "pselect", do_pselect, NULL },
	{ "epoll_wait", do_epoll_wait, NULL },
	{ "epoll_pwait", do_epoll_pwait, NULL },
	{ "pause", do_pause, NULL },
	{ "sigsuspend", do_sigsuspend, NULL },
	{ "sigtimedwait", do_sigtimedwait, NULL },
	{ "sigwaitinfo", do_sigwaitinfo, NULL },
	{ "nanosleep", do_nanosleep, NULL },
	{ "clock_nanosleep", do_clock_nanosleep, NULL },
	{ "sleep", do_sleep, NULL },
	{ "msgrcv", do_msgrcv, NULL },
	{ "msgsnd", do_msgsnd, NULL },
	{ "semop", do_semop, NULL },
	{ "semtimedop", do_semtimedop, NULL },
	{ "futex with a time limit", timed_futex, NULL },
};

static void open_all(void)
{
	struct sockaddr_un at = address();
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = sizeof(buffer) };

	pipe(tube);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	mkfifo(in_folder("fifo"), 0600);
	unlink(at.sun_path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(listener, (struct sockaddr *)&at, sizeof(at));
	listen(listener, 1);
	poller = epoll_create1(0);
	event = eventfd(0, 0);
	watch = inotify_init1(0);
	inotify_add_watch(watch, folder, IN_CLOSE_WRITE);
	message_queue = msgget(IPC_PRIVATE, 0600);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	mq_unlink("/restarted-calls");
	queue = mq_open("/restarted-calls", O_RDWR | O_CREAT, 0600, &attr);
	sem_init(&semaphore, 0, 0);
	master = posix_openpt(O_RDWR | O_NOCTTY);
	grantpt(master);
	unlockpt(master);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
}

static void close_all(void)
{
	const int all[] = { tube[0], tube[1], pair[0], pair[1], listener, poller, event, watch, master, slave };

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		close(all[i]);
	mq_close(queue);
	mq_unlink("/restarted-calls");
	msgctl(message_queue, IPC_RMID, NULL);
	semctl(semaphores, 0, IPC_RMID);
}

/* What the call's own objects are, when they must be new each time. */
static void prepare(long (*call)(void))
{
	struct flock lock = { .l_type = F_WRLCK };

	file[0] = file[1] = -1;
	child = 0;
	if (call == wait_child || call == waitid_child) {
		child = fork();
		if (!child)
			for (;;)
				pause();
	}
	if (call == flock_file || call == lock_file) {
		file[0] = open(in_folder("lock"), O_RDWR | O_CREAT, 0600);
		file[1] = open(in_folder("lock"), O_RDWR | O_CREAT, 0600);
		if (call == flock_file)
			flock(file[1], LOCK_EX);
		else
			fcntl(file[1], F_OFD_SETLK, &lock);
	}
}

static void clean_up(void)
{
	for (int i = 0; i < 2; i++)
		if (file[i] >= 0)
			close(file[i]);
	if (child) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
}

static int result_of(int index, int flags)
{
	struct itimerval timer = { { 0, 3000 }, { 0, 3000 } }, off = { 0 };
	struct sigaction action = { .sa_handler = tick, .sa_flags = flags };
	long result;
	int error;

	open_all();
	prepare(calls[index].call);
	ticks = 0;
	/* Without SA_RESTART no tick lets it succeed. */
	complete = flags & SA_RESTART ? calls[index].complete : NULL;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	errno = 0;
	result = calls[index].call();
	error = errno;
	setitimer(ITIMER_REAL, &off, NULL);
	clean_up();
	close_all();
	return result < 0 ? error : 0;
}

int main(void)
{
	char what[100];

	mkdtemp(folder);
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		int plain = result_of(i, 0), restarted = result_of(i, SA_RESTART);

		snprintf(what, sizeof(what), "%s: %s, with SA_RESTART %s", calls[i].name, strerror(plain), strerror(restarted));
		ok(plain == EINTR && restarted == (calls[i].complete ? 0 : EINTR), what);
	}
	unlink(in_folder("made"));
	unlink(in_folder("lock"));
	unlink(in_folder("fifo"));
	unlink(in_folder("socket"));
	rmdir(folder);
	return tap_done();
}
