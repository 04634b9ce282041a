#include <atomic>
#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

int main() {
    std::vector<std::thread> threads;
    std::atomic<long> sum{0};
    long plain = 0;
    std::mutex lock;
    for (int i = 0; i < 50; i++)
        threads.emplace_back([&, i] {
            for (int k = 0; k < 200; k++) {
                sum += i;
                std::lock_guard guard(lock);
                plain += i;
            }
        });
    for (auto &thread : threads) thread.join();
    std::cout << sum << " " << plain << "\n";
    std::vector<std::future<int>> futures;
    for (int i = 0; i < 10; i++) futures.push_back(std::async(std::launch::async, [i] { return i * i; }));
    int total = 0;
    for (auto &future : futures) total += future.get();
    std::cout << total << "\n";
    std::condition_variable ready;
    bool flag = false;
    std::thread waiter([&] {
        std::unique_lock guard(lock);
        ready.wait(guard, [&] { return flag; });
        std::cout << "woken\n";
    });
    {
        std::lock_guard guard(lock);
        flag = true;
    }
    ready.notify_one();
    waiter.join();
    auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("thrown in a thread"); });
    try {
        failing.get();
    } catch (const std::exception &error) {
        std::cout << error.what() << std::endl;
    }
    std::terminate();
}
