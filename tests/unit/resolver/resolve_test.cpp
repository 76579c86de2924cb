// How the function is called: lookups gathered by stage, answers added, the same rules run again.
// What it decides stands in tests/golden/decisions.
#include "resolver/resolve.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace splitmx;
using namespace splitmx::resolver;

namespace {

mail::Mailbox box(std::string const& text) { return mail::Mailbox::parse(text).value(); }

EntryName name(std::string const& text) { return {text, text}; }

RecipientPtr mailbox_entry(std::string const& dn, std::string const& address) {
    auto entry = std::make_shared<Recipient>();
    entry->name = name(dn);
    entry->addresses.push_back(box(address));
    entry->primary = box(address);
    return entry;
}

std::shared_ptr<Recipient> group_entry(std::string const& dn, std::vector<std::string> const& dns) {
    auto entry = std::make_shared<Recipient>();
    entry->name = name(dn);
    entry->kind = RecipientKind::group;
    for (auto const& member : dns) entry->members.push_back(name(member));
    return entry;
}

RoutingTable table() {
    RoutingTable table;
    auto host = std::make_shared<Host>();
    host->name = "mailboxes";
    host->addresses.push_back(HostAddress::parse("127.0.0.2:2525", Protocol::smtp).value());
    table.mailbox_host = host;
    REQUIRE(table.acceptance.add({DomainPattern::parse("adatum.com").value(), Inbound{}, "t:1"}));
    return table;
}

Query query(std::string const& rcpt, std::string const& from = "bob@example.net") {
    return {
        mail::ForwardPath::parse(rcpt).value(),
        mail::ReversePath::parse(from).value(),
        Client{mail::IpAddress::parse("192.0.2.1").value(), mail::IpAddress{}, {}, {}}};
}

std::vector<std::string> missing(Resolution const& resolution) {
    std::vector<std::string> keys;
    for (auto const& lookup : std::get<Missing>(resolution).lookups) {
        auto const* address = std::get_if<mail::Mailbox>(&lookup);
        keys.push_back(address ? address->key() : std::get<EntryName>(lookup).key);
    }
    return keys;
}

// A mailbox that accepts mail from a group, and what is known about groups; counts the questions.
struct GroupsOfBoss final : Directory {
    explicit GroupsOfBoss(std::string const& accepted)
        : boss(std::make_shared<Recipient>(*mailbox_entry("uid=boss", "boss@adatum.com"))) {
        boss->accept_from.push_back(name(accepted));
        book.add(box("boss@adatum.com"), One{boss});
    }
    std::shared_ptr<Recipient> add(std::string const& dn, std::vector<std::string> const& members) {
        auto group = group_entry(dn, members);
        book.add(name(dn), One{group});
        return group;
    }
    Answer find(mail::Mailbox const& address) const override { return ++asked, book.find(address); }
    Answer find(EntryName const& entry) const override { return ++asked, book.find(entry); }
    Answer find(mail::X500Address const& x500) const override { return ++asked, book.find(x500); }

    std::shared_ptr<Recipient> boss;
    AnswerBook book;
    mutable int asked = 0;
};

}  // namespace

TEST_CASE("resolve: asks first, then decides") {
    auto const routing = table();
    AnswerBook book;
    CHECK(
        missing(resolve(query("anna@adatum.com"), routing, book)) ==
        std::vector<std::string>{"anna@adatum.com"}
    );
    book.add(box("anna@adatum.com"), One{mailbox_entry("uid=anna", "anna@adatum.com")});
    auto const resolution = resolve(query("ANNA@Adatum.com"), routing, book);
    auto const& decision = std::get<Decision>(resolution);
    CHECK(decision.verdict == Verdict::deliver);
    CHECK(decision.reason == mail::Reason::mailbox);
    REQUIRE(decision.routes.size() == 1);
    CHECK(decision.routes[0].rcpt.to_wire() == "anna@adatum.com");
    CHECK(decision.routes[0].original == "ANNA@Adatum.com");
    CHECK(decision.routes[0].host->name == "mailboxes");
}

