// SPDX-License-Identifier: MIT
/** How a process has ended, as waitid(2) says it. */
import { signalName } from '../trace/constants/signals.ts';

export interface WaitStatus {
  /** What it has given exit; null when a signal has ended it. */
  readonly exitCode: number | null;
  /** The signal that has ended it, as "SIGKILL", or null. */
  readonly signal: string | null;
}

/** Bytes of siginfo_t. */
export const SIGINFO_BYTES = 128;
/** Words of siginfo_t that waitid fills: si_code, si_pid, si_status. */
const CODE = 2;
const PID = 3;
const STATUS = 5;
/** si_code: it has called exit; the others here are signals. */
const CLD_EXITED = 1;

/** Reads the siginfo_t that waitid has stored. */
export function readWaitStatus(siginfo: Uint8Array): { readonly pid: number; readonly status: WaitStatus } {
  const view = new DataView(siginfo.buffer, siginfo.byteOffset);
  const word = (index: number) => view.getInt32(4 * index, true);
  const hasExited = word(CODE) === CLD_EXITED;
  return {
    pid: word(PID),
    status: {
      exitCode: hasExited ? word(STATUS) : null,
      signal: hasExited ? null : signalName(word(STATUS)),
    },
  };
}
