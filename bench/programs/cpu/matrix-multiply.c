// SPDX-License-Identifier: MIT
/* Floating point in regular loops: the product of two matrices of doubles, in the order i, k, j. */
#include <string.h>
#include "kernels.h"

#define N 128

static double a[N][N], b[N][N], c[N][N];

uint64_t matrix_multiply(void)
{
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = i + 2 * j;
			b[i][j] = i - j;
		}
	memset(c, 0, sizeof(c));
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++)
			for (int j = 0; j < N; j++)
				c[i][j] += a[i][k] * b[k][j];
	double trace = 0;
	for (int i = 0; i < N; i++)
		trace += c[i][i];
	return (uint64_t)(trace < 0 ? -trace : trace);
}
