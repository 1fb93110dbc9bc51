// SPDX-License-Identifier: MIT
/* The first process of the boot rows: says on the console that it runs. bench/boot-probe.ts boots it. */
#include <unistd.h>

int main(void)
{
	write(1, "init\n", 5);
	for (;;)
		pause();
}
