// SPDX-License-Identifier: MIT
// The thread library.  What is printed does not depend on who runs first.
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <future>
#include <iostream>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <queue>
#include <semaphore>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

struct tracked {
	static inline std::atomic<int> made = 0, gone = 0;
	int value = 0;
	tracked() { made++; }
	~tracked() { gone++; }
};
thread_local tracked per_thread;
thread_local int plain = 41;

int main()
{
	std::vector<std::thread> threads;
	std::mutex mutex;
	std::map<int, int> seen;
	long shared = 0;
	for (int i = 0; i < 16; i++)
		threads.emplace_back([&, i] {
			per_thread.value = i;
			plain++;
			for (int turn = 0; turn < 1000; turn++) {
				std::lock_guard lock(mutex);
				shared++;
				if (turn % 100 == 0) seen[i]++;
			}
			std::lock_guard lock(mutex);
			seen[i] += per_thread.value + plain - 42;
		});
	for (auto &thread : threads) thread.join();
	std::cout << shared << ' ' << seen.size() << ' ' << seen[15] << ' ' << plain << ' ' << tracked::made << ' ' << tracked::gone << '\n';

	std::queue<int> queue;
	std::condition_variable ready;
	bool done = false;
	std::thread consumer([&] {
		long sum = 0;
		for (;;) {
			std::unique_lock lock(mutex);
			ready.wait(lock, [&] { return done || !queue.empty(); });
			if (queue.empty()) break;
			sum += queue.front();
			queue.pop();
		}
		std::cout << "consumed " << sum << '\n';
	});
	for (int i = 0; i < 1000; i++) {
		{
			std::lock_guard lock(mutex);
			queue.push(i);
		}
		ready.notify_one();
	}
	{
		std::lock_guard lock(mutex);
		done = true;
	}
	ready.notify_all();
	consumer.join();
	{
		std::unique_lock lock(mutex);
		std::condition_variable never;
		std::cout << (never.wait_for(lock, std::chrono::milliseconds(5)) == std::cv_status::timeout) << '\n';
	}

	std::promise<std::string> promise;
	auto future = promise.get_future();
	std::thread([&] { promise.set_value_at_thread_exit("promised"); }).join();
	std::cout << future.get() << ' ';
	std::vector<std::future<int>> tasks;
	for (int i = 0; i < 8; i++) tasks.push_back(std::async(i % 2 ? std::launch::async : std::launch::deferred, [i] { return i * i; }));
	std::cout << std::accumulate(tasks.begin(), tasks.end(), 0, [](int sum, auto &task) { return sum + task.get(); }) << ' ';
	std::packaged_task<int(int)> packaged([](int n) { return n + 1; });
	auto result = packaged.get_future().share();
	std::thread(std::move(packaged), 9).join();
	std::cout << result.get() << result.get() << '\n';
	try {
		std::future<int> broken;
		{
			std::promise<int> gone;
			broken = gone.get_future();
		}
		(void)broken.get();
	} catch (const std::future_error &e) {
		std::cout << (e.code() == std::future_errc::broken_promise) << '\n';
	}

	std::once_flag once;
	std::atomic<int> called = 0;
	std::shared_mutex readers;
	std::latch start(5);
	std::barrier phase(4, [&]() noexcept { called += 100; });
	std::counting_semaphore<2> slots(2);
	std::atomic<int> inside = 0, most = 0;
	{
		std::vector<std::jthread> group;
		for (int i = 0; i < 4; i++)
			group.emplace_back([&, i] {
				start.arrive_and_wait();
				std::call_once(once, [&] { called++; });
				for (int turn = 0; turn < 3; turn++) phase.arrive_and_wait();
				if (i % 2) {
					std::shared_lock lock(readers);
					called++;
				} else {
					std::unique_lock lock(readers);
					called++;
				}
				slots.acquire();
				int now = ++inside;
				for (int old = most; old < now && !most.compare_exchange_weak(old, now);) {}
				inside--;
				slots.release();
			});
		start.count_down();
	}
	std::cout << called << ' ' << (most <= 2) << '\n';
	std::jthread stopped([](std::stop_token token) {
		std::mutex mutex;
		std::unique_lock lock(mutex);
		std::condition_variable_any wait;
		bool woken = wait.wait(lock, token, [] { return false; });
		std::cout << "stopped " << woken << token.stop_requested() << '\n';
	});
	stopped.request_stop();
	stopped.join();
	std::atomic<int> word = 0;
	std::thread waker([&] {
		word = 1;
		word.notify_one();
	});
	word.wait(0);
	waker.join();
	std::timed_mutex timed;
	std::recursive_mutex recursive;
	std::scoped_lock all(timed, recursive);
	recursive.lock();
	recursive.unlock();
	std::thread([&] { std::cout << timed.try_lock_for(std::chrono::milliseconds(1)) << recursive.try_lock() << word << '\n'; }).join();
	std::atomic<double> real = 1.5;
	std::atomic<long long> wide = 1LL << 40;
	real += 1, wide |= 1;
	std::cout << real << ' ' << wide << ' ' << wide.is_lock_free() << '\n';
	std::cout << (std::this_thread::get_id() == std::thread().get_id()) << (std::thread::hardware_concurrency() > 0) << '\n';
}
