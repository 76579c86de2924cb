// Writes the history beside the mail: record() only puts into a queue, a thread of its own writes
// in groups. The queue is bounded: where the disk is too slow, records are dropped and counted, and
// the mail goes on. What is older than `keep` is forgotten, a little at a time. Threads: record(),
// dropped() any. Ownership: the destructor writes what is queued. Errors: told to `on_trouble`, on
// the recorder's thread, at most once a minute; writing is tried again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "history/book.hpp"

namespace splitmx::history {

class Recorder {
public:
    struct Settings {
        std::filesystem::path file;
        mail::Duration keep{};
        std::size_t most_queued = 50'000;
        std::function<void(std::string)> on_trouble{};
    };

    static mail::Result<std::unique_ptr<Recorder>> open(Settings settings);
    ~Recorder();
    Recorder(Recorder const&) = delete;
    Recorder& operator=(Recorder const&) = delete;

    void record(Record record);
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    static constexpr std::chrono::milliseconds gathering{100};  // between two groups
    static constexpr std::chrono::minutes forgetting{1};        // between two looks
    static constexpr std::int64_t forgotten_at_once = 5'000;

    Recorder(Writer writer, Settings settings);
    void run();
    void write(std::vector<Record>& records);
    void forget();
    void tell(std::string const& what);

    Writer writer_;
    Settings settings_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Record> queue_;
    bool ending_ = false;
    std::atomic<std::uint64_t> dropped_ = 0;
    std::uint64_t told_dropped_ = 0;
    std::optional<std::chrono::steady_clock::time_point> told_at_;
    std::chrono::steady_clock::time_point forget_at_;
    std::thread thread_;
};

}  // namespace splitmx::history
