#include "relay/meters.hpp"

namespace splitmx::relay {

void ReplyCounts::add(std::string_view output) {
    while (output.size() >= 4) {
        auto const digit = [&](std::size_t at) { return output[at] - '0'; };
        auto const code = digit(0) * 100 + digit(1) * 10 + digit(2);
        if (output[3] != '-' && code >= first && code < end) {
            counts_[static_cast<std::size_t>(code - first)].fetch_add(1, std::memory_order_relaxed);
        }
        output.remove_prefix(std::min(output.find('\n'), output.size() - 1) + 1);
    }
}

std::vector<ReplyCounts::Count> ReplyCounts::counts() const {
    std::vector<Count> all;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        auto const count = counts_[i].load(std::memory_order_relaxed);
        if (count > 0) all.push_back({first + static_cast<int>(i), count});
    }
    return all;
}

void Durations::add(std::chrono::steady_clock::duration duration) {
    auto const seconds = std::chrono::duration<double>(duration).count();
    auto const place = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
    counts_[static_cast<std::size_t>(place)].fetch_add(1, std::memory_order_relaxed);
    auto const nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
    nanoseconds_.fetch_add(static_cast<std::uint64_t>(nanoseconds), std::memory_order_relaxed);
}

Durations::Sum Durations::sum() const {
    Sum sum;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        sum.counts[i] = counts_[i].load(std::memory_order_relaxed);
    }
    sum.seconds = static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
    return sum;
}

}  // namespace splitmx::relay
