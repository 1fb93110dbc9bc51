// SPDX-License-Identifier: MIT
/* What libc has beyond the musl release that it is made of: parts of strings in regexec, time zones in strptime. */
#define _GNU_SOURCE
#include <regex.h>
#include <string.h>
#include <time.h>
#include "tap.h"

/* Where the pattern matches in string[from..to), as from * 100 + end; -1 for nowhere. */
static int match(const char *pattern, const char *string, int from, int to, int flags)
{
	regmatch_t found[2] = { { from, to } };
	regex_t regex;

	if (regcomp(&regex, pattern, flags & ~REG_STARTEND))
		return -2;
	int result = regexec(&regex, string, 2, found, REG_STARTEND);

	regfree(&regex);
	return result ? -1 : (int)(found[0].rm_so * 100 + found[0].rm_eo);
}

/* The offset that %z reads, in seconds; -1 for none. */
static long zone(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%H %z", &tm);

	return end && !*end ? tm.tm_gmtoff : -1;
}

int main(void)
{
	ok(match("b", "abcb", 0, 4, 0) == 102, "a part that is the whole");
	ok(match("b", "abcb", 2, 4, 0) == 304, "offsets count from the string's beginning");
	ok(match("c", "abcb", 0, 2, 0) == -1, "nothing beyond the end");
	ok(match("^b", "abcb", 1, 4, 0) == -1, "the part's beginning is not the line's");
	ok(match("b$", "abcb", 0, 2, 0) == 102, "the part's end is the line's");
	ok(match("\\<b", "abcb", 1, 4, 0) == -1, "a word that has begun before");
	ok(match("\\<b", "a b", 1, 3, 0) == 203, "a word that begins within");
	ok(match("\\<b*", "abc", 0, 3, 0) == 0, "an empty match at a word's beginning");
	ok(match("\\<b*", "abc", 1, 3, 0) == -1, "and not within the word");
	ok(match("x", "a\0x", 0, 3, 0) == 203, "a NUL within");
	ok(match("\\(b\\)\\1", "abbbb", 2, 4, 0) == 204, "a back reference within");
	ok(match("\\(b\\)\\1", "abbbb", 1, 2, 0) == -1, "a back reference that would pass the end");
	ok(zone("3 Z") == 0 && zone("3 +0600") == 21600 && zone("3 -0630") == -23400, "time zones");
	ok(zone("3 +06:30") == 23400 && zone("3 +06") == 21600, "time zones with a colon or hours only");
	ok(zone("3 06") == -1 && zone("3 +6") == -1 && zone("3 +0690") == -1, "what is no time zone");
	return tap_done();
}
