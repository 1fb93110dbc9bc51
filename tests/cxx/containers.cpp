// SPDX-License-Identifier: MIT
// Containers, algorithms, ranges, strings, and the vocabulary types.
#include <algorithm>
#include <any>
#include <array>
#include <bitset>
#include <deque>
#include <forward_list>
#include <functional>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <numeric>
#include <optional>
#include <queue>
#include <ranges>
#include <set>
#include <span>
#include <stack>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <valarray>
#include <variant>
#include <vector>

template <class Range> void show(const char *what, Range &&range)
{
	std::cout << what << ':';
	for (auto &&element : range) std::cout << ' ' << element;
	std::cout << '\n';
}

struct counted {
	static inline int alive = 0;
	int value;
	counted(int value = 0) : value(value) { alive++; }
	counted(const counted &other) : value(other.value) { alive++; }
	counted(counted &&other) noexcept : value(other.value) { other.value = -1, alive++; }
	counted &operator=(const counted &) = default;
	~counted() { alive--; }
	auto operator<=>(const counted &) const = default;
};

template <class... Ts> struct overloaded : Ts... { using Ts::operator()...; };

int main()
{
	std::vector<int> numbers(20);
	std::iota(numbers.begin(), numbers.end(), -5);
	std::ranges::sort(numbers, [](int a, int b) { return (a * 7919 & 31) < (b * 7919 & 31); });
	std::stable_sort(numbers.begin(), numbers.end(), [](int a, int b) { return a % 3 < b % 3; });
	show("sorted", numbers);
	std::nth_element(numbers.begin(), numbers.begin() + 9, numbers.end());
	std::cout << "nth " << numbers[9] << ", sum " << std::accumulate(numbers.begin(), numbers.end(), 0LL) << '\n';
	std::vector<int> heap(numbers);
	std::ranges::make_heap(heap);
	std::ranges::sort_heap(heap);
	show("heap", heap);
	auto [low, high] = std::ranges::minmax(numbers);
	std::cout << low << ".." << high << '\n';
	show("even squares", numbers | std::views::filter([](int n) { return n % 2 == 0; }) |
		std::views::transform([](int n) { return n * n; }) | std::views::take(6));
	std::vector<int> merged;
	std::vector<int> other{1, 3, 3, 40};
	std::ranges::sort(numbers);
	std::set_union(numbers.begin(), numbers.end(), other.begin(), other.end(), std::back_inserter(merged));
	merged.erase(std::unique(merged.begin(), merged.end()), merged.end());
	std::rotate(merged.begin(), merged.begin() + 3, merged.end());
	show("merged", merged);
	std::string letters = "abc";
	do std::cout << letters << ' ';
	while (std::ranges::next_permutation(letters).found);
	std::cout << '\n';

	{
		std::vector<counted> vector;
		for (int i = 0; i < 1000; i++) vector.emplace_back(i * 31 % 1000);
		std::deque<counted> deque(vector.begin(), vector.end());
		std::list<counted> list(deque.begin(), deque.end());
		list.sort();
		list.remove_if([](const counted &c) { return c.value % 100; });
		for (auto &c : list) std::cout << c.value << ' ';
		vector.erase(vector.begin() + 10, vector.end() - 10);
		for (int i = 0; i < 300; i++) deque.pop_front(), deque.push_front(i), deque.pop_back();
		std::cout << vector.size() << ' ' << deque.size() << ' ' << counted::alive << '\n';
	}
	std::cout << "alive " << counted::alive << '\n';

	std::map<std::string, std::vector<int>, std::less<>> index;
	for (int i = 0; std::string_view word : {"one", "two", "three", "two", "one", "two"}) index[std::string(word)].push_back(i++);
	for (auto &[word, places] : index) show(word.c_str(), places);
	auto node = index.extract("two");
	node.key() = "zwei";
	index.insert(std::move(node));
	std::cout << index.begin()->first << ' ' << index.rbegin()->first << ' ' << index.contains("two") << '\n';
	std::multimap<int, char> many{{2, 'b'}, {1, 'a'}, {2, 'c'}};
	for (auto [from, to] = many.equal_range(2); from != to; ++from) std::cout << from->second;
	std::cout << '\n';
	std::unordered_map<std::string, int> hashed;
	for (int i = 0; i < 5000; i++) hashed[std::to_string(i % 777)] += i;
	long long check = 0;
	for (auto &[key, value] : hashed) check += std::stoi(key) * static_cast<long long>(value);
	std::unordered_set<int> set;
	for (int i = 0; i < 1000; i++) set.insert(i * i % 97);
	std::cout << hashed.size() << ' ' << check << ' ' << set.size() << '\n';
	std::priority_queue<int, std::vector<int>, std::greater<>> queue;
	for (int i = 0; i < 10; i++) queue.push(i * 7 % 10);
	for (; !queue.empty(); queue.pop()) std::cout << queue.top();
	std::stack<int> stack({1, 2, 3});
	std::cout << ' ' << stack.top() << '\n';
	std::forward_list<int> forward{3, 1, 2};
	forward.sort();
	show("forward", forward);
	std::bitset<70> bits("1011");
	bits <<= 66;
	std::cout << bits << ' ' << bits.count() << '\n';
	std::valarray<double> values{1, 2, 3, 4};
	std::cout << (values * values + 1.0).sum() << ' ' << std::valarray<double>(values[std::slice(0, 2, 2)]).sum() << '\n';

	std::string text = "the quick brown fox";
	text.replace(4, 5, "slow").insert(0, "see: ").append(40, '.');
	std::cout << text << ' ' << text.find("fox") << ' ' << text.rfind('.') << ' ' << text.find_first_of("xyz") << '\n';
	std::cout << std::string_view(text).substr(5, 3) << ' ' << (text < "sef") << ' ' << text.starts_with("see") << '\n';
	std::wstring wide = L"gr\u00fc\u00dfe";
	std::u32string four = U"\U0001F600";
	std::cout << wide.size() << ' ' << four.size() << ' ' << std::stod("1e-3") << ' ' << std::stoll("-9000000000") << '\n';

	std::variant<int, std::string, double> variant = "a text";
	auto visit = [&] {
		return std::visit(overloaded{[](int i) { return "int " + std::to_string(i); },
			[](const std::string &s) { return "string " + s; }, [](double) { return std::string("double"); }}, variant);
	};
	std::cout << visit() << ' ';
	variant = 2.0;
	std::cout << visit() << '\n';
	try {
		std::get<int>(variant);
	} catch (const std::bad_variant_access &) {
		std::cout << "bad variant access\n";
	}
	std::any any = std::string("any");
	std::cout << std::any_cast<std::string &>(any) << ' ' << (std::any_cast<int>(&any) == nullptr) << '\n';
	std::optional<std::string> maybe;
	std::cout << maybe.value_or("nothing") << ' ' << maybe.emplace(3, 'x') << '\n';
	auto tuple = std::tuple_cat(std::tuple(1, 'c'), std::pair("p", 2.5));
	std::apply([](auto... each) { ((std::cout << each << ' '), ...); }, tuple);
	std::array<int, 5> array{5, 4, 3, 2, 1};
	show("span", std::span(array).subspan(1, 3));
	std::function<int(int)> fibonacci = [&](int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); };
	std::cout << fibonacci(15) << ' ' << std::bind(std::minus<>(), std::placeholders::_2, 1)(0, 43) << '\n';
	std::pmr::monotonic_buffer_resource pool;
	std::pmr::vector<std::pmr::string> pooled(&pool);
	for (int i = 0; i < 50; i++) pooled.emplace_back("a string that is longer than the short ones");
	std::cout << pooled.size() << '\n';
	std::weak_ptr<int> weak;
	{
		auto shared = std::make_shared<int>(7);
		weak = shared;
		std::cout << weak.use_count() << *weak.lock();
	}
	std::cout << weak.expired() << '\n';
	struct alignas(128) wide_aligned { char c; };
	auto aligned = std::make_unique<wide_aligned[]>(3);
	std::cout << reinterpret_cast<std::uintptr_t>(aligned.get()) % 128 << '\n';
}
