/* SPDX-License-Identifier: MIT */
/* A shell on a terminal of its own, to which a test types as somebody who sits there. */
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROMPT "prompt> "

static int terminal;
static char shown[65536];
static size_t shown_length;

/* Reads what the shell shows until it shows that. */
static int wait_for(const char *text)
{
	for (;;) {
		shown[shown_length] = 0;
		if (strstr(shown, text))
			return 1;
		if (shown_length > sizeof shown / 2)
			shown_length = 0;
		ssize_t n = read(terminal, shown + shown_length, sizeof shown - 1 - shown_length);
		if (n <= 0)
			return 0;
		shown_length += n;
	}
}

/* Types, and waits for an answer; which must be nothing that the echo of the line has. */
static int type_and_wait(const char *keys, const char *answer)
{
	shown_length = 0;
	return write(terminal, keys, strlen(keys)) == (ssize_t)strlen(keys) && wait_for(answer);
}

/* The same with a line, after which the shell shows its prompt again. */
static int type(const char *line, const char *answer)
{
	return type_and_wait(line, answer) && wait_for(PROMPT);
}

static int start_shell(void)
{
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

	if (pid == 0) {
		setenv("PS1", PROMPT, 1);
		unsetenv("ENV");
		execl("/bin/sh", "sh", "-i", NULL);
		_exit(127);
	}
	return pid > 0 && wait_for(PROMPT);
}
