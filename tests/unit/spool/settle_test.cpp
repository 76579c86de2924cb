#include "spool/settle.hpp"

#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::spool;
using namespace std::chrono_literals;

namespace {

mail::Status const delivered(250, {1, 5}, "queued");
mail::Status const busy(450, {2, 0}, "later");
mail::Status const unknown(550, {1, 1}, "no such user");

struct Fixture {
    RetrySchedule schedule;
    QueueItem item = sample_item(1);
    mail::Instant now = item.arrived + 1min;

    Settlement run(std::vector<Outcome> const& outcomes) const {
        return settle(item, outcomes, now, schedule, 0.5);
    }
};

Outcome outcome(std::size_t recipient, mail::Status status, std::string host = "mx.example") {
    return {recipient, std::move(status), std::move(host), std::nullopt};
}

}  // namespace

TEST_CASE_METHOD(Fixture, "settle: all delivered") {
    auto const result = run({outcome(0, delivered), outcome(1, delivered)});
    CHECK(result.finished);
    CHECK(result.failed.empty());
    CHECK_FALSE(result.report_due);
    CHECK(result.delayed.empty());
    CHECK_FALSE(result.next_attempt);
    CHECK(result.item.recipients[0].state == RecipientState::delivered);
    CHECK(result.item.recipients[0].last_status == delivered);
    CHECK(result.item.recipients[0].last_host == "mx.example");
}

TEST_CASE_METHOD(Fixture, "settle: one refusal touches nobody else (Q260741)") {
    item.recipients.push_back(sample_recipient("cyd@third.example"));
    auto const result = run({outcome(1, unknown), outcome(0, delivered)});
    CHECK_FALSE(result.finished);
    CHECK(result.report_due);
    REQUIRE(result.failed.size() == 1);
    CHECK(result.failed[0].recipient.rcpt == "bob@other.example");
    CHECK(result.failed[0].status == unknown);
    CHECK(result.failed[0].diagnostic == unknown);
    CHECK(result.failed[0].host == "mx.example");
    CHECK(result.item.recipients[0].state == RecipientState::delivered);
    CHECK(result.item.recipients[1].state == RecipientState::failed);
    CHECK(result.item.recipients[2] == item.recipients[2]);
    CHECK(result.next_attempt == item.recipients[2].next_attempt);
}

TEST_CASE_METHOD(Fixture, "settle: a refusal made here has no diagnostic of a host") {
    auto const result = run({outcome(0, unknown, "")});
    REQUIRE(result.failed.size() == 1);
    CHECK(result.failed[0].status == unknown);
    CHECK_FALSE(result.failed[0].diagnostic);
}

TEST_CASE_METHOD(Fixture, "settle: what is transient is tried again") {
    item.recipients[0].attempts = 1;
    auto const result = run({outcome(0, busy), outcome(1, delivered)});
    CHECK_FALSE(result.finished);
    CHECK(result.failed.empty());
    auto const& waiting = result.item.recipients[0];
    CHECK(waiting.state == RecipientState::pending);
    CHECK(waiting.attempts == 2);
    CHECK(waiting.next_attempt == now + 5min);
    CHECK(waiting.last_status == busy);
    CHECK(result.next_attempt == now + 5min);
}

TEST_CASE_METHOD(Fixture, "settle: the earliest of the pending ones is next") {
    item.recipients[0].attempts = 3;
    auto const result = run({outcome(0, busy), outcome(1, busy)});
    CHECK(result.item.recipients[0].next_attempt == now + 15min);
    CHECK(result.next_attempt == now + 1min);
}

TEST_CASE_METHOD(Fixture, "settle: directory trouble does not count as an attempt") {
    Outcome unsure{0, unknown, "", 30s};
    auto const result = run({unsure});
    CHECK(result.failed.empty());
    CHECK(result.item.recipients[0].state == RecipientState::pending);
    CHECK(result.item.recipients[0].attempts == 0);
    CHECK(result.item.recipients[0].next_attempt == now + 30s);
}

TEST_CASE_METHOD(Fixture, "settle: the last attempt is at the expiry, not after it") {
    now = item.arrived + schedule.expire - 1min;
    auto const result = run({outcome(0, busy), outcome(1, delivered)});
    CHECK(result.next_attempt == item.arrived + schedule.expire);
    CHECK(result.failed.empty());
}

