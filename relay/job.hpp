// What a courier takes in hand: all recipients of one message that are due at one next hop.
// Threads: one loop.
#pragma once

#include "relay/message.hpp"

#include <string>
#include <vector>

namespace splitmx::relay {

struct Job {
    MessagePtr message;
    std::string hop;
    std::vector<std::size_t> recipients;  // indexes in its item

    std::vector<spool::Outcome> same_for_all(mail::Status const& status, std::string const& host)
        const;
};

// RFC 5321 4.5.3.1.8 lets a server take no more than 100 in one transaction.
inline constexpr std::size_t recipients_of_a_transaction = 50;

// The pending recipients of that hop whose time has come; `all`: whatever their time is.
std::vector<std::size_t> due_recipients(
    spool::QueueItem const& item, std::string const& hop, mail::Instant now, bool all
);

}  // namespace splitmx::relay