TEST_CASE("resolve: all members of a group are asked for at once, each once") {
    auto const routing = table();
    AnswerBook book;
    book.add(
        box("all@adatum.com"), One{group_entry("cn=all", {"uid=a", "uid=b", "uid=a", "cn=all"})}
    );
    CHECK(
        missing(resolve(query("all@adatum.com"), routing, book)) ==
        std::vector<std::string>{"uid=a", "uid=b", "cn=all"}
    );
}

TEST_CASE("resolve: a restriction asks for the sender and the named entry") {
    auto const routing = table();
    auto entry = std::make_shared<Recipient>(*mailbox_entry("uid=boss", "boss@adatum.com"));
    entry->accept_from.push_back(name("cn=managers"));
    AnswerBook book;
    book.add(box("boss@adatum.com"), One{entry});
    CHECK(
        missing(resolve(query("boss@adatum.com"), routing, book)) ==
        std::vector<std::string>{"bob@example.net"}
    );
    book.add(box("bob@example.net"), One{mailbox_entry("uid=bob", "bob@example.net")});
    CHECK(
        missing(resolve(query("boss@adatum.com"), routing, book)) ==
        std::vector<std::string>{"cn=managers"}
    );
    book.add(name("cn=managers"), One{group_entry("cn=managers", {"uid=bob"})});
    auto const resolution = resolve(query("boss@adatum.com"), routing, book);
    CHECK(std::get<Decision>(resolution).verdict == Verdict::deliver);
}

TEST_CASE("resolve: what cannot be known is deferred, wherever it is needed") {
    auto const routing = table();
    AnswerBook book;
    auto group = group_entry("cn=all", {"uid=a", "uid=b"});
    book.add(box("all@adatum.com"), One{group});
    book.add(name("uid=a"), One{mailbox_entry("uid=a", "a@adatum.com")});
    book.add(name("uid=b"), Unavailable{"timeout"});
    auto const resolution = resolve(query("all@adatum.com"), routing, book);
    auto const& decision = std::get<Decision>(resolution);
    CHECK(decision.verdict == Verdict::defer);
    CHECK(decision.status.to_log().substr(0, 9) == "451 4.4.3");
    CHECK(decision.routes.empty());
}

TEST_CASE("resolve: a member that several groups hold fails once") {
    auto const routing = table();
    AnswerBook book;
    book.add(box("all@adatum.com"), One{group_entry("cn=all", {"uid=gone", "cn=a", "cn=b"})});
    book.add(name("cn=a"), One{group_entry("cn=a", {"uid=gone", "uid=ann"})});
    book.add(name("cn=b"), One{group_entry("cn=b", {"uid=gone", "uid=ann"})});
    book.add(name("uid=gone"), None{});
    book.add(name("uid=ann"), One{mailbox_entry("uid=ann", "ann@adatum.com")});
    auto const resolution = resolve(query("all@adatum.com"), routing, book);
    auto const& decision = std::get<Decision>(resolution);
    CHECK(decision.routes.size() == 1);
    REQUIRE(decision.failed.size() == 1);
    CHECK(decision.failed[0].rcpt == "uid=gone");
}

TEST_CASE("resolve: nested and huge groups are bounded") {
    auto const routing = table();
    AnswerBook book;
    book.add(box("deep@adatum.com"), One{group_entry("cn=g0", {"cn=g1"})});
    for (int i = 1; i <= max_group_depth; ++i) {
        auto const dn = "cn=g" + std::to_string(i);
        book.add(name(dn), One{group_entry(dn, {"cn=g" + std::to_string(i + 1)})});
    }
    auto const deep = resolve(query("deep@adatum.com"), routing, book);
    CHECK(std::get<Decision>(deep).reason == mail::Reason::no_route);
    REQUIRE(std::get<Decision>(deep).failed.size() == 1);
    CHECK(std::get<Decision>(deep).failed[0].reason == mail::Reason::loop);

    std::vector<std::string> many;
    for (std::size_t i = 0; i <= max_group_members; ++i) many.push_back("uid=" + std::to_string(i));
    book.add(box("huge@adatum.com"), One{group_entry("cn=huge", many)});
    auto const huge = resolve(query("huge@adatum.com"), routing, book);
    CHECK(std::get<Decision>(huge).verdict == Verdict::refuse);
    CHECK(std::get<Decision>(huge).reason == mail::Reason::no_route);
}

