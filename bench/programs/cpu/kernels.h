/* SPDX-License-Identifier: MIT */
/* The computations of the CPU rows, one file each. Each does its work once and returns a number that depends on all of it. */
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>

uint64_t fibonacci(void);
uint64_t sieve(void);
uint64_t matrix_multiply(void);
uint64_t sha256_of_1_mib(void);
uint64_t sort_1m(void);
uint64_t strings(void);
uint64_t hash_table(void);
uint64_t n_body(void);
uint64_t mandelbrot(void);
uint64_t interpreter(void);

#endif
