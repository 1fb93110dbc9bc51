// SPDX-License-Identifier: MIT
/* Floating point with a branch that is hard to foresee: how soon points leave the circle, for 256 x 256 points. */
#include "kernels.h"

#define SIDE 256
#define LIMIT 64

uint64_t mandelbrot(void)
{
	uint64_t sum = 0;

	for (int row = 0; row < SIDE; row++)
		for (int column = 0; column < SIDE; column++) {
			double re = column * 3.0 / SIDE - 2, im = row * 2.0 / SIDE - 1, x = 0, y = 0;
			int i;

			for (i = 0; i < LIMIT && x * x + y * y < 4; i++) {
				double next = x * x - y * y + re;

				y = 2 * x * y + im;
				x = next;
			}
			sum += i;
		}
	return sum;
}
