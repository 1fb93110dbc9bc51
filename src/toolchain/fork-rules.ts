// SPDX-License-Identifier: MIT
/**
 * Functions of libc whose indirect calls never reach fork, although a function of the same type does: the analysis
 * (src/wasm/fork-callers.ts) goes by types alone, and printf would be made unwindable because a write function has the
 * type of main. A wrong line here breaks fork in some program, so each has its reason. Called by forkable.ts.
 */

/**
 * libc's call of a signal handler. With it every function that makes a system call would have to be unwindable. Without it a
 * handler's frames unwind down to this call, where libc forks (libc/src/process/wasm32/wasm_fork.c): the parent is right, and the
 * child as long as it stays in the handler. A program whose children leave it is linked with -Wl,--wasmlinux-fork-in-handlers.
 */
export const SIGNAL_HANDLER_CALL = '__wasm_call_handler';

/** A FILE's functions are libc's own, unless the program makes FILEs of its own with fopencookie. */
const STDIO = [
  '__fclose_ca',
  '__fseeko',
  '__fseeko_unlocked',
  '__ftello',
  '__ftello_unlocked',
  '__fwritex',
  '__overflow',
  '__stdio_exit',
  '__toread',
  '__towrite',
  '__uflow',
  'fclose',
  'fflush',
  'fread',
  'freopen',
  'fwrite',
  'vfprintf',
];

/** A function of fopencookie's, there if it is. */
const COOKIE_FUNCTION = 'cookiewrite';

const OTHERS = [
  // comparison functions of sorts and searches; sift, trinkle and wrapper_cmp are parts of qsort
  '__qsort_r',
  'bsearch',
  'lfind',
  'lsearch',
  'qsort_r',
  'sift',
  'tdelete',
  'tfind',
  'trinkle',
  'tsearch',
  'wrapper_cmp',
  // its callbacks are libc's own
  '__netlink_enumerate',
  // the arrays that they walk exist in ELF only
  'libc_exit_fini',
  'libc_start_init',
];

/** The functions to pass over in a program that has these functions. */
export function sealedFunctions(names: ReadonlySet<string>, forkInHandlers: boolean): Set<string> {
  const sealed = new Set(OTHERS);
  if (!forkInHandlers) sealed.add(SIGNAL_HANDLER_CALL);
  if (!names.has(COOKIE_FUNCTION)) for (const name of STDIO) sealed.add(name);
  return sealed;
}
