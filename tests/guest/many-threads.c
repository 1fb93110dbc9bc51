// SPDX-License-Identifier: MIT
/*
 * Many threads: a thousand at once, each blocked, then all woken; and many one after the other, after which neither the process
 * nor the machine has less memory than before. Arguments: how many at once, how many in turn; `npm run soak` asks for more.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tap.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER, all_here = PTHREAD_COND_INITIALIZER;
static int waiting, open_now;

static void *wait_for_release(void *number)
{
	pthread_mutex_lock(&mutex);
	waiting++;
	pthread_cond_signal(&all_here);
	while (!open_now)
		pthread_cond_wait(&released, &mutex);
	pthread_mutex_unlock(&mutex);
	return number;
}

static void at_once(int count)
{
	pthread_t *threads = calloc(count, sizeof(*threads));
	int made = 0, right = 0;
	pthread_attr_t attr;
	void *result;

	/* A stack is charged when it is mapped: a thousand of the usual size do not fit into a machine of 128 MiB. */
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	while (made < count && !pthread_create(&threads[made], &attr, wait_for_release, (void *)(intptr_t)made))
		made++;
	ok(made == count, "that many threads are made");
	pthread_mutex_lock(&mutex);
	while (waiting < made)
		pthread_cond_wait(&all_here, &mutex);
	open_now = 1;
	pthread_cond_broadcast(&released);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < made; i++)
		right += !pthread_join(threads[i], &result) && result == (void *)(intptr_t)i;
	ok(right == count, "all wait at once, all are woken and joined");
	free(threads);
}

static void *end(void *number)
{
	volatile char frame[20000];

	frame[0] = frame[sizeof(frame) - 1] = 1;
	return number;
}

static sem_t ended;
static void *end_detached(void *unused)
{
	sem_post(&ended);
	return unused;
}

#ifdef __wasm__
/* A small machine allows itself fewer threads than it could have. */
static void allow(const char *threads)
{
	FILE *file = fopen("/proc/sys/kernel/threads-max", "w");

	if (file) {
		fputs(threads, file);
		fclose(file);
	}
}
#endif

/* The number behind a name in a file of /proc, in KiB. */
static long number_in(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	char line[128];
	long number = -1;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			number = atol(line + strlen(name));
	if (file)
		fclose(file);
	return number;
}

static void in_turn(int count)
{
	int right = 0, detached = 0;
	pthread_t thread;
	void *result;

	for (int i = 0; i < count; i++) {
		if (pthread_create(&thread, NULL, end, (void *)(intptr_t)i))
			break;
		right += !pthread_join(thread, &result) && result == (void *)(intptr_t)i;
	}
	ok(right == count, "threads come and go one after the other");
	for (int i = 0; i < count / 10; i++) {
		if (pthread_create(&thread, NULL, end_detached, NULL) || pthread_detach(thread))
			break;
		sem_wait(&ended);
		detached++;
	}
	ok(detached == count / 10, "detached ones, too");
}

int main(int argc, char **argv)
{
	int once = argc > 1 ? atoi(argv[1]) : 1000, turns = argc > 2 ? atoi(argv[2]) : 3000;
	long size, resident;

	sem_init(&ended, 0, 0);
#ifdef __wasm__
	allow("20000");
#endif
	/* What the first ones need stays: the C library's and the kernel's pools. */
	in_turn(200);
	at_once(once);
	size = number_in("/proc/self/status", "VmSize:");
	resident = number_in("/proc/self/status", "VmRSS:");
#ifdef __wasm__
	long free_memory = number_in("/proc/meminfo", "MemFree:");
#endif
	in_turn(turns);
	ok(number_in("/proc/self/status", "VmSize:") <= size + 32768, "the process has not grown");
	ok(number_in("/proc/self/status", "VmRSS:") <= resident + 1024, "nor what it uses");
#ifdef __wasm__
	/* Elsewhere others use memory, too. */
	ok(number_in("/proc/meminfo", "MemFree:") > free_memory - 4096, "nor what the kernel uses");
#endif
	return tap_done();
}
