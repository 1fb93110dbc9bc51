// SPDX-License-Identifier: MIT
// Destructors of thread-local objects. libc++abi has the same for systems
// whose libc does not help, but runs the main thread's among the atexit
// functions; C++ wants them before all of these, so exit() is ours as well
// (CXX_LINK_FLAGS in src/toolchain/cxx-target.ts).
#include <pthread.h>
#include <stdlib.h>

namespace {
struct entry {
	void (*destructor)(void *);
	void *object;
	entry *next;
};

thread_local entry *entries;
pthread_key_t key;
pthread_once_t once = PTHREAD_ONCE_INIT;

// a destructor may make further objects
void run(void *)
{
	while (entry *last = entries) {
		entries = last->next;
		last->destructor(last->object);
		free(last);
	}
}

// runs them when a thread ends in whatever way
void make_key()
{
	if (pthread_key_create(&key, run)) abort();
}
} // namespace

extern "C" {
[[noreturn]] void __real_exit(int);

int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *)
{
	auto *added = static_cast<entry *>(malloc(sizeof(entry)));
	if (!added) return -1;
	pthread_once(&once, make_key);
	if (pthread_setspecific(key, &key)) {
		free(added);
		return -1;
	}
	*added = {destructor, object, entries};
	entries = added;
	return 0;
}

[[noreturn]] void __wrap_exit(int status)
{
	run(nullptr);
	__real_exit(status);
}
}
