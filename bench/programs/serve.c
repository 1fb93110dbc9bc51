// SPDX-License-Identifier: MIT
/*
 * The main program of each group: reads lines `N NAME` from standard input, does N operations of that row, and answers with a
 * line: the nanoseconds they took. So bench/session.ts can let the native and the guest's program take turns.
 *
 * A NAME that ends with @VARIANT asks for another program of a row (real.c).
 *
 *     PROGRAM FOLDER DASH ASH BASH TRUE REAL     makes FOLDER and works in it
 *     PROGRAM exit                               ends at once: what the exec rows execute
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"

const char *dash_path, *ash_path, *bash_path, *true_path, *real_path, *variant = "";

static struct timespec started, stopped;

void timer_start(void)
{
	clock_gettime(CLOCK_MONOTONIC, &started);
}

void timer_stop(void)
{
	clock_gettime(CLOCK_MONOTONIC, &stopped);
}

_Noreturn void fail(const char *what)
{
	perror(what);
	exit(1);
}

static const struct row *find(const char *name)
{
	for (const struct row *row = rows; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	fprintf(stderr, "no row %s\n", name);
	exit(1);
}

int main(int argc, char **argv)
{
	char line[128];

	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0;
	if (argc != 7) {
		fprintf(stderr, "usage: %s FOLDER DASH ASH BASH TRUE REAL\n", argv[0]);
		return 2;
	}
	dash_path = argv[2];
	ash_path = argv[3];
	bash_path = argv[4];
	true_path = argv[5];
	real_path = argv[6];
	if ((mkdir(argv[1], 0700) && errno != EEXIST) || chdir(argv[1]))
		fail(argv[1]);
	close(open(EMPTY_FILE, O_CREAT | O_WRONLY, 0600));
	/* A child that has died is an error of the row's, which it finds itself. */
	signal(SIGPIPE, SIG_IGN);
	while (fgets(line, sizeof(line), stdin)) {
		char *name, *at;
		long n = strtol(line, &name, 10);

		name += strspn(name, " ");
		name[strcspn(name, "\n")] = 0;
		if ((at = strchr(name, '@')))
			*at++ = 0;
		variant = at ? at : "";
		find(name)->run(n);
		printf("%.0f\n", (stopped.tv_sec - started.tv_sec) * 1e9 + (stopped.tv_nsec - started.tv_nsec));
		fflush(stdout);
	}
	return 0;
}
