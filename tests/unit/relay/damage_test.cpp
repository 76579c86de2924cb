#include "relay/damage.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using relay::DamageNotices;

namespace {

std::vector<spool::Damage> one(std::uint64_t id) {
    return {{spool::SpoolId(id), {spool::Errc::damaged, "body is missing"}}};
}

relay::DamageNotice notice_about(std::vector<spool::Damage> damaged) {
    return {
        std::move(damaged),
        5,
        "relay1.adatum.com",
        mail::Mailbox::parse("postmaster@adatum.com").value(),
        "/var/lib/splitmx/spool"};
}

mail::Instant after(std::chrono::minutes passed) {
    return std::chrono::sys_days(std::chrono::year{2026} / 1 / 1) + passed;
}

}  // namespace

TEST_CASE("damage notices: at most one an hour, and what came in between is told in the next") {
    using std::chrono::minutes;
    DamageNotices notices;
    CHECK(notices.add(one(1), after(minutes{0})).size() == 1);
    CHECK(notices.add(one(2), after(minutes{1})).empty());
    CHECK(notices.add(one(3), after(minutes{59})).empty());
    auto const told = notices.add(one(4), after(minutes{60}));
    REQUIRE(told.size() == 3);
    CHECK(told.front().id == spool::SpoolId(2));
    CHECK(notices.add(one(5), after(minutes{90})).empty());
    // A clock that was set back must not silence us.
    CHECK(notices.add(one(6), after(minutes{30})).size() == 2);
}

TEST_CASE("damage notice: names what was found, from nobody to the postmaster") {
    auto damaged = one(7);
    damaged.push_back(
        {spool::SpoolId(8), {spool::Errc::damaged, "body has checksum 00000001\r\nBcc: x@y.z"}}
    );
    auto const now = after(std::chrono::minutes{0});
    auto const notice =
        relay::build_damage_notice(notice_about(std::move(damaged)), spool::SpoolId(9), now);
    CHECK(notice->item.from.is_null());
    CHECK(notice->item.is_report);
    REQUIRE(notice->item.recipients.size() == 1);
    CHECK(notice->item.recipients[0].rcpt == "postmaster@adatum.com");
    CHECK(notice->item.checksum == spool::crc32c(*notice->body));
    CHECK(
        *notice->body ==
        "From: Mail Delivery System <postmaster@adatum.com>\r\n"
        "To: postmaster@adatum.com\r\n"
        "Subject: 2 damaged messages set aside on relay1.adatum.com\r\n"
        "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"
        "Message-ID: <0000000009.notice@relay1.adatum.com>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n"
        "\r\n"
        "The mail system on relay1.adatum.com found 2 damaged messages in its queue:\r\n"
        "what is on the disk is not what was written there.\r\n"
        "\r\n"
        "  0000000007 body is missing\r\n"
        "  0000000008 body has checksum 00000001\\x0D\\x0ABcc: x@y.z\r\n"
        "\r\n"
        "They had been accepted, and they will not be sent. Nothing of them was\r\n"
        "thrown away: they are kept in the spool as they were found, until you decide\r\n"
        "what becomes of them.\r\n"
        "\r\n"
        "Look at the disk and the memory of the machine first; damage seldom comes\r\n"
        "alone. 5 messages are set aside by now. Spool: /var/lib/splitmx/spool\r\n"
        "\r\n"
    );
}

TEST_CASE("damage notice: a great many are not all listed") {
    std::vector<spool::Damage> damaged(150, one(7).front());
    auto const notice =
        relay::build_damage_notice(notice_about(std::move(damaged)), spool::SpoolId(9), {});
    CHECK(notice->body->find("  and 50 more; the log names them all\r\n") != std::string::npos);
}
