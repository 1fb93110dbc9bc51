// SPDX-License-Identifier: MIT
/** What is wrong with an archive that someone else made: the end of a sentence that begins with its name. */
export class ArchiveError extends Error {}
