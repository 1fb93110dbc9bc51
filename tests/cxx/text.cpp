// SPDX-License-Identifier: MIT
// Streams, locales, regular expressions, numbers as text, the clock's types.
#include <charconv>
#include <chrono>
#include <clocale>
#include <iomanip>
#include <iostream>
#include <limits>
#include <locale>
#include <random>
#include <ratio>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

struct point {
	int x, y;
	friend std::ostream &operator<<(std::ostream &out, const point &p) { return out << '(' << p.x << ',' << p.y << ')'; }
	friend std::istream &operator>>(std::istream &in, point &p)
	{
		char c;
		return in >> c >> p.x >> c >> p.y >> c;
	}
};

struct thousands : std::numpunct<char> {
	char do_thousands_sep() const override { return '\''; }
	std::string do_grouping() const override { return "\3"; }
};

int main()
{
	std::cout << std::hex << std::showbase << 255 << std::oct << ' ' << 8 << std::dec << std::noshowbase << ' '
		<< std::setw(8) << std::setfill('*') << std::left << 42 << std::right << std::setw(6) << -7 << std::internal
		<< std::setw(6) << -7 << std::boolalpha << ' ' << true << '\n';
	std::cout << 1.0 / 3 << ' ' << std::setprecision(12) << 2.0 / 3 << ' ' << std::fixed << 1e6 << ' ' << std::scientific
		<< 12345.678 << ' ' << std::defaultfloat << std::hexfloat << 0.1 << std::defaultfloat << ' ' << 1e300 * 1e10 << ' '
		<< std::numeric_limits<double>::denorm_min() << ' ' << std::numeric_limits<long long>::min() << '\n';
	std::cout << std::quoted("a \"quoted\" text") << ' ' << std::put_money(1234) << '\n';

	std::istringstream in("17 0x1f 3.25e2 word (3,-4) rest of line\nsecond\n\nlast");
	int decimal, hexadecimal;
	double real;
	std::string word, line;
	point p{};
	in >> decimal >> std::hex >> hexadecimal >> std::dec >> real >> word >> p;
	std::getline(in, line);
	std::cout << decimal << ' ' << hexadecimal << ' ' << real << ' ' << word << ' ' << p << " [" << line << "]\n";
	while (std::getline(in, line)) std::cout << '<' << line << '>';
	std::cout << in.eof() << in.fail() << '\n';
	std::istringstream bad("12x");
	bad.exceptions(std::ios::failbit);
	try {
		bad >> decimal >> decimal;
	} catch (const std::ios_base::failure &) {
		std::cout << "failure " << decimal << '\n';
	}
	std::stringstream both;
	both << "one" << ' ' << 2;
	both.seekp(0);
	both << "two";
	both >> word >> decimal;
	std::cout << word << decimal << ' ' << both.str() << '\n';

	std::ostringstream grouped;
	grouped.imbue(std::locale(std::locale::classic(), new thousands));
	grouped << 1234567 << ' ' << 12.5;
	std::cout << grouped.str() << ' ' << std::locale().name() << '\n';
	const auto &ctype = std::use_facet<std::ctype<char>>(std::locale::classic());
	std::cout << ctype.is(std::ctype_base::alpha, 'x') << ctype.toupper('y') << '\n';
	std::wostringstream wide;
	wide << L"wide " << 42 << L' ' << 1.5;
	std::cout << (wide.str() == L"wide 42 1.5") << '\n';
	std::tm time{};
	time.tm_year = 126, time.tm_mon = 6, time.tm_mday = 14, time.tm_hour = 9, time.tm_wday = 2;
	std::cout << std::put_time(&time, "%Y-%m-%d %H:%M:%S %a %b") << '\n';
	std::istringstream date("2024-02-29 23:59:58");
	date >> std::get_time(&time, "%Y-%m-%d %H:%M:%S");
	std::cout << time.tm_year << ' ' << time.tm_mon << ' ' << time.tm_mday << ' ' << time.tm_sec << '\n';

	std::regex pattern(R"((\w+)@(\w+)\.(com|org))");
	std::string mails = "anna@example.com, bob@example.org; nobody@nowhere, c@d.com";
	for (std::sregex_iterator it(mails.begin(), mails.end(), pattern), end; it != end; ++it)
		std::cout << (*it)[1] << " at " << (*it)[2] << ' ' << it->position() << '\n';
	std::cout << std::regex_replace(mails, pattern, "<$1>") << '\n';
	std::smatch match;
	std::string text = "key = value  ";
	std::cout << std::regex_match(text, match, std::regex(R"(\s*(\w+)\s*=\s*(.*?)\s*)")) << match[1] << match[2] << '\n';
	std::cout << std::regex_search("ABCabc", std::regex("c$", std::regex::icase | std::regex::extended)) << '\n';
	try {
		std::regex broken("(");
	} catch (const std::regex_error &error) {
		std::cout << (error.code() == std::regex_constants::error_paren) << '\n';
	}

	char buffer[64];
	for (double value : {0.1, 1.0 / 3, 1e22, 5e-324, 123456789.125, -0.0}) {
		auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
		double back;
		std::from_chars(buffer, end, back);
		std::cout << std::string_view(buffer, end) << ' ' << (back == value) << ' ';
	}
	int number = 0;
	auto result = std::from_chars("-777z", "-777z" + 5, number);
	std::cout << number << ' ' << *result.ptr << ' '
		<< (std::from_chars("99999999999", "99999999999" + 11, number).ec == std::errc::result_out_of_range) << '\n';

	using namespace std::chrono;
	std::cout << duration_cast<milliseconds>(1h + 2min + 3s).count() << ' ' << floor<hours>(-90min).count() << ' '
		<< duration<double, std::ratio<60>>(90s).count() << '\n';
	year_month_day day = sys_days(2024y / February / 28) + days(2);
	std::cout << static_cast<unsigned>(day.month()) << ' ' << static_cast<unsigned>(day.day()) << ' '
		<< weekday(sys_days(day)).c_encoding() << ' ' << (2023y / February / last).day().operator unsigned() << '\n';
	auto before = steady_clock::now();
	std::cout << (steady_clock::now() >= before) << (system_clock::now().time_since_epoch() > 0s) << '\n';

	std::mt19937 twister(5489);
	twister.discard(9999);
	std::mt19937_64 twister64;
	std::minstd_rand minimal(7);
	std::cout << twister() << ' ' << twister64() << ' ' << minimal() << ' ' << std::ranlux24_base()() << '\n';
	std::random_device device;
	std::uniform_int_distribution<int> dice(1, 6);
	int rolled = dice(device);
	std::cout << (rolled >= 1 && rolled <= 6) << '\n';
	std::cerr << "to standard error\n";
	std::clog << "log" << std::endl;
}
