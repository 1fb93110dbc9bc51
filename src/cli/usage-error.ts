// SPDX-License-Identifier: MIT
/** Mistakes on the command line: thrown by whatever finds one, said and turned into a status by main.ts. */

/** What a mistake of the user ends with. */
export const STATUS_USAGE = 2;

/** A mistake that the user can mend; the message is one line. */
export class UsageError extends Error {}
