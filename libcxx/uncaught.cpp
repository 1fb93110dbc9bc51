// SPDX-License-Identifier: MIT
// What becomes of an exception that nobody catches. Native systems look for a
// handler before they leave a frame; an engine just leaves them all, and would
// leave the program too. So the program's and each thread's first function
// catch what is left, and std::terminate says what it was. The linker puts
// them in the place of libc's functions (CXX_LINK_FLAGS in
// src/toolchain/cxx-target.ts).
#include <errno.h>
#include <exception>
#include <pthread.h>
#include <stdlib.h>

using entry = int(int, char **, char **);
using thread_function = void *(void *);

extern "C" {
int __real___libc_start_main(entry *, int, char **, void (*)(), void (*)(), void (*)());
int __real_pthread_create(pthread_t *, const pthread_attr_t *, thread_function *, void *);

int __wrap___libc_start_main(entry *main, int argc, char **argv, void (*init)(), void (*fini)(), void (*ldso)())
{
	try {
		return __real___libc_start_main(main, argc, argv, init, fini, ldso);
	} catch (...) {
		std::terminate();
	}
}
}

namespace {
struct start {
	thread_function *function;
	void *argument;
};

void *run(void *memory)
{
	start start = *static_cast<struct start *>(memory);
	free(memory);
	try {
		return start.function(start.argument);
	} catch (...) {
		std::terminate();
	}
}
} // namespace

extern "C" int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_function *function,
	void *argument)
{
	auto *memory = static_cast<start *>(malloc(sizeof(start)));
	if (!memory) return EAGAIN;
	*memory = {function, argument};
	int error = __real_pthread_create(thread, attributes, run, memory);
	if (error) free(memory);
	return error;
}
