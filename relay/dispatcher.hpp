// Gets the messages of one loop delivered: sorts their recipients by next hop, hands jobs to
// couriers, settles what came of them, reports, and tries again later.
//
// Order that never changes: what a message has become is written before it counts, and a report is
// durable in the same commit that takes its failed recipients away.
// Threads: one loop. Source: RFC 5321 4.5.4.1, 4.5.5; Q260741 (results stay separate).
#pragma once

#include "mail/dsn.hpp"
#include "relay/host_queue.hpp"
#include "relay/message.hpp"
#include "relay/parts.hpp"
#include "relay/retry_index.hpp"
#include "relay/spool_inbox.hpp"
#include "spool/settle.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace splitmx::relay {

class Dispatcher {
public:
    Dispatcher(
        Parts& parts, boost::asio::any_io_executor loop, SpoolInbox& inbox, std::span<char> buffer
    );
    ~Dispatcher();

    // A message that is on the disk; its pending recipients are attempted now.
    void take(MessagePtr message);
    // A message of an earlier run or attempt; attempted when its time has come.
    void schedule(mail::Instant when, spool::SpoolId id) { retries_.add(when, id); }

    // Begins nothing new; what is under way goes on.
    void drain();
    void stop();
    bool is_at_rest() const { return settling_ == 0 && couriers_ == 0; }
    bool is_draining() const { return draining_; }

    // For couriers.
    Parts& parts() { return parts_; }
    boost::asio::any_io_executor const& loop() const { return loop_; }
    std::span<char> read_buffer() { return buffer_; }
    void courier_started() { ++couriers_; }
    void courier_ended() { --couriers_; }
    // What became of a job: an outcome for each of its recipients.
    void finished(Job job, std::vector<spool::Outcome> outcomes);

private:
    void retry(spool::SpoolId id);
    void hand_out(MessagePtr const& message);
    HostQueue& queue_of(std::string const& hop, resolver::HostPtr const& host);
    boost::asio::awaitable<void> decide(MessagePtr message);
    boost::asio::awaitable<void> settle(MessagePtr message, std::vector<spool::Outcome> outcomes);
    void add_reports(
        spool::Settlement const& settlement,
        Message const& message,
        spool::Changes& changes,
        std::vector<MessagePtr>& reports
    );
    MessagePtr make_report(
        Message const& message, mail::DsnAction action, std::vector<mail::DsnRecipient> recipients
    );
    std::string original_of(Message const& message) const;
    void log_outcomes(Message const& message, std::vector<spool::Outcome> const& outcomes);
    void log_settled(spool::Settlement const& settlement);
    void settle_soon(MessagePtr message, std::vector<spool::Outcome> outcomes);
    double chance();

    Parts& parts_;
    boost::asio::any_io_executor loop_;
    SpoolInbox& inbox_;
    std::span<char> buffer_;
    RetryIndex retries_;
    std::map<std::string, std::shared_ptr<HostQueue>> queues_;  // by hop
    std::minstd_rand random_;
    std::size_t settling_ = 0;
    std::size_t couriers_ = 0;
    bool draining_ = false;
};

}  // namespace splitmx::relay
