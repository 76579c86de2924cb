// Answers of a live directory, kept for a while: found ones long, "nobody" briefly, so that a new
// entry counts soon (Q230498). That nothing could be known is never kept.
// Bounded: past its capacity the expired answers go, and if that is not enough, all.
// Threads: one mutex, any thread. Units: steady time, so that a changed clock changes nothing.
#pragma once

#include "mail/clock.hpp"
#include "resolver/directory.hpp"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace splitmx::directory {

class AnswerCache {
public:
    using Clock = std::chrono::steady_clock;

    struct Settings {
        mail::Duration positive;
        mail::Duration negative;
        std::size_t capacity = 200'000;
    };

    explicit AnswerCache(Settings settings) : settings_(settings) {}

    // NotAsked where nothing is kept.
    resolver::Answer find(std::string const& id, Clock::time_point now) const;
    void keep(std::string const& id, resolver::Answer const& answer, Clock::time_point now);
    void clear();
    std::size_t size() const;

private:
    struct Kept {
        resolver::Answer answer;
        Clock::time_point until;
    };

    void make_room(Clock::time_point now);

    Settings settings_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Kept> kept_;
};

}  // namespace splitmx::directory
