/* SPDX-License-Identifier: MIT */
/* For guest tests of calls that wait until a point in time. */
#include <time.h>

static inline struct timespec after(clockid_t clock, long nanoseconds)
{
	struct timespec time;

	clock_gettime(clock, &time);
	time.tv_nsec += nanoseconds;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}
