#include "observe/line.hpp"
#include "support/every_event.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace splitmx;
using namespace splitmx::observe;

namespace {

mail::Instant const now{std::chrono::milliseconds(1795252364120)};
std::string const stamp = "2026-11-21T09:12:44.120Z ";
auto const client = *mail::IpAddress::parse("192.0.2.10");

mail::ReversePath from(char const* text) { return *mail::ReversePath::parse(text); }

mail::Status status(int code, mail::EnhancedCode enhanced, std::string text) {
    return {code, enhanced, std::move(text)};
}

std::vector<DecidedRoute> routes(std::size_t count) {
    std::vector<DecidedRoute> made;
    for (std::size_t i = 1; i <= count; ++i) {
        made.push_back({"m" + std::to_string(i) + "@adatum.com", "mbx", "cn=m"});
    }
    return made;
}

}  // namespace

TEST_CASE("line: each kind of event") {
    struct Row {
        Event event;
        std::string line;
    };
    using mail::Reason;
    using resolver::Verdict;
    std::vector<Row> const rows{
        {ServerStarted{"0.1.0", "/etc/splitmx/splitmx.toml", "0a1b2c3d"},
         "info  -          start     version=0.1.0 config=/etc/splitmx/splitmx.toml hash=0a1b2c3d"},
        {ServerStopping{"SIGTERM"}, "info  -          stop      SIGTERM"},
        {ListenerOpened{"internet", "127.0.0.1:25"},
         "info  -          listen    internet 127.0.0.1:25"},
        {ListenerClosed{"internet", "127.0.0.1:25"},
         "info  -          unlisten  internet 127.0.0.1:25"},
        {ConfigReloaded{"a.toml", "SIGHUP", 2, "0a1b2c3d", 1},
         "info  -          reload    config=a.toml by=SIGHUP generation=2 hash=0a1b2c3d 1 change"},
        {ConfigRejected{"a.toml", "root", 2, "a.toml:1:1: error: unknown key"},
         "error -          reload    failed, the old configuration stays: config=a.toml by=root 2 "
         "errors: "
         "a.toml:1:1: error: unknown key"},
        {AdminAction{"anna", 1000, 4711, "queue drop", "--host notes", "1 of 1: 8FQ2K7M1D4"},
         "info  -          admin     queue drop [--host notes] by=anna uid=1000 pid=4711 1 of 1: "
         "8FQ2K7M1D4"},
        {ClientConnected{"S1", client, "internet"},
         "debug S1         connect   client=192.0.2.10 listener=internet"},
        {ClientConnected{"S1", client, "internet", *mail::IpAddress::parse("10.0.0.7")},
         "debug S1         connect   client=192.0.2.10 listener=internet front_end=10.0.0.7"},
        {ClientRefused{client, "internet", "421 4.7.0 too many connections"},
         "info  -          block     client=192.0.2.10 listener=internet 421 4.7.0 too many "
         "connections"},
        {SessionEnded{"S1", client, 2, "QUIT"},
         "debug S1         close     client=192.0.2.10 messages=2 QUIT"},
        {RecipientDecided{
             "8FQ2K7M1D4",
             "carl@contoso.com",
             Verdict::deliver,
             Reason::custom_recipient,
             {{"carl@contoso.com", "notes", "cn=Carl (Notes),dc=adatum"}},
             0},
         "info  8FQ2K7M1D4 decide    carl@contoso.com -> notes RCPT TO:<carl@contoso.com> "
         "custom_recipient entry=\"cn=Carl (Notes),dc=adatum\""},
        {RecipientDecided{"I", "all@c.com", Verdict::deliver, Reason::group, routes(5), 1},
         "info  I          decide    all@c.com -> mbx RCPT TO:<m1@adatum.com>; mbx RCPT "
         "TO:<m2@adatum.com>; mbx RCPT TO:<m3@adatum.com>; 2 more; 1 member failed group"},
        {RecipientDecided{"I", "z@c.com", Verdict::bounce, Reason::unknown_recipient, {}, 0},
         "info  I          decide    z@c.com -> bounce unknown_recipient"},
        {RecipientRefused{
             "S1",
             client,
             "",
             from("<bob@example.net>"),
             "x@far.example",
             Reason::relay_denied,
             mail::status_of(Reason::relay_denied)},
         "info  S1         reject    x@far.example -> 550 5.7.1 relay_denied "
         "from=<bob@example.net> client=192.0.2.10"},
        {RecipientRefused{
             "S1",
             client,
             "bob",
             {},
             "z@c.com",
             Reason::directory_unavailable,
             mail::status_of(Reason::directory_unavailable)},
         "info  S1         reject    z@c.com -> 451 4.4.3 directory_unavailable from=<> "
         "client=192.0.2.10 account=bob"},
        {AmbiguousAddress{"sales@c.com", {"cn=a", "cn=b c"}},
         "warn  -          ambiguous sales@c.com is held by 2 entries: cn=a, \"cn=b c\""},
        {MessageReceived{"I1", "S1", from("<b@e.net>"), client, 2311, 2, "<1@e.net>"},
         "info  I1         receive   from=<b@e.net> client=192.0.2.10 size=2311 recipients=2 "
         "message-id=<1@e.net> session=S1"},
        {MessageReceived{"I1", "I1", {}, client, 0, 1, ""},
         "info  I1         receive   from=<> client=192.0.2.10 size=0 recipients=1"},
        {MessageRejected{"I1", {}, client, mail::status_of(Reason::too_large)},
         "info  I1         refuse    from=<> client=192.0.2.10 552 5.3.4 Message is larger than is "
         "accepted here"},
        {DeliveryAttempted{
             "I1",
             "c@n.com",
             "carl@c.com",
             "notes1",
             status(250, {0, 0}, "queued"),
             mail::Duration(1340)},
         "info  I1         send      c@n.com -> notes1 original=carl@c.com delay=1.3s 250 2.0.0 "
         "queued"},
        {DeliveryAttempted{"I1", "c@n.com", "c@n.com", "n", status(451, {3, 2}, "later"), {}},
         "info  I1         defer     c@n.com -> n delay=0.0s 451 4.3.2 later"},
        {DeliveryAttempted{"I1", "c@n.com", "", "n", status(550, {1, 1}, "no"), {}},
         "info  I1         fail      c@n.com -> n delay=0.0s 550 5.1.1 no"},
        {DeliveryAttempted{"I1", "c@n.com", "", "n", status(554, {0, 0}, "gone"), {}, "n", "admin"},
         "info  I1         fail      c@n.com -> n delay=0.0s by=admin 554 5.0.0 gone"},
        {ReportSuppressed{"I1", "z@c.com", status(554, {0, 0}, "gone"), false, "admin"},
         "info  I1         drop      no report by=admin for z@c.com: 554 5.0.0 gone"},
        {RecipientMoved{"I1", "c@n.com", "carl@c.com", "notes", "europe", "anna"},
         "info  I1         move      c@n.com -> europe original=carl@c.com from=notes by=anna"},
        {MessageDeferred{"I1", 2, now + std::chrono::minutes(5)},
         "info  I1         wait      recipients=2 next=2026-11-21T09:17:44.120Z"},
        {MessageRemoved{"I1", 2, 1, mail::Duration(2500)},
         "info  I1         remove    delivered=2 failed=1 age=2.5s"},
        {ReportSent{
             "I2",
             "I1",
             from("<b@e.net>"),
             ReportKind::failed,
             {"z@c.com"},
             Reason::unknown_recipient},
         "info  I2         report    failed about=I1 to=<b@e.net> for z@c.com unknown_recipient"},
        {ReportSent{
             "I2", "I1", from("<b@e.net>"), ReportKind::delayed, {"1@c", "2@c", "3@c", "4@c"}, {}},
         "info  I2         report    delayed about=I1 to=<b@e.net> for 1@c, 2@c, 3@c and 1 more"},
        {ReportSuppressed{"I1", "z@c.com", status(550, {1, 1}, "no")},
         "info  I1         drop      no report to <> for z@c.com: 550 5.1.1 no"},
        {HostConditionChanged{"notes", HostEvent::down, "451 4.4.1 refused", {}, 3},
         "warn  -          host      notes is down, 3 messages wait: 451 4.4.1 refused"},
        {HostConditionChanged{"notes", HostEvent::up, {}, mail::Duration(11'100'000), 1},
         "info  -          host      notes is back after 3h05m, 1 message goes on"},
        {HostConditionChanged{"notes", HostEvent::paused, "moving house", {}, 0},
         "info  -          host      notes is paused, 0 messages wait: moving house"},
        {HostConditionChanged{"notes", HostEvent::resumed, {}, mail::Duration(93'000'000), 2},
         "info  -          host      notes goes on after a pause of 1d01h, 2 messages go on"},
        {DirectoryChanged{"main", DirectoryState::up, "ldaps://ldap1"},
         "info  -          directory main up: ldaps://ldap1"},
        {DirectoryChanged{"main", DirectoryState::down, "connection refused"},
         "warn  -          directory main down: connection refused"},
        {DirectoryNote{"main", "held", true}, "warn  -          directory main: held"},
        {SpoolTrouble{"I1", "no space"}, "error I1         spool     no space"},
        {MessageSetAside{"I1", "body is missing"},
         "error I1         damaged   body is missing; set aside, it will not be sent"},
    };
    for (auto const& row : rows) CHECK(to_line(row.event, now) == stamp + row.line);
}

