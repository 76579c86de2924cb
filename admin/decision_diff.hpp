// What is different between two decisions about one address: now, and as it would be.
// Threads: pure functions of values. Source: complaint "what changes if we move these people?".
#pragma once

#include "resolver/decision.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::admin {

struct ChangedDecision {
    std::string address;
    std::string now;  // "notes (custom_recipient)", "refused 5.1.1"
    std::string then;
    bool would_bounce = false;  // is delivered or waits now, and would come back
    bool would_wait = false;    // is delivered now, and would be deferred
    std::string json;           // both decisions; only where it is asked for
};

// None where mail for it would go the same way, or be answered the same.
std::optional<ChangedDecision> difference(
    std::string const& address, resolver::Decision const& now, resolver::Decision const& then
);

struct DiffCounts {
    std::size_t addresses = 0;
    std::size_t changed = 0;
    std::size_t would_bounce = 0;
    std::size_t would_wait = 0;

    void add(ChangedDecision const& change, std::size_t times = 1);
};

// "12 of 41 812 decisions change, 3 would bounce"
std::string to_text(DiffCounts const& counts);

// A line for each, in columns that fit 80 where the words allow.
std::string to_text(std::vector<ChangedDecision> const& changes);

std::string grouped(std::size_t number);  // "41 812"

}  // namespace splitmx::admin