TEST_CASE_METHOD(Fixture, "settle: expired recipients") {
    now = item.arrived + schedule.expire;
    item.warning_sent = true;

    SECTION("fail with 4.4.7 and what the host said, or what happened, last") {
        auto const result = run({outcome(0, busy), outcome(1, busy, "")});
        CHECK(result.finished);
        CHECK(result.report_due);
        REQUIRE(result.failed.size() == 2);
        CHECK(result.failed[0].status.enhanced_text() == "4.4.7");
        CHECK(result.failed[0].diagnostic == busy);
        CHECK(result.failed[0].host == "mx.example");
        // Nobody said it, but it tells what happened last.
        CHECK(result.failed[1].diagnostic == busy);
        CHECK(result.failed[1].host.empty());
        CHECK(result.item.recipients[0].state == RecipientState::failed);
    }
    SECTION("a refusal or a delivery now is what counts") {
        auto const result = run({outcome(0, unknown), outcome(1, delivered)});
        REQUIRE(result.failed.size() == 1);
        CHECK(result.failed[0].status == unknown);
        CHECK(result.item.recipients[1].state == RecipientState::delivered);
    }
    SECTION("those without an outcome are in somebody's hands: they wait for it") {
        auto const result = run({outcome(0, busy)});
        CHECK_FALSE(result.finished);
        CHECK(result.item.recipients[1].state == RecipientState::pending);
    }
    SECTION("directory trouble expires too") {
        Outcome unsure{0, busy, "", 30s};
        CHECK(run({unsure}).failed.size() == 1);
    }
}

TEST_CASE_METHOD(Fixture, "settle: nobody is told about a message from nobody") {
    item.from = {};
    SECTION("a refusal") {
        auto const result = run({outcome(0, unknown), outcome(1, delivered)});
        CHECK(result.failed.size() == 1);
        CHECK_FALSE(result.report_due);
        CHECK(result.finished);
    }
    SECTION("its own, shorter expiry") {
        now = item.arrived + schedule.expire_ndr;
        auto const result = run({outcome(0, busy), outcome(1, busy)});
        CHECK(result.failed.size() == 2);
        CHECK_FALSE(result.report_due);
        CHECK(result.delayed.empty());
    }
}

TEST_CASE_METHOD(Fixture, "settle: the delay warning names the pending ones, once") {
    now = item.arrived + 5h;
    auto const first = run({outcome(0, busy), outcome(1, unknown)});
    REQUIRE(first.delayed.size() == 1);
    CHECK(first.delayed[0].rcpt == "ann@notes.example");
    CHECK(first.item.warning_sent);
    item = first.item;
    CHECK(run({outcome(0, busy)}).delayed.empty());
}

TEST_CASE_METHOD(Fixture, "settle: the attempt before the warning's time makes it punctual") {
    item.recipients[0].attempts = 8;
    now = item.arrived + 3h;
    auto const result = run({outcome(0, busy), outcome(1, delivered)});
    CHECK(result.next_attempt == item.arrived + 4h);
    item = result.item;
    now = item.arrived + 4h;
    CHECK(run({outcome(0, busy)}).delayed.size() == 1);
}

TEST_CASE_METHOD(Fixture, "settle: no warning when nothing is pending") {
    now = item.arrived + 5h;
    auto const result = run({outcome(0, delivered), outcome(1, unknown)});
    CHECK(result.delayed.empty());
    CHECK_FALSE(result.item.warning_sent);
}

TEST_CASE_METHOD(Fixture, "settle: outcomes that belong to nobody change nothing") {
    item.recipients[0].state = RecipientState::delivered;
    auto const result = run({outcome(0, unknown), outcome(2, unknown), outcome(99, unknown)});
    CHECK(result.item == item);
    CHECK(result.failed.empty());
    CHECK_FALSE(result.finished);
}

TEST_CASE_METHOD(Fixture, "settle: success is told of to whom asked, unless the next host does it") {
    item.recipients[0].notify = *mail::Notify::parse("SUCCESS");
    auto first = outcome(0, delivered);
    auto second = outcome(1, delivered);
    first.success = second.success = GENERATE(Success::passed_on, Success::relayed, Success::delivered);
    auto const result = run({first, second});
    CHECK(result.finished);
    CHECK(result.succeeded.size() == (first.success == Success::passed_on ? 0 : 1));
    if (!result.succeeded.empty()) {
        CHECK(result.succeeded[0].recipient.rcpt == "ann@notes.example");
        CHECK(result.succeeded[0].success == first.success);
        CHECK(result.succeeded[0].host == "mx.example");
    }
    item.from = {};
    CHECK(run({first, second}).succeeded.empty());
}

TEST_CASE_METHOD(Fixture, "settle: no report that NOTIFY does not ask for") {
    auto const value = GENERATE(as<std::string>{}, "NEVER", "SUCCESS", "DELAY");
    item.recipients[0].notify = *mail::Notify::parse(value);
    auto const failed = run({outcome(0, unknown)});
    CHECK(failed.failed.size() == 1);  // for the log
    CHECK_FALSE(failed.report_due);
    CHECK(run({outcome(0, unknown), outcome(1, unknown)}).report_due);
    now = item.arrived + 5h;
    auto const late = run({outcome(0, busy), outcome(1, delivered)});
    CHECK(late.delayed.size() == (value == "DELAY" ? 1 : 0));
    CHECK(late.item.warning_sent);
}
