// SPDX-License-Identifier: MIT
/*
 * A module `process` for quickjs: fork(), exit(status); waitpid is in its module `os`. Linked in with
 * -Wl,--wrap=js_init_module_os, so that its own source stays as it is (src/build/real/quickjs.ts).
 */
#include <stdio.h>
#include <unistd.h>
#include "quickjs.h"

JSModuleDef *__real_js_init_module_os(JSContext *ctx, const char *name);

static JSValue process_fork(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	fflush(stdout);
	return JS_NewInt32(ctx, fork());
}

static JSValue process_exit(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	int32_t status = 0;

	if (argc > 0 && JS_ToInt32(ctx, &status, argv[0]))
		return JS_EXCEPTION;
	fflush(stdout);
	_exit(status);
}

static const JSCFunctionListEntry functions[] = {
	JS_CFUNC_DEF("fork", 0, process_fork),
	JS_CFUNC_DEF("exit", 1, process_exit),
};
#define COUNT (int)(sizeof(functions) / sizeof(functions[0]))

static int initialise(JSContext *ctx, JSModuleDef *module)
{
	return JS_SetModuleExportList(ctx, module, functions, COUNT);
}

JSModuleDef *__wrap_js_init_module_os(JSContext *ctx, const char *name)
{
	JSModuleDef *module = JS_NewCModule(ctx, "process", initialise);

	if (module)
		JS_AddModuleExportList(ctx, module, functions, COUNT);
	return __real_js_init_module_os(ctx, name);
}
