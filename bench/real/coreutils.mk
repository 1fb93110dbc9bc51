# SPDX-License-Identifier: MIT
# A few programs of coreutils and the headers that they need first, in place of all. Run where it is configured, by
# src/build/real/coreutils.ts, which names PROGRAM.

include Makefile

one: $(BUILT_SOURCES)
	$(MAKE) -f Makefile $(PROGRAM)