TEST_CASE("resolve: the largest group, with every address twice, is one copy for each") {
    auto const routing = table();
    AnswerBook book;
    std::vector<std::string> dns;
    for (std::size_t i = 0; i < max_group_members; ++i) {
        dns.push_back("uid=" + std::to_string(i));
        auto const address = (i % 2 == 0 ? "u" : "U") + std::to_string(i / 2) + "@adatum.com";
        book.add(name(dns.back()), One{mailbox_entry(dns.back(), address)});
    }
    book.add(box("all@adatum.com"), One{group_entry("cn=all", dns)});
    auto const resolution = resolve(query("all@adatum.com"), routing, book);
    auto const& decision = std::get<Decision>(resolution);
    CHECK(decision.verdict == Verdict::deliver);
    CHECK(decision.routes.size() == max_group_members / 2);
    CHECK(decision.failed.empty());
}

// Groups that an entry accepts mail from, and how often anybody is looked up.
TEST_CASE("resolve: a sender is looked for in each group once") {
    auto const routing = table();
    GroupsOfBoss groups("cn=first");
    groups.book.add(box("bob@example.net"), None{});
    auto const decide = [&] {
        auto const resolution = resolve(query("boss@adatum.com"), routing, groups);
        return std::get<Decision>(resolution).reason;
    };
    SECTION("three that hold each other") {
        groups.add("cn=first", {"cn=second", "cn=third", "uid=ann"});
        groups.add("cn=second", {"cn=first", "cn=third", "uid=ann"});
        groups.add("cn=third", {"cn=first", "cn=second", "uid=ann"});
        groups.book.add(name("uid=ann"), One{mailbox_entry("uid=ann", "ann@adatum.com")});
        CHECK(decide() == mail::Reason::restricted);
        CHECK(groups.asked == 6);  // boss, bob, three groups and ann
    }
    SECTION("a lattice: 24 levels of two groups, each of which holds the two of the next level") {
        groups.add("cn=first", {"cn=0a", "cn=0b"});
        for (int i = 0; i < 24; ++i) {
            auto const next = "cn=" + std::to_string(i + 1);
            groups.add("cn=" + std::to_string(i) + "a", {next + "a", next + "b"});
            groups.add("cn=" + std::to_string(i) + "b", {next + "a", next + "b"});
        }
        groups.add("cn=24a", {});
        SECTION("without the sender") {
            groups.add("cn=24b", {});
            CHECK(decide() == mail::Reason::restricted);
            CHECK(groups.asked == 2 + 1 + 50);
        }
        SECTION("with the sender at the bottom") {
            groups.add("cn=24b", {})->member_addresses.push_back(box("bob@example.net"));
            CHECK(decide() == mail::Reason::mailbox);
        }
        SECTION("with one at the bottom that cannot be known now") {
            groups.book.add(name("cn=24b"), Unavailable{"timeout"});
            CHECK(decide() == mail::Reason::directory_unavailable);
        }
        SECTION("named by two restrictions") {
            groups.add("cn=24b", {});
            groups.boss->reject_from.push_back(name("cn=7a"));
            CHECK(decide() == mail::Reason::restricted);
            CHECK(groups.asked == 2 + 1 + 50);
        }
    }
    SECTION("a big one") {
        std::vector<std::string> people;
        for (std::size_t i = 0; i < 20000; ++i) people.push_back("uid=" + std::to_string(i));
        groups.add("cn=first", people);
        for (auto const& dn : people) groups.book.add(name(dn), None{});
        CHECK(decide() == mail::Reason::restricted);
        CHECK(groups.asked == 2 + 1 + 20000);
        groups.book.add(box("bob@example.net"), One{mailbox_entry("uid=19999", "bob@example.net")});
        groups.asked = 0;
        CHECK(decide() == mail::Reason::mailbox);
        CHECK(groups.asked == 3);
    }
    SECTION("one that is too big") {
        std::vector<std::string> people;
        for (std::size_t i = 0; i <= max_restriction_members; ++i) {
            people.push_back("uid=" + std::to_string(i));
        }
        groups.add("cn=first", people);
        CHECK(decide() == mail::Reason::no_route);
        CHECK(groups.asked == 3);
    }
}

