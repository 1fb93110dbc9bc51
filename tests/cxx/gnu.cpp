// SPDX-License-Identifier: MIT
// Code in the manner of those who write for GCC alone: its header of all headers, its extensions of the language, its names.
#include <bits/stdc++.h>
#include <cxxabi.h>
using namespace std;

struct shape {
	virtual ~shape() = default;
	virtual int corners() const = 0;
};
struct square : shape {
	int corners() const override { return 4; }
};
template <class T, size_t N> struct grid : virtual shape {
	int corners() const override { return N * sizeof(T); }
};

static string demangled(const char *name)
{
	int status;
	char *text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
	string result = status == 0 ? text : "?";
	free(text);
	return result;
}

#define REP(i, n) for (int i = 0; i < (int)(n); i++)
#define ALL(x) (x).begin(), (x).end()

int main(int argc, char **)
{
	ios::sync_with_stdio(false);
	cin.tie(0);

	vector<pair<int, string>> pairs = {{3, "c"}, {1, "a"}, {2, "b"}};
	sort(ALL(pairs), [](auto &&a, auto &&b) { return a > b; });
	for (auto &[number, text] : pairs)
		cout << number << text << ' ';
	cout << '\n' << __gcd(84, 36) << ' ' << __lg(1000) << ' ' << __builtin_popcount(255) << '\n';

	int length = argc + 3, squares[9];
	REP(i, length) squares[i] = i * i;
	cout << accumulate(squares, squares + length, 0) << ' ' << ({ int twice = length * 2; twice; }) << ' ' << (length ?: 7) << '\n';
	__int128 wide = (__int128)1 << 100;
	cout << (long long)(wide >> 90) << '\n';
	switch (length) {
	case 2 ... 9: cout << "range\n";
	}

	unique_ptr<shape> shapes[] = {make_unique<square>(), make_unique<grid<char, 6>>()};
	for (auto &each : shapes) {
		shape &one = *each;
		cout << demangled(typeid(one).name()) << ' ' << one.corners() << ' ' << (dynamic_cast<square *>(&one) != nullptr) << '\n';
	}
	try {
		throw grid<int, 2>();
	} catch (const shape &caught) {
		cout << "caught " << demangled(abi::__cxa_current_exception_type()->name()) << ' ' << caught.corners() << '\n';
	}
	try {
		(void)dynamic_cast<const square &>(*shapes[1]);
	} catch (bad_cast &) {
		cout << "bad cast\n";
	}

	cout << fixed << setprecision(3) << M_PI << ' ' << hex << 255 << dec << ' ' << boolalpha << regex_match("a-1", regex("[a-z]-\\d")) << '\n';
	atomic<int> sum{0};
	vector<thread> threads;
	REP(i, 4) threads.emplace_back([&, i] { sum += i; });
	for (auto &each : threads) each.join();
	cout << sum << ' ' << (filesystem::path("/a/b.txt").extension() == ".txt") << ' ' << locale::classic().name() << endl;
	return 0;
}
