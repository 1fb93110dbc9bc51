// SPDX-License-Identifier: MIT
// std::filesystem and file streams.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <system_error>

namespace fs = std::filesystem;

int main()
{
	std::string pattern = (fs::temp_directory_path() / "files-XXXXXX").string();
	fs::path root = mkdtemp(pattern.data());
	fs::current_path(root);
	std::cout << fs::create_directories("a/b/c") << fs::create_directory("a") << '\n';
	std::ofstream("a/one.txt") << "first line\nsecond line\n";
	std::ofstream("a/one.txt", std::ios::app) << "third line\n";
	std::ifstream in("a/one.txt");
	std::string line;
	int lines = 0;
	while (std::getline(in, line)) lines++;
	std::cout << lines << ' ' << line << ' ' << fs::file_size("a/one.txt") << '\n';
	in.clear();
	in.seekg(6);
	in >> line;
	std::cout << line << ' ' << in.tellg() << '\n';
	std::fstream both("binary", std::ios::in | std::ios::out | std::ios::trunc | std::ios::binary);
	for (int i = 0; i < 100000; i++) both.put(static_cast<char>(i * 7));
	both.seekp(500);
	both.write("here", 4);
	both.seekg(498);
	char bytes[8];
	both.read(bytes, sizeof bytes);
	std::cout << std::string(bytes + 2, 4) << ' ' << both.gcount() << '\n';
	both.close();
	std::cout << fs::file_size("binary") << '\n';
	fs::resize_file("binary", 10);
	fs::copy_file("binary", "a/b/copy");
	fs::create_symlink("one.txt", "a/link");
	fs::create_hard_link("a/one.txt", "a/b/hard");
	fs::permissions("a/one.txt", fs::perms::owner_read | fs::perms::owner_write);
	std::cout << fs::is_symlink("a/link") << fs::read_symlink("a/link") << fs::hard_link_count("a/one.txt")
		<< fs::equivalent("a/link", "a/b/hard") << ' ' << std::oct
		<< static_cast<int>(fs::status("a/link").permissions()) << std::dec << '\n';
	fs::rename("a/b", "a/d");
	fs::copy("a", "z", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
	std::set<std::string> names;
	for (const auto &entry : fs::recursive_directory_iterator("."))
		names.insert(entry.path().generic_string() + (entry.is_directory() ? "/" : ""));
	for (auto &name : names) std::cout << name << ' ';
	std::cout << '\n';
	fs::path path = "/usr/../lib//x.tar.gz";
	std::cout << path.lexically_normal() << path.filename() << path.stem() << path.extension() << path.parent_path()
		<< (path / "y") << fs::path("a/b").lexically_relative("a/c") << path.has_root_directory() << '\n';
	for (const auto &part : path) std::cout << part << ' ';
	std::cout << '\n' << (fs::canonical("a/link") == fs::canonical(root / "a" / "one.txt")) << fs::exists("nowhere")
		<< fs::weakly_canonical("a/x/../y").filename() << '\n';
	std::error_code error;
	(void)fs::file_size("nowhere", error);
	std::cout << (error == std::errc::no_such_file_or_directory) << ' ' << error.category().name() << '\n';
	try {
		fs::create_directory("a/one.txt/under");
	} catch (const fs::filesystem_error &e) {
		std::cout << e.code().value() << ' ' << e.path1() << '\n';
	}
	auto time = fs::last_write_time("binary");
	fs::last_write_time("binary", time - std::chrono::hours(1));
	std::cout << (time - fs::last_write_time("binary") == std::chrono::hours(1)) << '\n';
	std::cout << (fs::space(".").capacity > 0) << fs::is_empty("a") << fs::is_character_file("/dev/null") << '\n';
	fs::current_path("/");
	std::cout << fs::remove_all(root) << fs::exists(root) << '\n';
}
