// SPDX-License-Identifier: MIT
/* The rows of the CPU group: the computations of kernels.h, which make no system call. */
#include <stdio.h>
#include <stdlib.h>
#include "../bench.h"
#include "kernels.h"

static void repeat(long n, uint64_t (*kernel)(void), uint64_t expected)
{
	timer_start();
	while (n--) {
		uint64_t result = kernel();

		if (result != expected) {
			fprintf(stderr, "%llu instead of %llu\n", (unsigned long long)result, (unsigned long long)expected);
			exit(1);
		}
	}
	timer_stop();
}

/* Both sides must compute the same. */
#define ROW(kernel, result)                \
	static void run_##kernel(long n)   \
	{                                  \
		repeat(n, kernel, result); \
	}
ROW(fibonacci, 196418)
ROW(sieve, 78498)
ROW(matrix_multiply, 22368256)
/* The first eight bytes of what sha256sum says. */
ROW(sha256_of_1_mib, 0x30e14955ebf13522)
ROW(sort_1m, 2177307762223782239)
ROW(strings, 185100)
ROW(hash_table, 19861014)
ROW(n_body, 761190)
ROW(mandelbrot, 1376193)
ROW(interpreter, 133988)

const struct row rows[] = {
	{ "fib(27), recursive", run_fibonacci },
	{ "sieve to 1,000,000", run_sieve },
	{ "matrix product, 128 x 128", run_matrix_multiply },
	{ "sha256 of 1 MiB", run_sha256_of_1_mib },
	{ "sort of 1,000,000 numbers", run_sort_1m },
	{ "string functions", run_strings },
	{ "hash table, 100,000 words", run_hash_table },
	{ "n-body, 10,000 steps", run_n_body },
	{ "mandelbrot, 256 x 256", run_mandelbrot },
	{ "bytecode interpreter", run_interpreter },
	{ NULL, NULL },
};
