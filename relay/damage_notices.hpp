// Which damaged messages the postmaster is to be told of now: at most one notice an hour, so that a
// dying disk does not fill a mailbox. What came in between goes into the next one.
// Threads: any.
#pragma once

#include "mail/clock.hpp"
#include "spool/store.hpp"

#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace splitmx::relay {

class DamageNotices {
public:
    static constexpr std::chrono::hours interval{1};

    // Empty: not now.
    std::vector<spool::Damage> add(std::vector<spool::Damage> damaged, mail::Instant now) {
        std::lock_guard const lock(mutex_);
        std::move(damaged.begin(), damaged.end(), std::back_inserter(untold_));
        // A clock that was set back must not silence us.
        if (last_ && now >= *last_ && now < *last_ + interval) return {};
        last_ = now;
        return std::exchange(untold_, {});
    }

private:
    std::mutex mutex_;
    std::vector<spool::Damage> untold_;
    std::optional<mail::Instant> last_;
};

}  // namespace splitmx::relay
