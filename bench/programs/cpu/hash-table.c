// SPDX-License-Identifier: MIT
/* Reads that jump about in memory: words counted in a hash table with open addressing (FNV-1a). */
#include <stdio.h>
#include <string.h>
#include "kernels.h"

#define WORDS 100000
#define DIFFERENT 20000
#define SLOTS 65536
#define LENGTH 12

static struct {
	char word[LENGTH];
	uint32_t count;
} slots[SLOTS];

static uint32_t hash(const char *word)
{
	uint32_t h = 2166136261u;

	while (*word)
		h = (h ^ (unsigned char)*word++) * 16777619u;
	return h;
}

/* The number in letters, as a word of up to seven. */
static void spell(uint32_t number, char word[LENGTH])
{
	int i = 0;

	do
		word[i++] = 'a' + number % 26;
	while ((number /= 26));
	word[i] = 0;
}

uint64_t hash_table(void)
{
	uint32_t state = 1, most = 0;
	uint64_t words = 0;

	memset(slots, 0, sizeof(slots));
	for (int i = 0; i < WORDS; i++) {
		char word[LENGTH];
		uint32_t place;

		state = state * 1664525 + 1013904223;
		spell((state >> 8) % DIFFERENT * 7919, word);
		place = hash(word) % SLOTS;
		while (slots[place].count && strcmp(slots[place].word, word))
			place = (place + 1) % SLOTS;
		if (!slots[place].count) {
			strcpy(slots[place].word, word);
			words++;
		}
		if (++slots[place].count > most)
			most = slots[place].count;
	}
	return words * 1000 + most;
}