// What a search among groups has found about one restriction says nothing wrong about another.
TEST_CASE("resolve: restrictions of several members are each decided by themselves") {
    auto const routing = table();
    AnswerBook book;
    auto const guarded = [&](std::string const& dn, std::vector<std::string> const& groups) {
        auto entry = std::make_shared<Recipient>(*mailbox_entry(dn, dn.substr(4) + "@adatum.com"));
        for (auto const& group : groups) entry->accept_from.push_back(name(group));
        book.add(name(dn), One{entry});
    };
    book.add(box("all@adatum.com"), One{group_entry("cn=all", {"uid=a", "uid=b", "uid=c"})});
    guarded("uid=a", {"cn=outer"});
    guarded("uid=b", {"cn=inner"});
    guarded("uid=c", {"cn=others", "cn=outer"});
    book.add(name("cn=outer"), One{group_entry("cn=outer", {"cn=others", "cn=inner", "cn=outer"})});
    book.add(name("cn=inner"), One{group_entry("cn=inner", {"uid=bob"})});
    book.add(name("cn=others"), One{group_entry("cn=others", {"uid=eve"})});
    book.add(name("uid=eve"), None{});
    SECTION("the sender is in the inner group") {
        book.add(box("bob@example.net"), One{mailbox_entry("uid=bob", "bob@example.net")});
        auto const resolution = resolve(query("all@adatum.com"), routing, book);
        CHECK(std::get<Decision>(resolution).routes.size() == 3);
        CHECK(std::get<Decision>(resolution).failed.empty());
    }
    SECTION("the sender is in none") {
        book.add(box("bob@example.net"), None{});
        book.add(name("uid=bob"), None{});
        auto const resolution = resolve(query("all@adatum.com"), routing, book);
        CHECK(std::get<Decision>(resolution).failed.size() == 3);
    }
}

// An administrator who asks why reads it in the trace.
TEST_CASE("resolve: a restriction tells by what it named the sender") {
    auto const routing = table();
    GroupsOfBoss groups("cn=staff");
    groups.add("cn=staff", {"cn=managers"});
    groups.add("cn=managers", {"uid=bob"})->member_addresses.push_back(box("temp@example.net"));
    groups.book.add(name("uid=bob"), One{mailbox_entry("uid=bob", "bob@example.net")});
    groups.book.add(name("uid=ann"), One{mailbox_entry("uid=ann", "ann@example.net")});
    groups.book.add(box("bob@example.net"), One{mailbox_entry("uid=bob", "bob@example.net")});
    groups.book.add(box("ann@example.net"), One{mailbox_entry("uid=ann", "ann@example.net")});
    for (auto const* nobody : {"temp@example.net", "eve@example.net", "kim@example.net"}) {
        groups.book.add(box(nobody), None{});
    }
    groups.boss->accept_from.push_back(box("kim@example.net"));
    groups.boss->accept_from.push_back(name("uid=ann"));
    auto const told = [&](char const* from) {
        auto const resolution = resolve(query("boss@adatum.com", from), routing, groups);
        for (auto const& step : std::get<Decision>(resolution).trace) {
            if (step.rule == Rule::accept_from || step.rule == Rule::reject_from) {
                return step.subject;
            }
        }
        return std::string();
    };
    CHECK(
        told("bob@example.net") ==
        "<bob@example.net> is a member of cn=managers, which is in cn=staff"
    );
    CHECK(
        told("temp@example.net") ==
        "<temp@example.net> is a member of cn=managers, which is in cn=staff"
    );
    CHECK(told("ann@example.net") == "<ann@example.net> is an address of uid=ann");
    CHECK(told("kim@example.net") == "<kim@example.net> is named by its address");
    CHECK(told("eve@example.net") == "<eve@example.net> is not among those named");
    CHECK(told("<>") == "<> is not among those named");
    groups.boss->reject_from.push_back(name("cn=managers"));
    CHECK(told("bob@example.net") == "<bob@example.net> is a member of cn=managers");
}

