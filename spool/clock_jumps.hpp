// How the wall clock was set while this program ran, so that mail keeps its age: a clock that is set
// six days ahead has not aged anything by six days. What arrived before a jump is dated as if the
// new clock had been in force then; what the disk says is never changed, so a restart forgets. Of
// an earlier run only what came from the future is known to be wrong: it counts as just arrived.
// A machine that slept counts as one whose clock was set: its mail was not tried meanwhile.
// Pure. Threads: values. Bounded: of more than `most_jumps` the oldest are forgotten.
#pragma once

#include "mail/clock.hpp"
#include "spool/spool_id.hpp"

#include <cstddef>
#include <deque>

namespace splitmx::spool {

class ClockJumps {
public:
    static constexpr std::size_t most_jumps = 64;

    ClockJumps() = default;
    // Messages up to `earlier` were there when the program started.
    ClockJumps(mail::Instant start, SpoolId earlier) : start_(start), earlier_(earlier) {}

    // Messages up to `last` had arrived before the clock was set ahead by that much, or back.
    void add(mail::Duration by, SpoolId last);

    // When the message arrived, by the clock of now.
    mail::Instant arrival(SpoolId id, mail::Instant by_its_clock) const;

private:
    struct Jump {
        mail::Duration by;
        SpoolId last;
    };

    mail::Instant start_;
    SpoolId earlier_;
    std::deque<Jump> jumps_;
};

}  // namespace splitmx::spool
