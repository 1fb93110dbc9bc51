/* SPDX-License-Identifier: MIT */
/* For guest tests that read and write the kernel's files: /proc, /sys, control groups. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number behind a name at the begin of a line, or -1. */
static inline long field(const char *path, const char *name)
{
	char line[256];
	long value = -1;
	FILE *f = fopen(path, "r");

	while (f && value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			value = strtol(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return value;
}

static inline int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return ret < 0 ? -1 : 0;
}
