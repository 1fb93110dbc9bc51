// SPDX-License-Identifier: MIT
/**
 * What an engine says when a program traps, as Linux signals; and the one error object that ends a stack without any
 * program being able to catch it.
 */

import { ModuleBuilder, OP } from '../wasm/builder.ts';

/** Linux's numbers (asm-generic). */
export const Signal = { ILL: 4, ABRT: 6, BUS: 7, FPE: 8, SEGV: 11 } as const;

/** siginfo's si_code, each for one signal (asm-generic/siginfo.h); 0, SI_USER, where a trap tells nothing. */
export const SignalCode = {
  ILL_ILLOPN: 2,
  FPE_INTDIV: 1,
  FPE_INTOVF: 2,
  FPE_FLTINV: 7,
  SEGV_MAPERR: 1,
  BUS_ADRALN: 1,
} as const;

/** What a trap is to the program. */
export interface TrapSignal {
  readonly signal: number;
  /** SignalCode, or 0. */
  readonly code: number;
}

const illegal: TrapSignal = { signal: Signal.ILL, code: SignalCode.ILL_ILLOPN };
const floatInvalid: TrapSignal = { signal: Signal.FPE, code: SignalCode.FPE_FLTINV };
const unmapped: TrapSignal = { signal: Signal.SEGV, code: SignalCode.SEGV_MAPERR };

/**
 * The engines' words. V8's are exact; the others' (SpiderMonkey, JavaScriptCore) are near enough, and what none knows is
 * SIGILL. Order matters: "unreachable" is in longer sentences of JavaScriptCore, and a quotient can be unrepresentable too.
 */
const causes: readonly (readonly [pattern: RegExp, is: TrapSignal])[] = [
  [/by zero|remainder/i, { signal: Signal.FPE, code: SignalCode.FPE_INTDIV }],
  [/divi(de|sion)|integer overflow/i, { signal: Signal.FPE, code: SignalCode.FPE_INTOVF }],
  [/unrepresentable|conversion to integer|trunc/i, floatInvalid],
  [/unaligned/i, { signal: Signal.BUS, code: SignalCode.BUS_ADRALN }],
  // V8 says "signature" of a null pointer too.
  [/stack|recursion|out of bounds|out-of-bounds|null|signature/i, unmapped],
  [/unreachable/i, illegal],
];

/** Is this how an engine reports that wasm code could not go on? */
export function isTrap(error: unknown): error is Error {
  return (
    error instanceof WebAssembly.RuntimeError ||
    error instanceof WebAssembly.Exception ||
    // The stack's end: a RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey.
    (error instanceof Error && /call stack|too much recursion/i.test(error.message))
  );
}

/** The signal that a trap is to the program. */
export function signalOfTrap(error: Error): TrapSignal {
  // Nobody caught what the program threw.
  if (error instanceof WebAssembly.Exception) return { signal: Signal.ABRT, code: 0 };
  return causes.find(([pattern]) => pattern.test(error.message))?.[1] ?? illegal;
}

/**
 * The error object of a real trap. An engine marks such an object so that no catch clause of any wasm code sees it, and
 * the mark stays when JavaScript throws it (or rejects with it) again: the only way to end a stack for good. An ordinary
 * error, a WebAssembly.RuntimeError that JavaScript constructs or a WebAssembly.Exception would be caught by the program's
 * catch_all, and the dead program would go on.
 */
export function makeStackEnd(): Error {
  const builder = new ModuleBuilder();
  builder.function(builder.type([], []), [OP.unreachable], { exportName: 'trap' });
  const { trap } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish())).exports;
  try {
    (trap as () => void)();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return error;
  }
  throw new Error('this engine does not trap on unreachable');
}
