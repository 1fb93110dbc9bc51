/* SPDX-License-Identifier: MIT */
/* What Debian's build of lua writes: where it looks for modules of this architecture. */
#define DEB_HOST_MULTIARCH "wasmlinux"
