// SPDX-License-Identifier: MIT
// Random nests of try, catch, rethrow, destructors, fork, setjmp and longjmp:
// the trace must be native Linux's, byte for byte.  Arguments: first seed, how
// many.  A parent waits for its child before it goes on, so that the trace has
// one order; the child goes on from where it was forked, to the nest's end.
#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

unsigned state;
int forks_left;
int steps_left;
std::string who;

unsigned random(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state >> 8) % below;
}

[[gnu::format(printf, 1, 2)]] void trace(const char *format, ...)
{
	char line[300];
	int length = snprintf(line, sizeof line, "%s ", who.c_str());
	va_list arguments;
	va_start(arguments, format);
	length += vsnprintf(line + length, sizeof line - length - 1, format, arguments);
	va_end(arguments);
	line[length++] = '\n';
	if (write(1, line, length) != length) abort();
}

[[gnu::noinline]] void split()
{
	if (forks_left == 0) return;
	forks_left--;
	pid_t pid = fork();
	if (pid < 0) {
		trace("fork failed");
		_exit(99);
	}
	if (pid == 0) {
		who += "c";
		state = state * 2654435761u | 1;
		trace("begins");
		return;
	}
	int status;
	if (waitpid(pid, &status, 0) != pid) abort();
	who += "p";
	trace("child ended with %x", status);
}

struct base {
	int value;
	explicit base(int value) : value(value) {}
	virtual ~base() { trace("exception %d destroyed", value); }
	virtual const char *name() const { return "base"; }
};

struct left : virtual base {
	explicit left(int value) : base(value) {}
	const char *name() const override { return "left"; }
};

struct right : virtual base {
	std::string text;
	explicit right(int value) : base(value), text(std::to_string(value) + " with a text that lies on the heap") {}
	const char *name() const override { return text.c_str(); }
};

struct guard {
	int number;
	bool splits;
	guard(int number, bool splits) : number(number), splits(splits) { trace("guard %d", number); }
	guard(const guard &) = delete;
	~guard()
	{
		trace("~guard %d, %d in flight", number, std::uncaught_exceptions());
		if (splits) split();
	}
};

void node(int depth);

// The part that longjmp may leave: no destructors, no handlers.
sigjmp_buf jumps[40];
int jump_depth;

[[gnu::noinline]] void jumping(int depth)
{
	if (--steps_left < 0) return;
	switch (random(6)) {
	case 0:
		split();
		break;
	case 1:
		if (jump_depth > 0) {
			// not always the innermost
			int target = random(jump_depth);
			int value = random(5);
			trace("longjmp %d to %d", value, target);
			jump_depth = target + 1;
			siglongjmp(jumps[target], value);
		}
		break;
	case 2:
		if (depth > 0 && jump_depth < 40) {
			int mine = jump_depth++;
			volatile int times = 0;
			int value = sigsetjmp(jumps[mine], random(2));
			times = times + 1;
			trace("setjmp %d returns %d, the %d. time", mine, value, +times);
			if (times < 4) jumping(depth - 1);
			jump_depth = mine;
		}
		break;
	default:
		if (depth > 0) {
			jumping(depth - 1);
			trace("in %d", depth);
			jumping(depth - 1);
		}
	}
}

[[gnu::noinline]] void try_one(int depth)
{
	int id = random(1000);
	try {
		guard inner(id, random(4) == 0);
		node(depth);
	} catch (left &e) {
		trace("left %d in %d", e.value, id);
		if (random(2)) split();
		if (random(2)) node(depth);
		if (random(2)) throw;
	}
	trace("after try %d", id);
}

[[gnu::noinline]] void try_many(int depth)
{
	int id = random(1000);
	try {
		node(depth);
		node(depth);
	} catch (const right &e) {
		guard in_handler(id, random(3) == 0);
		trace("right %d %s", e.value, e.name());
		node(depth);
		throw left(e.value + 1);
	} catch (const base &e) {
		trace("base %d %s", e.value, e.name());
		split();
		try {
			node(depth);
			throw;
		} catch (left &again) {
			trace("again %d", again.value);
		}
	} catch (int i) {
		trace("int %d", i);
		node(depth);
		if (random(2)) throw;
	} catch (...) {
		trace("something, %d in flight", std::uncaught_exceptions());
		split();
		throw;
	}
}

[[gnu::noinline]] void no_way_out(int depth) noexcept
{
	try {
		node(depth);
	} catch (...) {
		trace("not out of noexcept");
		split();
	}
}

[[gnu::noinline]] void kept(int depth)
{
	std::exception_ptr pointer;
	try {
		node(depth);
	} catch (...) {
		pointer = std::current_exception();
	}
	split();
	if (pointer) {
		trace("rethrow");
		std::rethrow_exception(pointer);
	}
}

[[gnu::noinline]] void nested(int depth)
{
	try {
		try {
			node(depth);
		} catch (...) {
			std::throw_with_nested(std::logic_error("nested"));
		}
	} catch (const std::exception &e) {
		trace("%s", e.what());
		split();
		std::rethrow_if_nested(e);
	}
}

[[gnu::noinline]] void jumps_between(int depth)
{
	volatile int times = 0;
	jump_depth = 1;
	int value = sigsetjmp(jumps[0], 1);
	times = times + 1;
	trace("between: %d, the %d. time", value, +times);
	if (times == 1) split();
	if (times < 5) jumping(3);
	try {
		node(depth);
	} catch (int i) {
		trace("int %d after jumps", i);
	}
	jump_depth = 0;
}

void node(int depth)
{
	if (--steps_left < 0) return;
	if (depth == 0) {
		switch (random(6)) {
		case 0: throw left(random(100));
		case 1: throw right(random(100));
		case 2: throw static_cast<int>(random(100));
		case 3: throw "text";
		case 4: split(); break;
		default: trace("leaf");
		}
		return;
	}
	switch (random(9)) {
	case 0: try_one(depth - 1); break;
	case 1: try_many(depth - 1); break;
	case 2: no_way_out(depth - 1); break;
	case 3: kept(depth - 1); break;
	case 4: nested(depth - 1); break;
	case 5: jumps_between(depth - 1); break;
	case 6: {
		guard one(depth, random(3) == 0);
		auto shared = std::make_shared<guard>(depth + 100, random(3) == 0);
		std::function<void(int)> call = [shared](int depth) { node(depth); };
		call(depth - 1);
		guard two(depth + 200, false);
		node(depth - 1);
		break;
	}
	case 7: split(); node(depth - 1); break;
	default: node(depth - 1); node(depth - 1);
	}
}

[[noreturn]] void nest(unsigned seed)
{
	who = "#" + std::to_string(seed) + " ";
	state = seed * 2654435761u | 1;
	forks_left = 5;
	steps_left = 60;
	for (int i = 0; i < 10; i++) random(2);
	try {
		guard outermost(0, false);
		node(6);
	} catch (const std::exception &e) {
		trace("end: %s", e.what());
	} catch (const base &e) {
		trace("end: %s %d", e.name(), e.value);
	} catch (int i) {
		trace("end: int %d", i);
	} catch (const char *text) {
		trace("end: %s", text);
	}
	_exit(forks_left);
}

} // namespace

int main(int argc, char **argv)
{
	unsigned first = argc > 1 ? atoi(argv[1]) : 1;
	unsigned count = argc > 2 ? atoi(argv[2]) : 100;
	for (unsigned seed = first; seed < first + count; seed++) {
		pid_t pid = fork();
		if (pid == 0) nest(seed);
		int status;
		waitpid(pid, &status, 0);
		who = "#" + std::to_string(seed);
		trace("ended with %x", status);
	}
}
