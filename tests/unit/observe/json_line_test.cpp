#include "observe/json_line.hpp"
#include "support/every_event.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace splitmx;
using namespace splitmx::observe;

namespace {

mail::Instant const now{std::chrono::milliseconds(1795252364120)};
std::string const stamp = R"({"time":"2026-11-21T09:12:44.120Z",)";
auto const client = *mail::IpAddress::parse("192.0.2.10");

mail::ReversePath from(char const* text) { return *mail::ReversePath::parse(text); }

boost::json::object parsed(std::string const& line) {
    auto value = boost::json::parse(line);
    return value.as_object();
}

}  // namespace

TEST_CASE("json line: the events that scripts read") {
    struct Row {
        Event event;
        std::string line;
    };
    using mail::Reason;
    RecipientDecided decided{
        "I1",
        "carl@contoso.com",
        resolver::Verdict::deliver,
        Reason::custom_recipient,
        {{"carl@contoso.com", "notes", "cn=Carl"}, {"x@c.com", "mbx", ""}},
        1};
    decided.session = "S1";
    std::vector<Row> const rows{
        {decided,
         R"("level":"info","event":"decide","id":"I1","session":"S1","address":"carl@contoso.com",)"
         R"("verdict":"deliver","reason":"custom_recipient","routes":[{"rcpt":"carl@contoso.com",)"
         R"("host":"notes","entry":"cn=Carl"},{"rcpt":"x@c.com","host":"mbx"}],"failed":1})"},
        {RecipientRefused{
             "S1",
             client,
             "",
             from("<bob@example.net>"),
             "x@far.example",
             Reason::relay_denied,
             mail::status_of(Reason::relay_denied),
             "S1",
             "mx.example.net",
             "ESMTPS"},
         R"("level":"info","event":"reject","id":"S1","session":"S1","address":"x@far.example",)"
         R"("reason":"relay_denied","code":550,"enhanced":"5.7.1","text":"Relaying is )"
         R"(prohibited","from":"bob@example.net","client":"192.0.2.10","helo":"mx.example.net",)"
         R"("protocol":"ESMTPS"})"},
        {MessageReceived{"I1", "S1", {}, client, 2311, 2, "<1@e.net>", "internet", "a", "ESMTP"},
         R"("level":"info","event":"receive","id":"I1","session":"S1","from":"",)"
         R"("client":"192.0.2.10","size":2311,"recipients":2,"message_id":"<1@e.net>",)"
         R"("listener":"internet","helo":"a","protocol":"ESMTP"})"},
        {DeliveryAttempted{
             "I1",
             "c@n.com",
             "carl@c.com",
             "n1.example[10.0.0.9]:25",
             {451, {3, 2}, "try later"},
             mail::Duration(1250),
             "notes"},
         R"("level":"info","event":"defer","id":"I1","rcpt":"c@n.com","original":"carl@c.com",)"
         R"("host":"notes","mta":"n1.example[10.0.0.9]:25","delay_s":1.250,"code":451,)"
         R"("enhanced":"4.3.2","text":"try later"})"},
        {ReportSuppressed{"I1", "z@c.com", {554, {0, 0}, "gone"}, false, "admin"},
         R"("level":"info","event":"drop","id":"I1","address":"z@c.com","unwanted":false,)"
         R"("by":"admin","code":554,"enhanced":"5.0.0","text":"gone"})"},
        {ConfigRejected{"a.toml", "root", 2, "line 1: \"x\""},
         R"("level":"error","event":"reload","done":false,"config":"a.toml","by":"root",)"
         R"("errors":2,"text":"line 1: \"x\""})"},
        {ReportSent{
             "I2", "I1", from("<b@e.net>"), ReportKind::failed, {"a@c.com"}, Reason::loop, 9},
         R"("level":"info","event":"report","id":"I2","about":"I1","kind":"failed",)"
         R"("to":"b@e.net","recipients":["a@c.com"],"reason":"loop"})"},
    };
    for (auto const& row : rows) CHECK(to_json_line(row.event, now) == stamp + row.line);
}

TEST_CASE("json line: what is no event") {
    CHECK(
        to_json_line(Level::warn, "config", "a\nb", now) ==
        stamp + R"("level":"warn","event":"note","component":"config","text":"a\\x0Ab"})"
    );
}

TEST_CASE("json line: one object a line, whatever comes from outside") {
    auto const text = GENERATE(
        std::string("\n{\"event\":\"send\"}"),
        std::string("\",\"event\":\"forged\",\"x\":\""),
        std::string("\\"),
        std::string("a\0b\x0b\x0c\x1b[2J\x7f", 10),
        std::string("\xC2\x85\xE2\x80\xA8\xE2\x80\xA9"),
        std::string("\xff\xfe\xc0\x80"),
        std::string("\xC3\xA9"),
        std::string("")
    );
    for (auto const& event : support::every_event(text)) {
        auto const line = to_json_line(event, now);
        INFO(line);
        CHECK(line.find('\n') == std::string::npos);
        auto const object = parsed(line);
        CHECK(object.at("event").as_string() != "forged");
        // No member twice: a reader that takes the last one is told the same as one that takes the
        // first.
        std::set<std::string> names;
        for (auto const& member : object) CHECK(names.emplace(member.key()).second);
        CHECK(object.find("x") == object.end());
        CHECK(boost::json::serialize(object).size() > stamp.size());
    }
}
