// SPDX-License-Identifier: MIT
/* Floating point with square roots: five bodies that attract each other, by steps of a hundredth. */
#include <math.h>
#include "kernels.h"

#define BODIES 5
#define STEPS 10000
#define STEP 0.01

struct body {
	double x[3], v[3], mass;
};

static void advance(struct body *bodies)
{
	for (int i = 0; i < BODIES; i++)
		for (int j = i + 1; j < BODIES; j++) {
			double d[3], square = 0;

			for (int k = 0; k < 3; k++) {
				d[k] = bodies[i].x[k] - bodies[j].x[k];
				square += d[k] * d[k];
			}
			double force = STEP / (square * sqrt(square));
			for (int k = 0; k < 3; k++) {
				bodies[i].v[k] -= d[k] * bodies[j].mass * force;
				bodies[j].v[k] += d[k] * bodies[i].mass * force;
			}
		}
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			bodies[i].x[k] += STEP * bodies[i].v[k];
}

uint64_t n_body(void)
{
	/* A heavy body in the middle and four on circles around it, at distances of 5, 10, 15 and 20. */
	struct body bodies[BODIES] = { { .mass = 40 } };

	for (int i = 1; i < BODIES; i++) {
		bodies[i].mass = 0.01 * i;
		bodies[i].x[i % 2] = 5 * i;
		bodies[i].v[(i + 1) % 2] = sqrt(40 / (5.0 * i));
		bodies[i].v[2] = 0.01 * i;
	}
	for (int i = 0; i < STEPS; i++)
		advance(bodies);
	double sum = 0;
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			sum += bodies[i].x[k] * bodies[i].x[k];
	return (uint64_t)(sum * 1000);
}
