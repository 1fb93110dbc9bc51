// SPDX-License-Identifier: MIT
// Exceptions and run-time types within one process.
#include <csetjmp>
#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <typeindex>
#include <typeinfo>
#include <vector>

struct logged {
	const char *name;
	logged(const char *name) : name(name) { std::cout << '+' << name << ' '; }
	~logged() { std::cout << '-' << name << ' '; }
};

struct a { virtual ~a() = default; int x = 1; };
struct b { virtual ~b() = default; int y = 2; };
struct c : a, b { int z = 3; };
struct v1 : virtual a {};
struct v2 : virtual a {};
struct d : v1, v2, private b {};
enum class colour { red, green };

template <class Thrown, class Caught> const char *catches(Thrown thrown)
{
	try {
		try {
			throw thrown;
		} catch (Caught) {
			return "yes";
		}
	} catch (...) {
		return "no";
	}
}

struct member { member(int i) { if (i == 2) throw std::out_of_range("member"); } ~member() { std::cout << "~member "; } };
struct built : logged {
	member one, two;
	built(int i) try : logged("base"), one(1), two(i) {
		std::cout << "built ";
	} catch (const std::out_of_range &e) {
		std::cout << "not built: " << e.what() << ' ';
	}
};

struct throws_in_copy { throws_in_copy() = default; throws_in_copy(const throws_in_copy &) { throw 7; } };

[[gnu::noinline]] int deep(int depth, int limit)
{
	logged *none = nullptr;
	std::unique_ptr<logged> nothing(none);
	if (depth == limit) throw depth;
	return deep(depth + 1, limit) + 1;
}

[[gnu::noinline]] void to_c(int (*compare)(const void *, const void *))
{
	int numbers[] = {3, 1, 2};
	qsort(numbers, 3, sizeof *numbers, compare);
}

[[gnu::noinline]] int jumps_and_throws(int how)
{
	std::jmp_buf buffer;
	volatile int count = 0;
	int value = setjmp(buffer);
	try {
		count = count + 1;
		if (value < how) {
			if (value % 2) throw value;
			std::longjmp(buffer, value + 1);
		}
	} catch (int i) {
		std::cout << "caught " << i << ' ';
		if (count < 10) std::longjmp(buffer, i + 1);
	}
	return count * 100 + value;
}

int main()
{
	std::cout << catches<c, a &>(c()) << catches<c, const b &>(c()) << catches<c *, a *>(nullptr) << catches<a, c &>(a())
		<< catches<d, a &>(d()) << catches<d, b &>(d()) << catches<int, long>(1) << catches<const char *, const void *>("")
		<< catches<std::nullptr_t, int *>(nullptr) << catches<colour, colour>(colour::red) << catches<int, unsigned>(1)
		<< catches<int *, const int *>(nullptr) << catches<void (*)(), void (*)()>(nullptr) << '\n';
	try {
		logged outer("outer");
		try {
			logged inner("inner");
			built fails(2);
		} catch (const std::exception &e) {
			std::cout << "handler " << typeid(e).name() << ' ';
			logged in_handler("in handler");
			throw;
		}
	} catch (const std::logic_error &e) {
		std::cout << "again " << e.what() << '\n';
	}
	try {
		built builds(1);
		logged *array = nullptr;
		try {
			array = new logged[2]{"one", "two"};
			throw array;
		} catch (logged *p) {
			delete[] p;
		}
		(void)std::vector<int>().at(3);
	} catch (const std::out_of_range &) {
		std::cout << "out of range\n";
	}
	for (int depth : {0, 1, 10, 100, 1000}) {
		try {
			deep(0, depth);
		} catch (int reached) {
			std::cout << reached << ' ';
		}
	}
	try {
		throws_in_copy thrown;
		try {
			throw thrown;
		} catch (int i) {
			std::cout << "copy " << i << '\n';
		}
		to_c([](const void *, const void *) -> int { throw std::string("through C"); });
	} catch (const std::string &text) {
		std::cout << text << '\n';
	}
	std::cout << jumps_and_throws(0) << ' ' << jumps_and_throws(3) << ' ' << jumps_and_throws(6) << '\n';

	a *object = new c;
	std::cout << (dynamic_cast<b *>(object)->y) << (dynamic_cast<c *>(object)->z) << (dynamic_cast<d *>(object) == nullptr)
		<< (dynamic_cast<void *>(object) == static_cast<void *>(dynamic_cast<c *>(object))) << ' '
		<< typeid(*object).name() << ' ' << (std::type_index(typeid(*object)) == std::type_index(typeid(c))) << ' '
		<< typeid(int (*)(char)).name() << '\n';
	try {
		(void)dynamic_cast<d &>(*object);
	} catch (const std::bad_cast &) {
		std::cout << "bad cast ";
	}
	delete object;
	object = nullptr;
	try {
		(void)typeid(*object).name();
	} catch (const std::bad_typeid &) {
		std::cout << "bad typeid ";
	}
	volatile size_t most = ~size_t(0) / 2 - 100;
	char *volatile memory;
	try {
		memory = new char[most];
		delete[] memory;
		std::cout << "memory without end\n";
	} catch (const std::bad_alloc &) {
		std::cout << "bad alloc ";
	}
	memory = new (std::nothrow) char[most];
	std::cout << (memory == nullptr) << '\n';
	try {
		throw std::system_error(ENOENT, std::generic_category(), "file");
	} catch (const std::system_error &e) {
		std::cout << e.code() << '\n';
	}

	std::exception_ptr kept;
	std::thread([&] {
		try {
			logged in_thread("in thread");
			throw std::runtime_error("from a thread");
		} catch (...) {
			kept = std::current_exception();
		}
	}).join();
	for (int i = 0; i < 2; i++) {
		try {
			std::rethrow_exception(kept);
		} catch (const std::exception &e) {
			std::cout << e.what() << ' ' << (std::current_exception() == kept) << '\n';
		}
	}
	auto future = std::async(std::launch::async, []() -> int { throw std::domain_error("in a task"); });
	try {
		(void)future.get();
	} catch (const std::domain_error &e) {
		std::cout << e.what() << '\n';
	}
	struct counts {
		~counts() { std::cout << std::uncaught_exceptions(); }
	};
	try {
		counts one;
		try {
			counts two;
			throw 1;
		} catch (int) {
			counts three;
		}
		struct throws_inside {
			~throws_inside()
			{
				counts four;
				try {
					counts five;
					throw 2.5;
				} catch (double) {
					counts six;
				}
			}
		} inside;
		throw 2;
	} catch (int) {
		std::cout << std::uncaught_exceptions() << '\n';
	}
	std::cout << noexcept(deep(0, 0)) << noexcept(std::uncaught_exceptions()) << '\n';
	long sum = 0;
	for (int i = 0; i < 20000; i++) {
		try {
			if (i % 3 == 0) throw i;
			if (i % 3 == 1) throw std::string(40, 'x');
		} catch (int thrown) {
			sum += thrown;
		} catch (const std::string &text) {
			sum -= text.size();
		}
	}
	std::cout << sum << '\n';
}
