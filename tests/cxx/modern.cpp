// SPDX-License-Identifier: MIT
// Coroutines, concepts, format, ranges to containers.  g++ 12 has no <format>:
// guest only, so each line says itself what it expects.
#include <algorithm>
#include <bit>
#include <chrono>
#include <compare>
#include <concepts>
#include <coroutine>
#include <cstdio>
#include <exception>
#include <format>
#include <iterator>
#include <memory>
#include <numbers>
#include <numeric>
#include <ranges>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

static int failed, number;
static void ok(bool holds, const char *what)
{
	printf("%sok %d - %s\n", holds ? "" : "not ", ++number, what);
	failed |= !holds;
}

template <class T> struct generator {
	struct promise_type {
		T value;
		std::exception_ptr exception;
		generator get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
		std::suspend_always initial_suspend() noexcept { return {}; }
		std::suspend_always final_suspend() noexcept { return {}; }
		std::suspend_always yield_value(T next) { value = std::move(next); return {}; }
		void unhandled_exception() { exception = std::current_exception(); }
		void return_void() {}
	};
	std::coroutine_handle<promise_type> handle;
	generator(std::coroutine_handle<promise_type> handle) : handle(handle) {}
	generator(generator &&other) : handle(std::exchange(other.handle, {})) {}
	~generator() { if (handle) handle.destroy(); }
	bool next()
	{
		handle.resume();
		if (handle.promise().exception) std::rethrow_exception(std::exchange(handle.promise().exception, {}));
		return !handle.done();
	}
	T &value() { return handle.promise().value; }
};

static int alive;
struct counted { counted() { alive++; } ~counted() { alive--; } };

static generator<std::string> words(int count)
{
	counted here;
	for (int i = 0; i < count; i++) {
		try {
			if (i == 3) throw i;
			co_yield std::to_string(i);
		} catch (int) {
			alive += 100;
		}
	}
	throw std::string("the end");
}

template <std::integral T> static std::string kind(T) { return "integral"; }
template <std::floating_point T> static std::string kind(T) { return "floating"; }

struct version { int major, minor; auto operator<=>(const version &) const = default; };

template <> struct std::formatter<version> : std::formatter<std::string> {
	auto format(const version &v, auto &context) const
	{
		return std::formatter<std::string>::format(std::format("{}.{}", v.major, v.minor), context);
	}
};

int main()
{
	std::string all;
	try {
		auto generated = words(6);
		while (generated.next()) all += generated.value();
	} catch (const std::string &text) {
		all += text;
	}
	ok(all == "01245the end", "a coroutine yields, catches and throws");
	ok(alive == 100, "and destroys its objects");
	{
		auto abandoned = words(5);
		abandoned.next();
	}
	ok(alive == 100, "also when it is not run to its end");
	ok(kind(1) + kind(1.f) == "integralfloating", "concepts choose");
	ok(version{1, 2} < version{1, 10} && version{2, 0} != version{2, 1}, "three-way comparison");
	ok(std::format("{:>6}|{:<6}|{:^6}|{:+.3f}|{:#x}|{:08b}", "a", 'b', true, std::numbers::pi, 255, 5) ==
		"     a|b     | true |+3.142|0xff|00000101", "format");
	ok(std::format("{1} {0:>5} {2}", version{1, 2}, "named", 1e100) == "named   1.2 1e+100", "format of types of one's own");
	std::string into;
	std::format_to(std::back_inserter(into), "{:%Y-%m-%d}", std::chrono::sys_days(std::chrono::year(2024) / 2 / 29));
	ok(into == "2024-02-29", "format of dates");
	try {
		(void)std::vformat("{:d}", std::make_format_args("text"));
		ok(false, "a wrong format is noticed");
	} catch (const std::format_error &) {
		ok(true, "a wrong format is noticed");
	}
	auto piped = std::views::iota(1, 20) | std::views::filter([](int n) { return n % 3 == 0; }) |
		std::views::transform([](int n) { return n * n; }) | std::views::reverse | std::views::drop(1);
	std::vector<int> numbers(piped.begin(), piped.end());
	ok(numbers == std::vector{225, 144, 81, 36, 9}, "views");
	std::string sentence = "split these words";
	int lengths = 0;
	for (auto word : sentence | std::views::split(' ')) lengths = lengths * 10 + std::ranges::distance(word);
	ok(lengths == 555, "split");
	ok(std::popcount(0xffu) == 8 && std::bit_ceil(33u) == 64 && std::bit_cast<unsigned>(1.f) == 0x3f800000, "bits");
	ok(std::source_location::current().line() > 100, "source_location");
	ok(std::cmp_less(-1, 1u) && std::midpoint(1, 4) == 2, "safe comparisons");
	printf("1..%d\n", number);
	return failed;
}
