// How much room the disk of the spool has, asked at most fifty times a second however many messages
// come in. Threads: any. Errors: a disk that cannot be asked has none.
#pragma once

#include "spool/errc.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

namespace splitmx::spool {

class DiskSpace {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds good_for{20};

    // `ask`: octets that are free.
    explicit DiskSpace(std::function<Result<std::uint64_t>()> ask) : ask_(std::move(ask)) {}

    // Octets.
    std::uint64_t left(Clock::time_point now = Clock::now()) {
        auto const until = until_.load(std::memory_order_acquire);
        if (now.time_since_epoch() < until) return left_.load(std::memory_order_relaxed);
        auto const found = ask_();
        left_.store(found ? *found : 0, std::memory_order_relaxed);
        until_.store(now.time_since_epoch() + good_for, std::memory_order_release);
        return left_.load(std::memory_order_relaxed);
    }

private:
    std::function<Result<std::uint64_t>()> ask_;
    std::atomic<Clock::duration> until_{Clock::duration::min()};
    std::atomic<std::uint64_t> left_ = 0;
};

}  // namespace splitmx::spool
