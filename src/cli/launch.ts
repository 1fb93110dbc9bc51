// SPDX-License-Identifier: MIT
/** What ./wasmlinux runs: the command, then the end of the process, whatever it still has open. */
import { main } from './main.ts';

process.exit(await main(process.argv.slice(2)));
