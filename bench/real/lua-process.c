// SPDX-License-Identifier: MIT
/*
 * A global `process` for lua: fork(), waitpid(pid) -> status, exit(status), which ends without running what the parent has
 * registered. Linked in with -Wl,--wrap=luaL_openlibs, so that lua's own source stays as it is (src/build/real/lua.ts).
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lauxlib.h"
#include "lua.h"

void __real_luaL_openlibs(lua_State *L);

static int process_fork(lua_State *L)
{
	fflush(stdout);
	lua_pushinteger(L, fork());
	return 1;
}

static int process_waitpid(lua_State *L)
{
	int status = -1;

	waitpid(luaL_checkinteger(L, 1), &status, 0);
	lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 1;
}

static int process_exit(lua_State *L)
{
	fflush(stdout);
	_exit(luaL_optinteger(L, 1, 0));
}

static const luaL_Reg functions[] = {
	{ "fork", process_fork },
	{ "waitpid", process_waitpid },
	{ "exit", process_exit },
	{ NULL, NULL },
};

void __wrap_luaL_openlibs(lua_State *L)
{
	__real_luaL_openlibs(L);
	luaL_newlib(L, functions);
	lua_setglobal(L, "process");
}
