#include "spool/clock_jumps.hpp"

#include <algorithm>

namespace splitmx::spool {

void ClockJumps::add(mail::Duration by, SpoolId last) {
    if (jumps_.size() == most_jumps) jumps_.pop_front();
    jumps_.push_back({by, last});
}

mail::Instant ClockJumps::arrival(SpoolId id, mail::Instant by_its_clock) const {
    auto arrived = id <= earlier_ ? std::min(by_its_clock, start_) : by_its_clock;
    for (auto const& jump : jumps_) {
        if (id <= jump.last) arrived += jump.by;
    }
    return arrived;
}

}  // namespace splitmx::spool