TEST_CASE("resolve: a chain of custom recipients is bounded") {
    auto routing = table();
    AnswerBook book;
    auto const custom = [](int i) {
        auto entry = std::make_shared<Recipient>();
        entry->name = name("cn=c" + std::to_string(i));
        entry->kind = RecipientKind::custom_recipient;
        entry->target = TargetAddress{"SMTP", "c" + std::to_string(i + 1) + "@adatum.com"};
        return entry;
    };
    for (int i = 0; i < 30; ++i)
        book.add(box("c" + std::to_string(i) + "@adatum.com"), One{custom(i)});
    book.add(box("c30@adatum.com"), One{mailbox_entry("uid=end", "end@adatum.com")});
    auto const verdict = [&](int start) {
        auto const r = resolve(query("c" + std::to_string(start) + "@adatum.com"), routing, book);
        return std::get<Decision>(r).reason;
    };
    CHECK(verdict(21) == mail::Reason::custom_recipient);
    CHECK(verdict(20) == mail::Reason::custom_recipient);
    CHECK(verdict(19) == mail::Reason::loop);
}

TEST_CASE("resolve: mail of our own asks nobody, and comes from nowhere") {
    auto routing = table();
    auto const neighbour = std::make_shared<Host>(Host{
        "neighbour",
        {HostAddress::parse("192.0.2.1:25", Protocol::smtp).value()},
        Protocol::smtp,
        {},
        {}});
    REQUIRE(routing.delivery.add({DomainPattern::parse("example.net").value(), neighbour, "t:2"}));
    AnswerBook book;
    auto restricted = std::make_shared<Recipient>(*mailbox_entry("uid=boss", "boss@adatum.com"));
    restricted->accept_from.push_back(box("anna@adatum.com"));
    book.add(box("boss@adatum.com"), One{restricted});
    for (auto const* rcpt : {"bob@example.net", "boss@adatum.com"}) {
        CAPTURE(rcpt);
        auto report = query(rcpt, "<>");
        auto const theirs = resolve(report, routing, book);
        report.own = true;
        auto const ours = resolve(report, routing, book);
        CHECK(std::get<Decision>(theirs).verdict == Verdict::refuse);
        CHECK(std::get<Decision>(ours).verdict == Verdict::deliver);
    }
}

TEST_CASE("resolve: tables that the configuration check refuses still end well") {
    auto routing = table();
    auto const domain = [](char const* text) { return mail::Domain::parse(text).value(); };
    auto const pattern = [](char const* text) { return DomainPattern::parse(text).value(); };
    REQUIRE(routing.acceptance.add({pattern("a.example"), Reroute{domain("b.example")}, "t:2"}));
    REQUIRE(routing.acceptance.add({pattern("b.example"), Reroute{domain("a.example")}, "t:3"}));
    Inbound forward;
    forward.unknown = UnknownMode::forward;
    REQUIRE(routing.acceptance.add({pattern("forward.example"), forward, "t:4"}));
    AnswerBook book;
    book.add(box("zoe@forward.example"), None{});

    auto const last_rule = [&](char const* rcpt) {
        auto const resolution = resolve(query(rcpt), routing, book);
        auto const& decision = std::get<Decision>(resolution);
        CHECK(decision.verdict == Verdict::refuse);
        return std::string(to_id(decision.trace.back().rule));
    };
    CHECK(last_rule("zoe@a.example") == "reroute.cycle");
    CHECK(last_rule("zoe@forward.example") == "unknown.forward_nowhere");
}
