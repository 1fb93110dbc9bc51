// SPDX-License-Identifier: MIT
/** musl's bits/syscall.h.in from the kernel's own list of numbers (asm/unistd.h), so that there is no second list. */

/** Names under which musl knows a call that the kernel lists otherwise. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['_llseek', 'llseek'],
  ['futex', 'futex_time64'],
]);

/** A call with 32-bit times, which a new architecture lacks; musl names it in a branch that is only taken after ENOSYS. */
const ABSENT: ReadonlyMap<string, number> = new Map([['nanosleep', 101]]);

/**
 * @param macros what `clang -E -dM` prints of asm/unistd.h
 * @throws if a name that musl must have is missing
 */
export function syscallHeader(macros: string): string {
  const numbers = new Map<string, number>(ABSENT);
  for (const [, name, number] of macros.matchAll(/^#define __NR_(\w+) (\d+)$/gm)) {
    if (name !== undefined && name !== 'syscalls') numbers.set(name, Number(number));
  }
  for (const [alias, name] of ALIASES) {
    const number = numbers.get(name);
    if (number === undefined) throw new Error(`the kernel's asm/unistd.h has no __NR_${name}`);
    numbers.set(alias, number);
  }
  const sorted = [...numbers].sort(([nameA, a], [nameB, b]) => a - b || nameA.localeCompare(nameB));
  return sorted.map(([name, number]) => `#define __NR_${name} ${number}\n`).join('');
}
