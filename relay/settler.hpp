// Writes down what became of recipients: delivered, refused, later. Reports are durable in the same
// commit that takes away what they report on.
// Refusals of a message wait for those of its other deliveries that are under way, at most for
// report_patience, so that one report tells of a whole round; until then a crash repeats them.
// Where the disk does not take it, the message stays busy and it is written again and again: to
// attempt once more what a host has taken already would give its recipients a copy a minute.
// Threads: one loop. Source: RFC 3464, RFC 5321 4.5.5; Q260741 (results stay separate), Q140934 (a
// bad recipient is reported at once, not with the slowest).
#pragma once

#include "mail/dsn.hpp"
#include "relay/arrival.hpp"
#include "relay/loop_queue.hpp"
#include "spool/settle.hpp"

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::relay {

inline constexpr std::chrono::seconds report_patience{60};

using Written = std::shared_ptr<Arrival<bool>>;

// An operator's end of recipients: who says so, and whether the sender is told.
struct ByOperator {
    std::string name;
    bool with_report = true;
};

class Settler {
public:
    explicit Settler(LoopQueue& queue) : queue_(queue) {}

    // Makes itself busy with the message until it is written; the arrival tells when that is, or
    // that it could not be. Null: it is written.
    Written settle_soon(MessagePtr message, std::vector<spool::Outcome> outcomes);
    // All at once, refusals too. Whether it was written; tried once, for somebody who waits.
    boost::asio::awaitable<spool::Result<void>> settle(
        MessagePtr message, std::vector<spool::Outcome> outcomes, ByOperator by
    );
    // Refusals that have waited long enough. Call it every now and then.
    void look_after();

private:
    struct Waiting {
        std::chrono::steady_clock::time_point until;
        std::weak_ptr<Message> message;
    };
    struct Report {
        MessagePtr message;
        observe::ReportKind kind;
        std::vector<std::string> named;  // recipients, as the sender typed them
    };
    struct Reports {
        spool::Changes changes;
        std::vector<Report> all;
    };
    enum class Patience { none, until_written };

    // What is to be written about a message, and said when it is.
    struct Round {
        spool::Settlement settlement;
        mail::Instant arrived;  // as the message has it; the settlement's clock may have been set
        Reports reports;
        std::optional<ByOperator> by;  // none: a host has said it, or time
    };

    // By somebody who is busy with the message; ends that.
    Written write_soon(MessagePtr message, Round round);
    boost::asio::awaitable<spool::Result<void>> write_round(
        MessagePtr message, Round round, Patience patience
    );
    boost::asio::awaitable<spool::Result<void>> write(
        spool::SpoolId id, spool::Changes changes, Patience patience
    );
    // The message's item is with the round until give_back().
    Round make_round(Message& message, std::vector<spool::Outcome> const& outcomes);
    void give_back(Message& message, Round& round);
    bool is_noted(spool::Settlement const& settlement);
    void conclude(Message const& message, Round& round);
    std::vector<spool::Outcome> gather(MessagePtr const& message, std::vector<spool::Outcome> all);
    Reports reports_on(spool::Settlement const& settlement, Message const& message);
    MessagePtr make_report(
        Message const& message, mail::DsnAction action, std::vector<mail::DsnRecipient> recipients
    );
    void not_written(MessagePtr const& message, spool::Error const& error);

    LoopQueue& queue_;
    std::deque<Waiting> waiting_;
};

}  // namespace splitmx::relay
