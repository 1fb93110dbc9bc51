/* SPDX-License-Identifier: MIT */
/* For guest tests that can't go on once something did not hold: says where, with errno, and ends with status 1. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(condition)								\
	do {										\
		if (!(condition)) {							\
			printf("line %d: %s: %s\n", __LINE__, #condition, strerror(errno));	\
			exit(1);							\
		}									\
	} while (0)
