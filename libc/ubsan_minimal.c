// SPDX-License-Identifier: MIT
/*
 * What code calls that is compiled with -fsanitize=undefined: clang's minimal runtime. Each kind is reported once, by its name,
 * since a wasm function does not know who has called it; with -fno-sanitize-recover the program is aborted.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void report(char *reported, const char *kind)
{
	char line[64] = "ubsan: ";

	if (*reported)
		return;
	*reported = 1;
	strcat(strcat(line, kind), "\n");
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return;
}

#define HANDLER(kind, name) \
	static char kind##_reported; \
	void __ubsan_handle_##kind##_minimal(void) { report(&kind##_reported, name); } \
	void __ubsan_handle_##kind##_minimal_abort(void) { report(&kind##_reported, name); abort(); }

/* Nothing can go on there. */
#define LAST_HANDLER(kind, name) \
	static char kind##_reported; \
	void __ubsan_handle_##kind##_minimal(void) { report(&kind##_reported, name); abort(); }

HANDLER(type_mismatch, "type-mismatch")
HANDLER(alignment_assumption, "alignment-assumption")
HANDLER(add_overflow, "add-overflow")
HANDLER(sub_overflow, "sub-overflow")
HANDLER(mul_overflow, "mul-overflow")
HANDLER(negate_overflow, "negate-overflow")
HANDLER(divrem_overflow, "divrem-overflow")
HANDLER(shift_out_of_bounds, "shift-out-of-bounds")
HANDLER(out_of_bounds, "out-of-bounds")
HANDLER(local_out_of_bounds, "local-out-of-bounds")
HANDLER(vla_bound_not_positive, "vla-bound-not-positive")
HANDLER(float_cast_overflow, "float-cast-overflow")
HANDLER(load_invalid_value, "load-invalid-value")
HANDLER(invalid_builtin, "invalid-builtin")
HANDLER(function_type_mismatch, "function-type-mismatch")
HANDLER(implicit_conversion, "implicit-conversion")
HANDLER(nonnull_arg, "nonnull-arg")
HANDLER(nonnull_return, "nonnull-return")
HANDLER(nullability_arg, "nullability-arg")
HANDLER(nullability_return, "nullability-return")
HANDLER(pointer_overflow, "pointer-overflow")
LAST_HANDLER(builtin_unreachable, "builtin-unreachable")
LAST_HANDLER(missing_return, "missing-return")
