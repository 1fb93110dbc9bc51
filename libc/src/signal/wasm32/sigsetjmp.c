/* SPDX-License-Identifier: MIT */
/* <setjmp.h> defines sigsetjmp(env, save) as __sigsetjmp(env, save,
 * setjmp(env)): called with 0 when the frame is set, and again after the jump,
 * when the mask is restored on the frame's own stack. */
#include <setjmp.h>
#include <signal.h>
#include "syscall.h"

hidden int __sigsetjmp_tail(sigjmp_buf, int);

int __sigsetjmp(sigjmp_buf env, int save, int returned)
{
	if (!returned) env->__fl = save;
	return env->__fl ? __sigsetjmp_tail(env, returned) : returned;
}
