/* SPDX-License-Identifier: MIT */
/*
 * What the programs of the bench share: each defines `rows` (serve.c runs them). A row times n operations; what lies before
 * timer_start() and after timer_stop() is not counted. The names are those of bench/rows.ts.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

struct row {
	const char *name;
	void (*run)(long n);
};

/* Ends with an entry without a name. */
extern const struct row rows[];

/* What the command line gives: the shells of the processes rows, and the program that they run again and again. */
extern const char *dash_path, *ash_path, *bash_path, *true_path;

/* Of the real rows: the folder of the programs and what they work at, and how the one that is asked for is linked ("": as usual). */
extern const char *real_path, *variant;

/* An empty regular file in the working directory, which is a tmpfs of the program's own. */
#define EMPTY_FILE "empty"

void timer_start(void);
void timer_stop(void);

/* Says what failed, with errno's text, and ends the program with status 1. */
__attribute__((noreturn)) void fail(const char *what);

/* Keeps the compiler from leaving out what computes the value. */
static inline void keep(const void *pointer)
{
	__asm__ volatile("" : : "r"(pointer) : "memory");
}

#endif
