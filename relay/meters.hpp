// Figures of what happens too often to be an event: counted where it happens, read by who asks.
// Threads: any. Cost: one relaxed addition.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace splitmx::relay {

// What one listener has said to its clients, by code.
class ReplyCounts {
public:
    struct Count {
        int code = 0;
        std::uint64_t count = 0;
    };

    // Replies as they go out: lines with CRLF; of a reply in several lines the last one counts.
    void add(std::string_view output);
    std::vector<Count> counts() const;  // by code

private:
    static constexpr int first = 200;
    static constexpr int end = 600;

    std::array<std::atomic<std::uint64_t>, end - first> counts_{};
};

class Durations {
public:
    static constexpr std::array<double, 8> bounds{1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 2, 8};  // s

    struct Sum {
        std::array<std::uint64_t, bounds.size() + 1> counts{};
        double seconds = 0;
    };

    void add(std::chrono::steady_clock::duration duration);
    Sum sum() const;

private:
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
    std::atomic<std::uint64_t> nanoseconds_ = 0;
};

// Of the relay as a whole.
class Meters {
public:
    Durations resolved_from_memory;
    Durations resolved_by_asking;  // a server
};

}  // namespace splitmx::relay
