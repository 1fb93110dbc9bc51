# SPDX-License-Identifier: MIT
# sqlite's shell from objects, where its own makefile compiles and links at once, and with -fPIC. Run where it is configured, by
# src/build/real/sqlite.ts, which gives LDFLAGS.

CC := $(shell sed -n 's/^CC *= *//p' Makefile)
CFLAGS := -O2 -w -I. -D_HAVE_SQLITE_CONFIG_H -DNDEBUG -DSQLITE_THREADSAFE=1 -DSQLITE_ENABLE_MATH_FUNCTIONS \
	-DSQLITE_OMIT_LOAD_EXTENSION

sqlite3: sqlite3.o shell.o
	$(CC) $(LDFLAGS) -o $@ $^ -lm

sqlite3.c:
	$(MAKE) -f Makefile sqlite3.c shell.c

shell.c: sqlite3.c ;
