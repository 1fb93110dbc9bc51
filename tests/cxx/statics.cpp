// SPDX-License-Identifier: MIT
// What runs before and after main, in which order: constructors, atexit,
// destructors of static and thread-local objects, with fork and in threads.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

static void say(const char *what, const char *name)
{
	std::string line = std::string(what) + ' ' + name + '\n';
	if (write(1, line.data(), line.size()) < 0) _exit(1);
}

struct object {
	const char *name;
	explicit object(const char *name) : name(name) { say("+", name); }
	~object() { say("-", name); }
};

static object first("first");
static int counted = 5;
static std::vector<std::string> words{"a", "static", "vector"};
thread_local object local("thread-local");
thread_local object never_used("never used");
static object second("second");
static const int computed = [] { counted++; return counted * 7; }();
constinit static int zero = 0;

object &lazy()
{
	static object it("lazy");
	return it;
}

object &fails_once()
{
	static int tries = 0;
	static object it = [] {
		if (tries++ == 0) throw tries;
		return object("at the second try");
	}();
	return it;
}


[[gnu::constructor(200)]] static void early() { say("constructor", "200"); }
[[gnu::constructor(150)]] static void earlier() { say("constructor", "150"); }

int main(int argc, char **)
{
	char numbers[80];
	snprintf(numbers, sizeof numbers, "main %d %d %d %zu", counted, computed, zero, words.size());
	say("*", numbers);
	counted = 1000, zero = 1, words.clear();
	atexit([] { say("atexit", "one"); });
	lazy();
	atexit([] { say("atexit", "two"); });
	try {
		fails_once();
	} catch (int) {
		say("*", "the first try has failed");
	}
	fails_once();
	(void)local.name;
	std::thread([] {
		(void)local.name;
		say("*", "thread ends");
	}).join();
	if (fork() == 0) {
		say("*", "child returns");
		if (argc > 1) exit(3);
		lazy();
		return 2;
	}
	int status;
	wait(&status);
	say("status", std::to_string(WEXITSTATUS(status)).c_str());
	if (fork() == 0) _exit(4);
	wait(&status);
	if (fork() == 0) {
		at_quick_exit([] { say("at_quick_exit", "one"); });
		quick_exit(5);
	}
	wait(&status);
	say("status", std::to_string(WEXITSTATUS(status)).c_str());
	atexit([] {
		atexit([] { say("atexit", "registered at exit"); });
		say("atexit", "three");
	});
}
