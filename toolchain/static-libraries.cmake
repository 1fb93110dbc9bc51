# SPDX-License-Identifier: MIT
# What wasmlinux.cmake can't say, since CMake's own description of Linux comes after it: there are no shared libraries, so CMake
# makes static ones of those that a project declares shared.
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
