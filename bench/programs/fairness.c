// SPDX-License-Identifier: MIT
/* How soon two processes that wait for each other answer while a crowd of another session computes. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

#define CROWD 1000

/* The loops' leader, in a session of its own. They begin together: who makes them must not compete with them. */
static pid_t begin_crowd(int count)
{
	int made[2], gate[2];
	char byte;
	pid_t leader;

	if (pipe(made) || pipe(gate))
		fail("pipe");
	leader = fork();
	if (leader < 0)
		fail("fork");
	if (leader == 0) {
		setsid();
		for (int i = 0; i < count; i++) {
			pid_t child = fork();

			if (child < 0)
				_exit(1);
			if (child == 0) {
				close(gate[1]);
				if (read(gate[0], &byte, 1) != 0)
					_exit(1);
				for (;;)
					;
			}
		}
		if (write(made[1], "", 1) != 1)
			_exit(1);
		close(gate[1]);
		pause();
	}
	close(made[1]);
	close(gate[0]);
	if (read(made[0], &byte, 1) != 1)
		fail("crowd");
	close(made[0]);
	close(gate[1]);
	return leader;
}

static void answers(long n, int count)
{
	int there[2], back[2];
	char byte = 0;
	pid_t crowd, child;

	if (pipe(there) || pipe(back))
		fail("pipe");
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		close(there[1]);
		while (read(there[0], &byte, 1) == 1)
			if (write(back[1], &byte, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(there[0]);
	crowd = begin_crowd(count);
	timer_start();
	while (n--)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			fail("round trip");
	timer_stop();
	kill(-crowd, SIGKILL);
	waitpid(crowd, NULL, 0);
	close(there[1]);
	close(back[0]);
	close(back[1]);
	waitpid(child, NULL, 0);
}

static void run_alone(long n)
{
	answers(n, 0);
}

static void run_beside_ten(long n)
{
	answers(n, 10);
}

static void run_beside_crowd(long n)
{
	answers(n, CROWD);
}

const struct row rows[] = {
	{ "an answer", run_alone },
	{ "beside 10 busy loops", run_beside_ten },
	{ "beside 1,000 busy loops", run_beside_crowd },
	{ 0 },
};
