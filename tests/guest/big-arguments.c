// SPDX-License-Identifier: MIT
/* An exec with 1.5 MB of arguments: the new program sees them all. Exit status 0 if so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 15, LENGTH = 100000 };

int main(int argc, char **argv)
{
	char *arguments[COUNT + 3];
	size_t total = 0;

	if (argc > 1) {
		for (int i = 2; i < argc; i++)
			total += strspn(argv[i], "x");
		if (argc == COUNT + 2 && total == (size_t)COUNT * LENGTH)
			return 0;
		printf("%d arguments, %zu bytes\n", argc, total);
		return 1;
	}
	arguments[0] = argv[0];
	arguments[1] = "second";
	for (int i = 2; i < COUNT + 2; i++) {
		arguments[i] = malloc(LENGTH + 1);
		memset(arguments[i], 'x', LENGTH);
		arguments[i][LENGTH] = 0;
	}
	arguments[COUNT + 2] = NULL;
	execv("/proc/self/exe", arguments);
	perror("exec");
	return 1;
}
