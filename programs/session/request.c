// SPDX-License-Identifier: MIT
/* Reads what the host asks for: the files of /run/host, whose format src/image/run-request.ts describes and writes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "session.h"

int request_folder = -1;

/* Before the root changes: from then on only the descriptor leads to the folder. Without one nothing is asked for. */
void open_requests(void)
{
	request_folder = open("/run/host", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The contents of a file of /run/host with a NUL behind them, or NULL when it is absent. */
char *request(const char *name, size_t *length)
{
	struct stat st;

	int fd = openat(request_folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	char *contents = malloc(st.st_size + 1);
	if (!contents || read(fd, contents, st.st_size) != st.st_size)
		return NULL;
	close(fd);
	contents[st.st_size] = 0;
	if (length)
		*length = st.st_size;
	return contents;
}

/* A NULL-terminated vector of the NUL-terminated strings in a file of /run/host, or NULL when it is absent. */
char **request_strings(const char *name)
{
	size_t length, count = 0;
	char *strings = request(name, &length);

	if (!strings)
		return NULL;
	for (size_t i = 0; i < length; i++)
		count += !strings[i];
	char **vector = calloc(count + 1, sizeof(*vector));
	if (!vector)
		return NULL;
	for (size_t i = 0; i < count; i++, strings += strlen(strings) + 1)
		vector[i] = strings;
	return vector;
}
