// What an operator may do with one queued message, and what came of it.
// An operation is durable before it is answered. A message that is in delivery cannot be taken back
// from the host that has it: all but Retry wait for the end of what is under way, and act on what is
// left. Threads: values.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "queue/filter.hpp"

namespace splitmx::relay {

struct Retry {};  // its pending recipients are due now
struct Hold {
    std::string reason;
};
struct Release {};  // from Hold; due now
struct Bounce {       // some of its recipients, to the sender
    std::string text;         // for the sender: why
    bool with_report = true;  // a null reverse-path gets none anyway
    queue::Filter filter{};   // which of them
    std::string by{};         // who says so
};
struct Drop {  // some of its recipients, without a report
    queue::Filter filter{};
    std::string by{};
};
struct Move {    // some of its recipients, to another next hop; due now
    std::string host;      // a [host.NAME]; empty: back to where the rules say
    queue::Filter filter;  // which of them
    std::string by;        // who says so
};

using QueueOperation = std::variant<Retry, Hold, Release, Bounce, Drop, Move>;

enum class OperationResult {
    done,
    not_here,     // no such message (any more)
    in_delivery,  // Retry: it is being tried; the others: will act when that ends
    is_held,      // Retry: release it first
    not_held,     // Release
    unmoved,      // Move, Bounce, Drop: nobody of those who are meant is left
    would_loop,   // Move: it came from there
    not_written,  // the spool failed; nothing has changed
};

struct OperationAnswer {
    OperationResult result = OperationResult::not_here;
    std::string why;  // not_written: for the administrator
    std::size_t recipients = 0;  // Move, Bounce, Drop: whom it concerns
    std::size_t others = 0;      // that still wait, whom it does not
};

}  // namespace splitmx::relay
