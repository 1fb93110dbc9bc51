# SPDX-License-Identifier: MIT
# lua as a program of one piece, from the files that upstream's makefile names: Debian's needs libtool, and a C++ compiler for a
# second library. Run in its src folder by src/build/real/lua.ts, which gives CC and LDFLAGS.

CORE := lapi lcode lctype ldebug ldo ldump lfunc lgc llex lmem lobject lopcodes lparser lstate lstring ltable ltm lundump lvm lzio
LIBRARY := lauxlib lbaselib lcorolib ldblib liolib lmathlib loadlib loslib lstrlib ltablib lutf8lib linit
OBJECTS := $(addsuffix .o,$(CORE) $(LIBRARY) lua)

HERE := $(dir $(lastword $(MAKEFILE_LIST)))
CFLAGS := -O2 -I$(HERE) -DLUA_COMPAT_5_3 -DLUA_USE_POSIX

lua: $(OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $^ -lm

$(OBJECTS): $(wildcard *.h)
