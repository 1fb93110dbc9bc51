/* SPDX-License-Identifier: MIT */
/* What most guest tests print: one line "ok N - what" or "not ok N - what"
 * for each statement, and "1..N" at the end.  The status is 0 if all held. */
#include <stdio.h>
#include <unistd.h>

static int tap_count, tap_failed;

static int tap_ok(int holds, const char *what, const char *file, int line)
{
	printf("%sok %d - %s\n", holds ? "" : "not ", ++tap_count, what);
	if (!holds) {
		printf("# %s:%d\n", file, line);
		tap_failed++;
	}
	/* a child that is forked now must not print it again */
	fflush(stdout);
	return holds;
}

#define ok(holds, what) tap_ok(!!(holds), what, __FILE__, __LINE__)

static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}
