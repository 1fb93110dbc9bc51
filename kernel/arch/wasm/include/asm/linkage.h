/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_LINKAGE_H
#define _ASM_WASM_LINKAGE_H

/* wasm code has no addresses. */
#define _THIS_IP_	0UL

#endif
