#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes hello of hello.rs with rustc 1.63, as Debian 12 has it, and the source of core and alloc (package rust-src). wasmlinux-cc must be
# in the PATH.
#
#   toolchain/rust/build.sh RUSTC LIBRARY FOLDER
#   toolchain/rust/build.sh rustc /usr/src/rustc-1.63.0/library /tmp/rust && ./wasmlinux run /tmp/rust/hello
set -e
rustc=$1 library=$2 out=$3
here=$(dirname "$0")
mkdir -p "$out"
# core is no part of a stable compiler's language
export RUSTC_BOOTSTRAP=1
compile() {
	"$rustc" --edition 2021 -O -C panic=abort --target "$here/wasm32-wasmlinux-1.63.json" -L "$out" "$@"
}
compile --crate-type rlib --cap-lints allow --crate-name core --out-dir "$out" "$library/core/src/lib.rs"
# the functions that this crate has come from clang's runtime and libc
printf '#![feature(compiler_builtins)]\n#![compiler_builtins]\n#![no_std]\n' >"$out/compiler_builtins.rs"
compile --crate-type rlib --crate-name compiler_builtins --out-dir "$out" "$out/compiler_builtins.rs"
compile --crate-type rlib --cap-lints allow --crate-name alloc --out-dir "$out" \
	--extern compiler_builtins="$out/libcompiler_builtins.rlib" "$library/alloc/src/lib.rs"
compile --crate-type bin -o "$out/hello" "$here/hello.rs"
