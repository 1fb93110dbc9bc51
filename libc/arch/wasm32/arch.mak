# SPDX-License-Identifier: MIT
# Included by musl's Makefile.  Programs are static and not position
# independent, so there is one start file; what the ELF ports need besides
# (Scrt1.o, rcrt1.o, crti.o, crtn.o) has no meaning here.
CRT_OBJS = obj/crt/$(ARCH)/crt1.o
