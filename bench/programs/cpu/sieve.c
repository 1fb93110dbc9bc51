// SPDX-License-Identifier: MIT
/* Bytes written at growing strides: the sieve of Eratosthenes. */
#include <string.h>
#include "kernels.h"

#define LIMIT 1000000

static unsigned char composite[LIMIT + 1];

uint64_t sieve(void)
{
	uint64_t primes = 0;

	memset(composite, 0, sizeof(composite));
	for (uint32_t i = 2; i <= LIMIT; i++) {
		if (composite[i])
			continue;
		primes++;
		for (uint64_t j = (uint64_t)i * i; j <= LIMIT; j += i)
			composite[j] = 1;
	}
	return primes;
}
