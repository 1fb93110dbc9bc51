// SPDX-License-Identifier: MIT
/** Where this project is on the disk. */
import { fileURLToPath } from 'node:url';

/** The top of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