TEST_CASE("line: plain text of a component") {
    CHECK(
        to_line(Level::warn, "config", "a\nb", now) == stamp + "warn  -          config    a\\x0Ab"
    );
}

TEST_CASE("line: nobody can forge a line or a field") {
    auto const text = GENERATE(
        std::string("\n2026-11-21T09:12:44.120Z info  X send forged"),
        std::string("\r\n"),
        std::string("a\0b\x0b\x0c\x1b[2J", 9),
        std::string("\xC2\x85\xE2\x80\xA8\xE2\x80\xA9"),
        std::string("\xff\xfe\n"),
        std::string("\" client=10.0.0.1 \""),
        std::string("")
    );
    INFO(mail::to_log_text(text));
    for (auto const& event : support::every_event(text)) {
        auto const line = to_line(event, now);
        INFO(line);
        CHECK(line == mail::to_log_text(line));
        CHECK(line.substr(0, stamp.size()) == stamp);
    }
}

TEST_CASE("line: blanks in an address do not make fields") {
    RecipientRefused const refused{
        "S1",
        client,
        "",
        {},
        "a\" client=10.0.0.1",
        mail::Reason::bad_address,
        mail::status_of(mail::Reason::bad_address)};
    CHECK(
        to_line(refused, now) == stamp +
                                     "info  S1         reject    \"a\\\" client=10.0.0.1\" -> 553 "
                                     "5.1.3 bad_address from=<> client=192.0.2.10"
    );
    MessageReceived const received{"I", "I", from("<\"a size=1\"@c.com>"), client, 9, 1, "<a b>"};
    CHECK(
        to_line(received, now) ==
        stamp +
            "info  I          receive   from=\"<\\\"a size=1\\\"@c.com>\" "
            "client=192.0.2.10 size=9 recipients=1 message-id=\"<a b>\""
    );
}

