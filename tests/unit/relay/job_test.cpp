#include "relay/job.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace std::chrono_literals;

TEST_CASE("job: the pending recipients of a hop whose time has come") {
    mail::Instant const now(1'760'000'000s);
    spool::QueueItem item;
    auto const add = [&](std::string const& hop, mail::Duration wait) -> auto& {
        spool::QueuedRecipient recipient;
        recipient.hop = hop;
        recipient.next_attempt = now + wait;
        item.recipients.push_back(recipient);
        return item.recipients.back();
    };
    add("host:a", 0s);
    add("host:b", 0s);
    add("host:a", 10min);
    add("host:a", -1s).state = spool::RecipientState::delivered;
    add("host:a", 30ms);  // deferred in the same attempt as the first
    using Indexes = std::vector<std::size_t>;
    CHECK(relay::due_recipients(item, "host:a", now, false) == Indexes{0, 4});
    CHECK(relay::due_recipients(item, "host:a", now, true) == Indexes{0, 2, 4});
    CHECK(relay::due_recipients(item, "host:c", now, true).empty());
}

TEST_CASE("message: refusals that wait to be reported are no business of the index") {
    relay::Message message;
    message.item.recipients.resize(3);
    message.item.recipients[0].hop = "host:a";
    message.item.recipients[1].hop = "host:b";
    message.item.recipients[2].hop = "host:c";
    message.item.recipients[2].state = spool::RecipientState::delivered;
    message.refused.push_back({0, mail::Status(550, {1, 1}, "no"), "a", std::nullopt});
    spool::SummaryReader reader;
    auto const summary = relay::summary_of(message, reader);
    REQUIRE(summary.pending.size() == 1);
    CHECK(summary.pending[0].hop == "host:b");
}
