# SPDX-License-Identifier: MIT
# CMake's toolchain file: cmake --toolchain toolchain/wasmlinux.cmake ...
# CTest and try_run() run programs in the guest.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR wasm32)

get_filename_component(wasmlinux_root "${CMAKE_CURRENT_LIST_DIR}/.." REALPATH)
set(wasmlinux_tool "${wasmlinux_root}/bin/wasmlinux-")

set(CMAKE_C_COMPILER "${wasmlinux_tool}cc")
set(CMAKE_CXX_COMPILER "${wasmlinux_tool}c++")
set(CMAKE_ASM_COMPILER "${wasmlinux_tool}cc")
foreach(name AR LINKER:ld NM OBJCOPY OBJDUMP RANLIB STRIP)
  string(REGEX REPLACE ":.*" "" variable ${name})
  string(REGEX REPLACE ".*:" "" tool ${name})
  string(TOLOWER ${tool} tool)
  set(CMAKE_${variable} "${wasmlinux_tool}${tool}" CACHE FILEPATH "of WasmLinux")
endforeach()
set(PKG_CONFIG_EXECUTABLE "${wasmlinux_tool}pkg-config" CACHE FILEPATH "of WasmLinux")
set(CMAKE_CROSSCOMPILING_EMULATOR "${wasmlinux_root}/wasmlinux;run")

# Libraries, headers and packages are those of the sysroot and of CMAKE_PREFIX_PATH, programs this machine's.
execute_process(COMMAND "${wasmlinux_tool}cc" -print-sysroot
  OUTPUT_VARIABLE wasmlinux_sysroot OUTPUT_STRIP_TRAILING_WHITESPACE)
list(APPEND CMAKE_FIND_ROOT_PATH "${wasmlinux_sysroot}" ${CMAKE_PREFIX_PATH})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(BUILD_SHARED_LIBS OFF CACHE BOOL "there are none")
set(CMAKE_USER_MAKE_RULES_OVERRIDE "${CMAKE_CURRENT_LIST_DIR}/static-libraries.cmake")
