// How much room the disk of the spool has, asked at most fifty times a second however many messages
// come in. Threads: any. Errors: a disk that cannot be asked has none.
#pragma once

#include "spool/file_system.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace splitmx::spool {

class DiskSpace {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds good_for{20};

    DiskSpace(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

    // Octets.
    std::uint64_t left(Clock::time_point now = Clock::now()) {
        auto until = until_.load(std::memory_order_acquire);
        if (now.time_since_epoch() < until) return left_.load(std::memory_order_relaxed);
        auto const found = files_.free_space(path_);
        left_.store(found ? *found : 0, std::memory_order_relaxed);
        until_.store(now.time_since_epoch() + good_for, std::memory_order_release);
        return left_.load(std::memory_order_relaxed);
    }

private:
    FileSystem& files_;
    std::string path_;
    std::atomic<Clock::duration> until_{Clock::duration::min()};
    std::atomic<std::uint64_t> left_ = 0;
};

}  // namespace splitmx::spool
