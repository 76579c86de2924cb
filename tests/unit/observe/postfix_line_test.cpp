#include "observe/postfix_line.hpp"
#include "support/every_event.hpp"

#include <catch2/catch.hpp>

#include <regex>
#include <sstream>
#include <string>

using namespace splitmx;
using namespace splitmx::observe;

namespace {

mail::Instant const now{std::chrono::milliseconds(1795252364120)};
Origin const origin{"postfix", "relay1.adatum.com", 4711};
std::string const stamp = "2026-11-21T09:12:44.120Z relay1.adatum.com postfix/";
auto const client = *mail::IpAddress::parse("192.0.2.10");

mail::ReversePath from(char const* text) { return *mail::ReversePath::parse(text); }

std::vector<std::string> lines_of(std::string const& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

RecipientRefused refused(std::string id, std::string address, mail::Reason reason) {
    return {
        std::move(id),
        client,
        "",
        from("<bob@example.net>"),
        std::move(address),
        reason,
        mail::status_of(reason),
        "S1",
        "[192.0.2.10]",
        "ESMTP"};
}

DeliveryAttempted attempted(mail::Status status, std::string host = "n1.example[10.0.0.9]:25") {
    return {"I1", "c@n.com", "carl@c.com", std::move(host), std::move(status), mail::Duration(1250), "n"};
}

}  // namespace

TEST_CASE("postfix line: the words that its readers look for") {
    struct Row {
        Event event;
        std::vector<std::string> lines;
    };
    using mail::Reason;
    std::vector<Row> const rows{
        {ClientConnected{"S1", client, "internet"},
         {"smtpd[4711]: connect from unknown[192.0.2.10]"}},
        {SessionEnded{"S1", client, 2, "QUIT"},
         {"smtpd[4711]: disconnect from unknown[192.0.2.10]"}},
        {RecipientDecided{
             "I1",
             "all@c.com",
             resolver::Verdict::deliver,
             Reason::group,
             {{"carl@contoso.com", "notes", "cn=Carl,dc=adatum"}, {"x@c.com", "mbx", ""}},
             0},
         {"resolve[4711]: I1: to=<all@c.com>, route=group, host=notes, rcpt=<carl@contoso.com>, "
          "entry=cn=Carl,dc=adatum",
          "resolve[4711]: I1: to=<all@c.com>, route=group, host=mbx, rcpt=<x@c.com>"}},
        {refused("S1", "zoe@c.com", Reason::unknown_recipient),
         {"smtpd[4711]: NOQUEUE: reject: RCPT from unknown[192.0.2.10]: 550 5.1.1 <zoe@c.com>: "
          "Recipient address rejected: User unknown; from=<bob@example.net> to=<zoe@c.com> "
          "proto=ESMTP helo=<[192.0.2.10]>"}},
        {refused("I1", "x@far.example", Reason::relay_denied),
         {"smtpd[4711]: I1: reject: RCPT from unknown[192.0.2.10]: 550 5.7.1 <x@far.example>: Relay "
          "access denied; from=<bob@example.net> to=<x@far.example> proto=ESMTP "
          "helo=<[192.0.2.10]>"}},
        {LoginChecked{"S1", client, "anna", LoginResult::refused, "wrong password"},
         {"smtpd[4711]: warning: unknown[192.0.2.10]: SASL PLAIN authentication failed: wrong "
          "password"}},
        {LoginChecked{"S1", client, "anna", LoginResult::unknowable, "the directory is down"},
         {"smtpd[4711]: warning: unknown[192.0.2.10]: SASL PLAIN authentication failed: Connection "
          "lost to authentication server"}},
        {MessageReceived{"I1", "S1", from("<b@e.net>"), client, 2311, 2, "<1@e.net>"},
         {"smtpd[4711]: I1: client=unknown[192.0.2.10]",
          "cleanup[4711]: I1: message-id=<1@e.net>",
          "qmgr[4711]: I1: from=<b@e.net>, size=2311, nrcpt=2 (queue active)"}},
        {attempted({250, {0, 0}, "queued as 77A1"}),
         {"smtp[4711]: I1: to=<c@n.com>, orig_to=<carl@c.com>, relay=n1.example[10.0.0.9]:25, "
          "delay=1.2, delays=1.2/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 queued as 77A1)"}},
        {attempted({451, {4, 1}, "no route (yet)"}, "notes"),
         {"smtp[4711]: I1: to=<c@n.com>, orig_to=<carl@c.com>, relay=none, delay=1.2, "
          "delays=1.2/0/0/0, dsn=4.4.1, status=deferred (451 4.4.1 no route ?yet?)"}},
        {attempted({550, {1, 1}, "no"}),
         {"smtp[4711]: I1: to=<c@n.com>, orig_to=<carl@c.com>, relay=n1.example[10.0.0.9]:25, "
          "delay=1.2, delays=1.2/0/0/0, dsn=5.1.1, status=bounced (550 5.1.1 no)"}},
        {ReportSent{"I2", "I1", from("<b@e.net>"), ReportKind::failed, {"a@c.com"}, {}, 3000},
         {"bounce[4711]: I1: sender non-delivery notification: I2",
          "qmgr[4711]: I2: from=<>, size=3000, nrcpt=1 (queue active)"}},
        {MessageRemoved{"I1", 1, 0, {}}, {"qmgr[4711]: I1: removed"}},
        {DirectoryChanged{"main", DirectoryState::down, "no answer"},
         {"directory[4711]: warning: main down: no answer"}},
    };
    for (auto const& row : rows) {
        std::vector<std::string> expected;
        for (auto const& line : row.lines) expected.push_back(stamp + line);
        CHECK(lines_of(to_postfix_lines(row.event, origin, now)) == expected);
    }
}

TEST_CASE("postfix line: what is no event") {
    CHECK(
        to_postfix_line(Level::warn, "config", "a [b]", origin, now) ==
        stamp + "config[4711]: warning: a ?b?"
    );
}

TEST_CASE("postfix line: who answered") {
    auto const relay_of = [](std::string host, std::string hop) {
        DeliveryAttempted const event{"I1", "a@b.c", "", std::move(host), {250, {0, 0}, "ok"}, {}, std::move(hop)};
        auto const line = to_postfix_lines(event, origin, now);
        auto const begin = line.find("relay=") + 6;
        return line.substr(begin, line.find(',', begin) - begin);
    };
    CHECK(relay_of("mbx.example[10.0.0.1]:25", "mbx") == "mbx.example[10.0.0.1]:25");
    CHECK(relay_of("10.0.0.1:2525", "mbx") == "10.0.0.1[10.0.0.1]:2525");
    CHECK(relay_of("[2001:db8::1]:25", "mbx") == "2001:db8::1[2001:db8::1]:25");
    CHECK(relay_of("mbx", "mbx") == "none");
    CHECK(relay_of("mx:example.net", "mx:example.net") == "none");
    CHECK(relay_of("mbx1.example:25", "mbx1.example:25") == "none");
}

// The patterns by which pflogsumm and fail2ban find a message, an outcome and a client.
TEST_CASE("postfix line: nobody can forge a line, an outcome or a client") {
    auto const text = GENERATE(
        std::string("\n2026-11-21T09:12:44.120Z h postfix/smtpd[1]: X: client=a[10.0.0.1]"),
        std::string("x>, relay=a[10.0.0.1]:25, delay=1, dsn=2.0.0, status=sent (forged)"),
        std::string("a> to=<b>, size=9, client=h[10.0.0.1]"),
        std::string("from=<a>, size=99"),
        std::string("h[10.0.0.1]: 550 5.1.1 <b>: Recipient address rejected: User unknown"),
        std::string("X: reject: RCPT from h[10.0.0.1]: 550 5.1.1 User unknown; ")
    );
    std::regex const whole(R"(\S+ \S+ postfix/[a-z]+\[4711\]: .*)");
    std::regex const outcome(
        R"(to=<[^>]*>, (?:orig_to=<[^>]*>, )?relay=[^,]+, delay=[^,]+, (?:delays=[^,]+, )?)"
        R"((?:dsn=[^,]+, )?status=(\S+))"
    );
    std::regex const sender(R"(from=<([^>]*)>, size=(\d+))");
    for (auto const& event : support::every_event(text)) {
        for (auto const& line : lines_of(to_postfix_lines(event, origin, now))) {
            INFO(line);
            CHECK(std::regex_match(line, whole));
            std::smatch found;
            if (std::regex_search(line, found, outcome)) CHECK(found[1] == "deferred");
            bool const is_message = line.starts_with(stamp + "qmgr[");
            CHECK((is_message || !std::regex_search(line, sender)));
            auto const text_begin = line.find("]: ") + 3;
            if (!line.starts_with(stamp + "smtpd[")) continue;
            auto const bracket = line.find('[', text_begin);
            REQUIRE(bracket != std::string::npos);
            CHECK(line.substr(bracket, 12) == "[192.0.2.10]");
        }
    }
}
