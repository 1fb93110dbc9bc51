// SPDX-License-Identifier: MIT
/*
 * Programs that were not written for this project, each with work for its processor only. A row runs one once, from start to
 * end, and looks whether it has written what it should; a request for `ROW@VARIANT` runs PROGRAM.VARIANT, the same program
 * linked in another way.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

/* In the working directory: lines of words; the same cut to numbered lines in no order; bytes. */
#define TEXT "text"
#define LINES "lines"
#define BYTES "bytes"

static uint32_t seed;

/* Of 15 bits. */
static uint32_t any(void)
{
	seed = seed * 1103515245 + 12345;
	return seed >> 16 & 0x7fff;
}

static void make_text(FILE *file)
{
	for (int line = 0; line < 120000; line++) {
		int words = 4 + any() % 9;

		for (int word = 0; word < words; word++) {
			/* Few words are frequent, many are rare. */
			uint32_t number = any() % (1 + any() % 20000);

			for (number += 27; number; number /= 26)
				putc('a' + number * 7 % 26, file);
			putc(word == words - 1 ? '\n' : ' ', file);
		}
	}
}

static void make_lines(FILE *file)
{
	for (int line = 0; line < 150000; line++)
		fprintf(file, "%u line %d of %u\n", any() * 7919 % 100000, line, any());
}

static void make_bytes(FILE *file)
{
	for (int byte = 0; byte < 24 << 20; byte += 2) {
		uint32_t two = any();

		putc(two, file);
		putc(two >> 8, file);
	}
}

static void make(const char *name, void (*fill)(FILE *))
{
	FILE *file;

	if (access(name, F_OK) == 0)
		return;
	file = fopen(name, "w");
	if (!file)
		fail(name);
	seed = 1;
	fill(file);
	if (fclose(file))
		fail(name);
}

#define OUTPUT "output"

/* FNV-1a of what the program has written. */
static uint32_t checksum(void)
{
	FILE *file = fopen(OUTPUT, "r");
	uint32_t sum = 0x811c9dc5;

	if (!file)
		fail(OUTPUT);
	for (int byte; (byte = getc(file)) != EOF;)
		sum = (sum ^ byte) * 0x01000193;
	fclose(file);
	return sum;
}

/* Runs real_path/NAME, or a variant of it, which writes OUTPUT. A % begins the name of a file beside it. */
static void run(long n, uint32_t expected, const char *name, const char *const *arguments)
{
	char program[512], argument[512], *argv[8] = { program }, *environment[] = { "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	uint32_t sum;
	int count = 1;

	make(TEXT, make_text);
	make(LINES, make_lines);
	make(BYTES, make_bytes);
	snprintf(program, sizeof(program), "%s/%s%s%s", real_path, name, *variant ? "." : "", variant);
	for (; *arguments; arguments++) {
		if (**arguments == '%') {
			snprintf(argument, sizeof(argument), "%s/%s", real_path, *arguments + 1);
			argv[count++] = argument;
		} else {
			argv[count++] = (char *)*arguments;
		}
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, OUTPUT, O_CREAT | O_WRONLY | O_TRUNC, 0600);
	timer_start();
	while (n-- > 0) {
		pid_t pid;
		int status;

		if (posix_spawn(&pid, program, &actions, NULL, argv, environment) || waitpid(pid, &status, 0) != pid)
			fail(program);
		if (status) {
			fprintf(stderr, "%s: wait status %#x\n", program, status);
			exit(1);
		}
	}
	timer_stop();
	posix_spawn_file_actions_destroy(&actions);
	sum = checksum();
	if (sum != expected) {
		fprintf(stderr, "%s has written something else: checksum %#x\n", program, sum);
		exit(1);
	}
}

#define ROW(function, expected, ...) \
	static void function(long n) \
	{ \
		static const char *const words[] = { __VA_ARGS__, NULL }; \
\
		run(n, expected, words[0], words + 1); \
	}

ROW(run_lua, 0x79f6c990, "lua", "%lua.lua")
ROW(run_quickjs, 0xaed65eb1, "qjs", "%quickjs.js")
ROW(run_sqlite, 0xf59212e3, "sqlite3", "-init", "%sqlite.sql", ":memory:", ".quit")
ROW(run_gzip, 0x33487ffe, "gzip", "-cn", TEXT)
ROW(run_awk, 0xdc53c32c, "mawk", "-f", "%words.awk", TEXT)
ROW(run_sha256sum, 0xe9d284e1, "sha256sum", BYTES)
ROW(run_sort, 0xd5d8aed9, "sort", "--parallel=1", LINES)
ROW(run_grep, 0xd922bd24, "grep", "-Ec", "([a-f]+x|q[^aeiou]?r)[a-z]* .*(th|on|er)$|(ab){2}", TEXT)
ROW(run_dash, 0x3755d191, "dash", "%shell.sh", "15000")
ROW(run_bash, 0x61f62510, "bash", "%shell.sh", "6000")

const struct row rows[] = {
	{ "lua", run_lua },
	{ "quickjs", run_quickjs },
	{ "sqlite", run_sqlite },
	{ "gzip", run_gzip },
	{ "awk (mawk)", run_awk },
	{ "sha256sum", run_sha256sum },
	{ "sort", run_sort },
	{ "grep -E", run_grep },
	{ "dash", run_dash },
	{ "bash", run_bash },
	{ 0 },
};
