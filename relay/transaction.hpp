// One transaction of a courier: some recipients of a message over a connection, and what comes
// right before and behind it there.
//
// Where every connection to a host is busy, the next message is announced (MAIL, RCPT, DATA) in one
// write with the end of the present one: half the round trips. Its content waits, as ever, until
// what became of the present one is written down. Threads: one loop. Source: RFC 2920 3.1;
// docs/adr/0041.
#pragma once

#include "relay/host_queue.hpp"
#include "relay/job.hpp"
#include "relay/link.hpp"
#include "relay/settler.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace splitmx::relay {

// What goes over a connection around the present job.
struct Course {
    using Clock = std::chrono::steady_clock;

    std::size_t carried = 0;  // jobs
    bool kept_connection = false;
    bool has_other_address = false;  // the host has one that is still to be tried
    bool host_is_quick = false;
    // The outcome of the last message is written down while the next one is announced; its content
    // is not given before, so that a kill repeats one transaction for each connection, no more.
    Written written;
    // The next job, announced with the content of the present one; on a new connection the one
    // that the address before it has not taken.
    std::optional<Job> ahead;

    boost::asio::awaitable<void> is_written() {
        if (auto const waited = std::exchange(written, nullptr)) co_await waited->wait();
    }
};

// The recipients of a job that go in one transaction.
inline std::span<std::size_t const> first_transaction(std::span<std::size_t const> recipients) {
    return recipients.first(std::min(recipients.size(), recipients_of_a_transaction));
}

// Some recipients of a message: one transaction.
struct Load {
    MessagePtr message;
    std::span<std::size_t const> recipients;
    bool is_last = true;  // of its job
};

enum class Carried {
    yes,
    not_begun,  // a kept connection broke before the host said anything about the message
    elsewhere,  // a new connection broke before the content, and there is another address
    damaged,    // the message is out of the queue
};

// `outcomes` gets one for each recipient; `elsewhere`: for those of whom the host said something.
boost::asio::awaitable<Carried> carry(
    HostQueue& queue, Link& link, Load load, Course& course, std::vector<spool::Outcome>& outcomes
);

}  // namespace splitmx::relay
