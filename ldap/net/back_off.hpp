// Pauses between attempts that fail: doubling from `min` to `max`, each a quarter shorter or longer
// by chance, so that many clients do not come back to a server in one moment. A value; for one
// thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace splitmx::ldap::net {

class BackOff {
public:
    using Duration = std::chrono::milliseconds;

    BackOff(Duration min, Duration max) : min_(min), max_(max), base_(min) {}

    // The pause before the next attempt; never below min or above max.
    [[nodiscard]] Duration next() {
        std::uniform_real_distribution<double> factor(0.75, 1.25);
        auto const pause = std::chrono::duration_cast<Duration>(base_ * factor(random_));
        base_ = std::min(base_ * 2, max_);
        return std::clamp(pause, min_, max_);
    }

    // After a success.
    void reset() noexcept { base_ = min_; }

private:
    Duration min_;
    Duration max_;
    Duration base_;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace splitmx::ldap::net
