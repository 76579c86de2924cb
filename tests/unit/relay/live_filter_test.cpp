#include "relay/live_filter.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::relay;
using history::Kind;

namespace {

LiveRecord record(Kind kind, std::string id, std::string session = {}) {
    LiveRecord item;
    item.record.kind = kind;
    item.record.id = std::move(id);
    item.record.session = std::move(session);
    return item;
}

// What a session tells before and behind its 250: a decision, the message, an attempt.
LiveRecord resolve(std::string id, std::string session, std::string rcpt) {
    auto item = record(Kind::resolve, std::move(id), std::move(session));
    item.record.sender = "bob@example.net";
    item.record.client = "192.0.2.10";
    item.record.original = rcpt;
    item.record.recipient = std::move(rcpt);
    item.record.host = "notes";
    return item;
}

LiveRecord receive(std::string id, std::string session) {
    auto item = record(Kind::receive, std::move(id), std::move(session));
    item.record.sender = "bob@example.net";
    item.record.client = "192.0.2.10";
    return item;
}

LiveRecord send(std::string id, std::string rcpt, std::string hop = "notes") {
    auto item = record(Kind::send, std::move(id));
    item.record.original = rcpt;
    item.record.recipient = std::move(rcpt);
    item.record.host = "notes1.adatum.com[10.0.0.9]:25";
    item.hop = std::move(hop);
    return item;
}

LiveLine line(std::string session, std::string text, bool is_by_client = true) {
    return {
        std::move(session),
        *mail::IpAddress::parse("192.0.2.10"),
        is_by_client,
        std::move(text),
        {},
        false};
}

// The kinds of records and the texts of lines that are seen, in their order.
std::string seen(LiveMatcher& matcher, LiveItem item) {
    std::string text;
    for (auto const& one : matcher.take(std::move(item))) {
        if (!text.empty()) text += " | ";
        if (auto const* shown = std::get_if<LiveRecord>(&one))
            text += history::to_text(shown->record.kind);
        if (auto const* said = std::get_if<LiveLine>(&one))
            text += (said->follows_gap ? "..." : "") + said->text;
    }
    return text;
}

}  // namespace

TEST_CASE("live filter: without one all records are seen, and no dialogue") {
    LiveMatcher matcher({});
    CHECK(seen(matcher, resolve("M1", "S1", "carl@contoso.com")) == "RESOLVE");
    CHECK(seen(matcher, receive("M1", "S1")) == "RECEIVE");
    CHECK(seen(matcher, line("S1", "QUIT")) == "");
    CHECK_FALSE(matcher.is_over());
}

TEST_CASE("live filter: of one recipient the whole story, of others nothing") {
    LiveFilter filter;
    filter.to = GENERATE(as<std::string>(), "carl@contoso.com", "@contoso.com");
    LiveMatcher matcher(filter);
    CHECK(seen(matcher, resolve("M1", "S1", "anna@adatum.com")) == "");
    CHECK(seen(matcher, resolve("M1", "S1", "Carl@CONTOSO.com")) == "RESOLVE");
    CHECK(seen(matcher, receive("M1", "S1")) == "RECEIVE");
    CHECK(seen(matcher, send("M1", "anna@adatum.com")) == "");
    CHECK(seen(matcher, send("M1", "carl@contoso.com")) == "SEND");
    CHECK(seen(matcher, receive("M2", "S2")) == "");
}

TEST_CASE("live filter: client, sender and host") {
    LiveFilter filter;
    filter.client = *mail::Network::parse("192.0.2.0/24");
    filter.from = "@example.net";
    filter.host = "Notes";
    LiveMatcher matcher(filter);
    CHECK(seen(matcher, resolve("M1", "S1", "carl@contoso.com")) == "RESOLVE");
    CHECK(seen(matcher, send("M1", "carl@contoso.com")) == "SEND");
    CHECK(seen(matcher, send("M1", "anna@adatum.com", "mailboxes")) == "");
    auto other = resolve("M2", "S2", "carl@contoso.com");
    SECTION("of another client") { other.record.client = "198.51.100.1"; }
    SECTION("of the null sender") { other.record.sender.clear(); }
    SECTION("to another host") { other.record.host = "europe"; }
    CHECK(seen(matcher, other) == "");
    // Nothing of it is known to be what was asked for.
    CHECK(seen(matcher, send("M2", "carl@contoso.com")) == "");
}

TEST_CASE("live filter: the null sender") {
    LiveFilter filter;
    filter.from = "<>";
    LiveMatcher matcher(filter);
    CHECK(seen(matcher, receive("M1", "S1")) == "");
    auto report = receive("M2", "S2");
    report.record.sender.clear();
    CHECK(seen(matcher, report) == "RECEIVE");
}

TEST_CASE("live filter: a dialogue waits until it is known to be the one") {
    LiveFilter filter;
    filter.to = "@contoso.com";
    filter.dialogue = true;
    LiveMatcher matcher(filter);
    for (auto const* text : {"EHLO mx", "MAIL FROM:<bob@example.net>"}) {
        CHECK(seen(matcher, line("S1", text)) == "");
    }
    CHECK(seen(matcher, line("S1", "250 2.1.0 Sender OK", false)) == "");
    CHECK(seen(matcher, line("S1", "RCPT TO:<zoe@contoso.com>")) == "");
    CHECK(
        seen(matcher, resolve("S1", "S1", "zoe@contoso.com")) ==
        "...MAIL FROM:<bob@example.net> | 250 2.1.0 Sender OK | RCPT TO:<zoe@contoso.com> | RESOLVE"
    );
    CHECK(seen(matcher, line("S1", "550 5.1.1 nobody", false)) == "550 5.1.1 nobody");
    // The next message of the session is another matter.
    CHECK(seen(matcher, line("S1", "mail from:<x@example.net>")) == "");
    CHECK(seen(matcher, line("S1", "RCPT TO:<anna@adatum.com>")) == "");
    CHECK(seen(matcher, resolve("M3", "S1", "anna@adatum.com")) == "");
    CHECK(seen(matcher, line("S1", "250 2.1.5 Recipient OK", false)) == "");
}

TEST_CASE("live filter: one session, to its end and that of its messages") {
    LiveFilter filter;
    filter.one = true;
    LiveMatcher matcher(filter);
    CHECK(seen(matcher, resolve("M1", "S1", "carl@contoso.com")) == "RESOLVE");
    CHECK(seen(matcher, resolve("M9", "S9", "carl@contoso.com")) == "");
    CHECK(seen(matcher, receive("M1", "S1")) == "RECEIVE");
    CHECK(seen(matcher, resolve("M2", "S1", "given@up.example")) == "RESOLVE");
    matcher.take(LiveEnd{"S9", true});
    matcher.take(LiveEnd{"S1", true});
    CHECK_FALSE(matcher.is_over());
    CHECK(seen(matcher, send("M1", "carl@contoso.com")) == "SEND");
    matcher.take(LiveEnd{"M1", false});
    CHECK(matcher.is_over());
    CHECK(seen(matcher, send("M1", "carl@contoso.com")) == "");
}

TEST_CASE("live filter: what it remembers is bounded") {
    LiveFilter filter;
    filter.to = "@contoso.com";
    LiveMatcher matcher(filter);
    seen(matcher, resolve("M0", "S0", "carl@contoso.com"));
    for (std::size_t i = 1; i <= LiveMatcher::max_traced; ++i) {
        seen(matcher, receive("N" + std::to_string(i), ""));
    }
    CHECK(seen(matcher, receive("M0", "")) == "");
}
