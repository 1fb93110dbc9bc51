// SPDX-License-Identifier: MIT
/**
 * Functions of libc whose indirect calls never reach fork, although a function of the same type does: the analysis
 * (src/wasm/fork-callers.ts) goes by types alone. A wrong line here breaks fork in some program, so each has its reason.
 */

/**
 * libc's call of a signal handler. A handler that forks is not async-signal-safe (POSIX.1-2024), and with this call every
 * function that makes a system call would have to be unwindable. A program whose handlers do fork is linked with
 * -Wl,--wasmlinux-fork-in-handlers; in any other one libc makes such a fork fail with ENOSYS.
 */
export const SIGNAL_HANDLER_CALL = '__wasm_call_handler';

export const SEALED: ReadonlySet<string> = new Set([
  SIGNAL_HANDLER_CALL,
  // comparison functions of sorts and searches (sift and trinkle are parts of qsort)
  'qsort_r',
  '__qsort_r',
  'sift',
  'trinkle',
  'bsearch',
  'lfind',
  'lsearch',
  'tfind',
  'tsearch',
  'tdelete',
]);
