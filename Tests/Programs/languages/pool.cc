#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <iostream>
#include <mutex>
#include <queue>
#include <stdexcept>
#include <thread>
#include <vector>

int main() {
    std::cout << "hello from C++" << std::endl;
    std::queue<int> jobs;
    std::mutex mutex;
    std::condition_variable ready;
    bool closed = false;
    std::atomic<unsigned long> total{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; i++)
        workers.emplace_back([&] {
            for (;;) {
                std::unique_lock lock(mutex);
                ready.wait(lock, [&] { return closed || !jobs.empty(); });
                if (jobs.empty()) return;
                int n = jobs.front();
                jobs.pop();
                lock.unlock();
                for (int x = 0; x < n; x++) total += x * x;
            }
        });
    for (int n = 0; n < 300; n++) {
        std::lock_guard lock(mutex);
        jobs.push(n);
        ready.notify_one();
    }
    {
        std::lock_guard lock(mutex);
        closed = true;
    }
    ready.notify_all();
    for (auto &worker : workers) worker.join();
    std::cout << "total " << total << std::endl;
    auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("thrown"); });
    try {
        failing.get();
    } catch (const std::exception &e) {
        std::cout << "caught " << e.what() << std::endl;
    }
    std::cout << std::filesystem::exists("words.txt") << std::endl;
    thread_local int local = 4;
    return local;
}
