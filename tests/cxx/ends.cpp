// SPDX-License-Identifier: MIT
// Processes that end while C++ objects live: no destructor may run in one that
// is killed, execs or traps, and an exception that nobody catches aborts.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

static void say(const char *text)
{
	if (write(1, text, strlen(text)) < 0) _exit(1);
}

struct guard {
	~guard() { say("  a destructor runs\n"); }
};

// A cleanup that calls libc and loops: it would be seen if it ran.
[[gnu::noinline]] static void with_guards(int depth, const std::function<void()> &then)
{
	guard here;
	try {
		if (depth) with_guards(depth - 1, then);
		else then();
	} catch (...) {
		say("  a handler runs\n");
		throw;
	}
}

static void in_child(const char *name, const std::function<void()> &then)
{
	say(name);
	say(":\n");
	int ready[2];
	if (pipe(ready) != 0) abort();
	pid_t pid = fork();
	if (pid == 0) {
		rlimit none{};
		setrlimit(RLIMIT_CORE, &none);
		// what libraries say of it differs
		if (!freopen("/dev/null", "w", stderr)) abort();
		then();
		_exit(0);
	}
	int status;
	waitpid(pid, &status, 0);
	char line[80];
	snprintf(line, sizeof line, "  %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	say(line);
}

[[gnu::noinline]] static void refuses() noexcept
{
	guard here;
	with_guards(0, [] { throw 1; });
}

int main(int argc, char **argv)
{
	if (argc > 1) return 7;
	in_child("killed by itself", [] { with_guards(2, [] { kill(getpid(), SIGKILL); pause(); }); });
	in_child("killed while it waits", [] {
		with_guards(2, [] {
			pid_t parent = getpid();
			if (fork() == 0) {
				kill(parent, SIGTERM);
				_exit(0);
			}
			for (;;) pause();
		});
	});
	in_child("a signal without a handler", [] { with_guards(2, [] { raise(SIGUSR1); }); });
	in_child("abort", [] { with_guards(2, [] { abort(); }); });
	in_child("_exit", [] { with_guards(2, [] { _exit(3); }); });
	in_child("exit", [] { with_guards(2, [] { exit(4); }); });
	in_child("exec", [argv] {
		with_guards(2, [argv] {
			char self[] = "/proc/self/exe", more[] = "more";
			char *arguments[] = {argv[0], more, nullptr};
			execv(self, arguments);
		});
	});
	in_child("exec in a thread", [argv] {
		with_guards(2, [argv] {
			std::thread([argv] {
				guard in_thread;
				char self[] = "/proc/self/exe", more[] = "more";
				char *arguments[] = {argv[0], more, nullptr};
				execv(self, arguments);
			}).join();
		});
	});
	in_child("a trap", [] { with_guards(2, [] { __builtin_trap(); }); });
	in_child("exit in a thread", [] { with_guards(2, [] { std::thread([] { guard in_thread; exit(5); }).join(); }); });
	in_child("an exception that leaves noexcept", [] { refuses(); });
	in_child("an exception in an exception's destructor", [] {
		struct bad {
			~bad() noexcept(false) { throw 2; }
		};
		try {
			bad here;
			throw 1;
		} catch (int) {
			say("  caught\n");
		}
	});
	in_child("rethrow of nothing", [] { throw; });
	in_child("a terminate handler", [] {
		std::set_terminate([] {
			try {
				throw;
			} catch (const std::exception &e) {
				say("  ");
				say(e.what());
				say("\n");
			}
			_exit(9);
		});
		throw std::runtime_error("nobody catches it");
	});
	in_child("an exception that leaves a thread", [] { std::thread([] { throw 1; }).join(); });
	in_child("an exception that leaves a thread of C's", [] {
		pthread_t thread;
		pthread_create(&thread, nullptr, [](void *) -> void * { throw std::string("text"); }, nullptr);
		pthread_join(thread, nullptr);
	});
	in_child("a thread that is not joined", [] { std::thread thread([] { pause(); }); });
	in_child("an unhandled exception in a forked child's handler", [] {
		try {
			throw 1;
		} catch (int) {
			in_child("inner", [] { throw; });
			throw;
		}
	});
}
