#include "relay/retry_index.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace splitmx::relay {

namespace {

// The wall clock may be set while we wait: look again from time to time.
constexpr std::chrono::seconds longest_sleep{10};
// Messages started at once, so that a backlog does not hold up the loop.
constexpr std::size_t per_round = 200;

}  // namespace

RetryIndex::RetryIndex(
    boost::asio::any_io_executor executor, std::function<void(spool::SpoolId)> due
)
    : timer_(std::move(executor)), due_(std::move(due)) {}

void RetryIndex::add(mail::Instant when, spool::SpoolId id) {
    bool const earliest = times_.empty() || when < times_.begin()->first;
    times_.emplace(when, id);
    if (earliest) arm();
}

void RetryIndex::stop() {
    stopped_ = true;
    timer_.cancel();
}

void RetryIndex::arm() {
    if (stopped_ || times_.empty()) return;
    auto const wait = times_.begin()->first - std::chrono::system_clock::now();
    auto const sleep =
        std::clamp<std::chrono::nanoseconds>(wait, std::chrono::nanoseconds{0}, longest_sleep);
    timer_.expires_after(sleep);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error && !stopped_) fire();
    });
}

void RetryIndex::fire() {
    auto const now = std::chrono::system_clock::now();
    std::vector<spool::SpoolId> due;
    while (!times_.empty() && times_.begin()->first <= now && due.size() < per_round) {
        due.push_back(times_.begin()->second);
        times_.erase(times_.begin());
    }
    arm();
    for (auto const id : due) due_(id);
}

}  // namespace splitmx::relay
