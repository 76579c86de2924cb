// What an operator may do with one queued message, and what came of it.
// An operation is durable before it is answered. A message that is in delivery cannot be taken back
// from the host that has it: Hold, Bounce and Drop wait for the end of what is under way and then
// act on what is left. Threads: values.
#pragma once

#include <string>
#include <variant>

namespace splitmx::relay {

struct Retry {};  // its pending recipients are due now
struct Hold {
    std::string reason;
};
struct Release {};  // from Hold; due now
struct Bounce {
    std::string text;         // for the sender: why
    bool with_report = true;  // a null reverse-path gets none anyway
};
struct Drop {};  // no report

using QueueOperation = std::variant<Retry, Hold, Release, Bounce, Drop>;

enum class OperationResult {
    done,
    not_here,     // no such message (any more)
    in_delivery,  // Retry: it is being tried; Hold, Bounce, Drop: will act when that ends
    is_held,      // Retry: release it first
    not_held,     // Release
    not_written,  // the spool failed; nothing has changed
};

struct OperationAnswer {
    OperationResult result = OperationResult::not_here;
    std::string why;  // not_written: for the administrator
};

}  // namespace splitmx::relay
