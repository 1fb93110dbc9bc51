/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_VDSO_GETTIMEOFDAY_H
#define _ASM_WASM_VDSO_GETTIMEOFDAY_H

/* There is no vDSO: see processor.h. */

#endif
