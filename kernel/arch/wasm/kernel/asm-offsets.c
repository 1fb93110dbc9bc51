// SPDX-License-Identifier: GPL-2.0
/* kbuild wants asm-offsets.h; there is no assembly that would use one. */
#include <linux/kbuild.h>

int main(void);
int main(void)
{
	return 0;
}
