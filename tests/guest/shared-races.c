// SPDX-License-Identifier: MIT
/*
 * A process makes a file shorter, longer and full of holes while others, which have it mapped and compute, get the CPU in the
 * middle of that: nobody may bring back what was cut off, or keep what is no longer a part of the file.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

#define PAGE 4096
#define PAGES 1500
#define ROUNDS 60
#define READERS 4
#define RW (PROT_READ | PROT_WRITE)

/* The rest of the page that a cut goes through is zero once the file grows again; a hole is zero. */
#define CUT 100
#define HOLE_BEGIN (3 * PAGE + CUT)
#define HOLE_END (PAGES * PAGE - CUT)

/* What the readers are told, and tell. */
struct board {
	volatile int round;
	volatile int lost;
};

static int is_zero(volatile const char *map, int from, int to)
{
	for (int i = from; i < to; i += 61)
		if (map[i])
			return 0;
	return 1;
}

/* Computes, and so is in the way; looks at the file once in a round. Its mapping is writable, but it writes nothing. */
static void compute(int file, struct board *board, int answers, int from, int to)
{
	volatile char *map = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, file, 0);
	unsigned sum = 0;

	for (int round = 0;;) {
		sum += map[0];
		if (board->round == round)
			continue;
		round = board->round;
		if (!is_zero(map, from, to))
			board->lost++;
		if (write(answers, &sum, 1) != 1)
			exit(1);
	}
}

static void cut(int file)
{
	if (ftruncate(file, CUT) || ftruncate(file, PAGES * PAGE))
		exit(99);
}

static void punch(int file)
{
	if (fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, HOLE_BEGIN, HOLE_END - HOLE_BEGIN))
		exit(99);
}

static void race(const char *name, int file, void (*change)(int file), int from, int to)
{
	struct board *board = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *full = malloc(PAGES * PAGE), *found = malloc(PAGES * PAGE), answer;
	int answers[2], lost = 0, read_short = 0;
	pid_t readers[READERS];

	memset(full, 'x', PAGES * PAGE);
	if (pwrite(file, full, PAGES * PAGE, 0) != PAGES * PAGE || pipe(answers))
		exit(99);
	for (int i = 0; i < READERS; i++) {
		readers[i] = fork();
		if (!readers[i])
			compute(file, board, answers[1], from, to);
	}
	for (int i = 0; i < ROUNDS; i++) {
		read_short += pwrite(file, full, PAGES * PAGE, 0) != PAGES * PAGE;
		change(file);
		read_short += pread(file, found, PAGES * PAGE, 0) != PAGES * PAGE;
		lost += !is_zero(found, from, to);
		board->round = i + 1;
		for (int k = 0; k < READERS; k++)
			read_short += read(answers[0], &answer, 1) != 1;
	}
	for (int i = 0; i < READERS; i++) {
		kill(readers[i], SIGKILL);
		waitpid(readers[i], NULL, 0);
	}
	ok(!read_short, name);
	if (lost || board->lost)
		printf("# of %d rounds wrong: %d in the file, %d in mappings\n", ROUNDS, lost, board->lost);
	ok(!lost, "the file is right");
	ok(!board->lost, "mappings are right");
	munmap(board, PAGE);
	close(answers[0]);
	close(answers[1]);
	free(full);
	free(found);
}

int main(int argc, char **argv)
{
	int file = argc > 1 ? open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600) : memfd_create("file", 0);

	/* The others get the CPU whenever they can. */
	if (nice(5) < 0)
		return 99;
	race("cut within a page", file, cut, CUT, PAGES * PAGE);
	race("punch a hole", file, punch, HOLE_BEGIN, HOLE_END);
	return tap_done();
}
