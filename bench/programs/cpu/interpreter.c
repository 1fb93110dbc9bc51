// SPDX-License-Identifier: MIT
/* The loop of every interpreter: a switch in a loop, here over the code of a small stack machine that adds up Collatz steps. */
#include "kernels.h"

enum { PUSH, LOAD, STORE, ADD, MULTIPLY, HALVE, ODD, LESS, JUMP, JUMP_IF_ZERO, HALT };

/* for (n = 1; n < 2000; n++) for (x = n; 1 < x; steps++) x = x odd ? 3 * x + 1 : x / 2; variables: n 0, x 1, steps 2 */
static const int code[] = {
	PUSH, 1, STORE, 0,
	/* 4 */ LOAD, 0, PUSH, 2000, LESS, JUMP_IF_ZERO, 55,
	LOAD, 0, STORE, 1,
	/* 15 */ PUSH, 1, LOAD, 1, LESS, JUMP_IF_ZERO, 46,
	LOAD, 1, ODD, JUMP_IF_ZERO, 34,
	LOAD, 1, PUSH, 3, MULTIPLY, JUMP, 56,
	/* 34 */ LOAD, 1, HALVE, STORE, 1,
	/* 39 */ LOAD, 2, PUSH, 1, ADD, JUMP, 64,
	/* 46 */ LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, 4,
	/* 55 */ HALT,
	/* 56 */ PUSH, 1, ADD, STORE, 1, JUMP, 39,
	/* 63 */ HALT,
	/* 64 */ STORE, 2, JUMP, 15,
};

uint64_t interpreter(void)
{
	uint64_t stack[8], *top = stack, variables[3] = { 0 };

	for (const int *at = code;;) {
		switch (*at++) {
		case PUSH:
			*top++ = *at++;
			break;
		case LOAD:
			*top++ = variables[*at++];
			break;
		case STORE:
			variables[*at++] = *--top;
			break;
		case ADD:
			top--;
			top[-1] += *top;
			break;
		case MULTIPLY:
			top--;
			top[-1] *= *top;
			break;
		case HALVE:
			top[-1] /= 2;
			break;
		case ODD:
			top[-1] &= 1;
			break;
		case LESS:
			top--;
			top[-1] = top[-1] < *top;
			break;
		case JUMP:
			at = code + *at;
			break;
		case JUMP_IF_ZERO:
			at = *--top ? at + 1 : code + *at;
			break;
		case HALT:
			return variables[2];
		}
	}
}