TEST_CASE("line: words longer than their column push the next one on") {
    CHECK(
        to_line(Level::info, "word-of-fourteen", "", now) ==
        stamp + "info  -          word-of-fourteen "
    );
    CHECK(to_line(ServerStopping{"now"}, now) == stamp + "info  -          stop      now");
    CHECK(
        to_line(SpoolTrouble{"an id of more", "x"}, now) ==
        stamp + "error \"an id of more\" spool     x"
    );
}

TEST_CASE("event: a decision in short") {
    auto host = std::make_shared<resolver::Host>();
    host->name = "notes";
    resolver::Decision decision;
    decision.verdict = resolver::Verdict::deliver;
    decision.reason = mail::Reason::group;
    decision.routes.push_back(
        {*mail::ForwardPath::parse("<carl@contoso.com>"),
         "all@contoso.com",
         resolver::RouteKind::custom_recipient,
         host,
         resolver::EntryName{"cn=Carl", "cn=carl"}}
    );
    decision.routes.push_back(
        {*mail::ForwardPath::parse("<x@contoso.com>"),
         "all@contoso.com",
         resolver::RouteKind::relay,
         host,
         std::nullopt}
    );
    decision.failed.push_back({"cn=Dora", mail::Reason::no_route, {}});
    auto const event = recipient_decided("I1", "all@contoso.com", decision);
    CHECK(event.id == "I1");
    CHECK(event.address == "all@contoso.com");
    CHECK(event.reason == mail::Reason::group);
    CHECK(event.failed == 1);
    REQUIRE(event.routes.size() == 2);
    CHECK(event.routes[0].rcpt == "carl@contoso.com");
    CHECK(event.routes[0].host == "notes");
    CHECK(event.routes[0].entry == "cn=Carl");
    CHECK(event.routes[1].entry.empty());
}
