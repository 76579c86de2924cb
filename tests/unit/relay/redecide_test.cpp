#include "relay/redecide.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace std::chrono_literals;
using relay::Redecided;

namespace {

mail::Instant const now(1'760'000'000s);

resolver::HostPtr host(std::string const& name) {
    auto made = std::make_shared<resolver::Host>();
    made->name = name;
    made->addresses.push_back(
        resolver::HostAddress::parse("10.0.0.1:25", resolver::Protocol::smtp).value()
    );
    return made;
}

struct World {
    resolver::RoutingTable table;
    spool::QueueItem item;

    World() {
        for (auto const* name : {"notes", "mailboxes"}) table.hosts.emplace(name, host(name));
        item.from = mail::ReversePath::parse("ann@sender.example").value();
        item.client_address = mail::IpAddress::parse("192.0.2.7").value();
        item.listener = "internet";
    }

    spool::QueuedRecipient& add(std::string const& rcpt, std::string const& hop) {
        spool::QueuedRecipient recipient;
        recipient.original = rcpt;
        recipient.rcpt = rcpt;
        recipient.hop = hop;
        recipient.kind = "mailbox";
        recipient.attempts = 3;
        recipient.next_attempt = now + 1h;
        item.recipients.push_back(recipient);
        return item.recipients.back();
    }

    resolver::Decision deliver(std::vector<std::pair<std::string, std::string>> const& routes) {
        resolver::Decision decision;
        decision.verdict = resolver::Verdict::deliver;
        decision.reason = mail::Reason::mailbox;
        for (auto const& [rcpt, name] : routes) {
            resolver::Route route{
                mail::ForwardPath::parse(rcpt).value(),
                rcpt,
                resolver::RouteKind::custom_recipient,
                table.hosts.at(name),
                resolver::EntryName{"uid=" + rcpt, "uid=" + rcpt}};
            decision.routes.push_back(std::move(route));
        }
        return decision;
    }

    Redecided run(std::vector<resolver::Decision> const& decisions, bool outdated = true) const {
        auto const questions = relay::questions_about(item, table, outdated);
        REQUIRE(questions.size() == decisions.size());
        return relay::redecide(item, questions, decisions, table, now);
    }
};

resolver::Decision verdict(resolver::Verdict verdict, mail::Reason reason) {
    resolver::Decision decision;
    decision.verdict = verdict;
    decision.reason = reason;
    decision.status = verdict == resolver::Verdict::defer ? mail::transient_status(reason)
                                                          : mail::status_of(reason);
    return decision;
}

auto const unavailable = verdict(resolver::Verdict::defer, mail::Reason::directory_unavailable);
auto const unknown = verdict(resolver::Verdict::refuse, mail::Reason::unknown_recipient);

}  // namespace

TEST_CASE("redecide: who is asked about") {
    World world;
    world.add("anna@adatum.com", "host:mailboxes");
    world.add("ben@adatum.com", "host:vanished");
    world.add("cleo@adatum.com", "");
    world.add("dora@adatum.com", "failed:unknown_recipient");
    world.add("eve@adatum.com", "host:vanished").state = spool::RecipientState::delivered;
    world.add("fay@adatum.com", "mbx1.adatum.com:25");

    auto const asked = [&](bool outdated) {
        std::vector<std::string> who;
        for (auto const& question : relay::questions_about(world.item, world.table, outdated)) {
            who.push_back(question.original);
        }
        return who;
    };
    CHECK(asked(false) == std::vector<std::string>{"ben@adatum.com", "cleo@adatum.com"});
    CHECK(
        asked(true) ==
        std::vector<std::string>{
            "anna@adatum.com", "ben@adatum.com", "cleo@adatum.com", "fay@adatum.com"}
    );
}

TEST_CASE("redecide: an operator's word goes before the rules, while that host is there") {
    World world;
    world.add("anna@adatum.com", "host:notes").moved_from = "host:mailboxes";
    CHECK(relay::questions_about(world.item, world.table, true).empty());
    world.table.hosts.erase("notes");
    auto const result = world.run({world.deliver({{"anna@adatum.com", "mailboxes"}})});
    CHECK(result.item.recipients[0].hop == "host:mailboxes");
    CHECK(result.item.recipients[0].moved_from.empty());
}

TEST_CASE("redecide: asked as it was accepted, without asking for permission") {
    World world;
    world.add("anna@adatum.com", "host:mailboxes");
    world.add("anna@adatum.com", "host:notes").expanded = true;
    auto const questions = relay::questions_about(world.item, world.table, true);
    REQUIRE(questions.size() == 1);
    CHECK(questions[0].recipients == std::vector<std::size_t>{0, 1});
    auto const& query = questions[0].query;
    CHECK(query.accepted);
    CHECK_FALSE(query.own);
    CHECK(query.client.address.to_text() == "192.0.2.7");
    CHECK(query.client.listener == "internet");
    world.item.is_report = true;
    CHECK(relay::questions_about(world.item, world.table, true)[0].query.own);
}

TEST_CASE("redecide: the same route changes nothing, a new one is due now") {
    World world;
    world.add("anna@adatum.com", "host:mailboxes");
    auto const same = world.run({world.deliver({{"anna@adatum.com", "mailboxes"}})});
    CHECK_FALSE(same.changed);
    CHECK(same.item == world.item);
    auto const moved = world.run({world.deliver({{"anna@notes.example", "notes"}})});
    CHECK(moved.changed);
    auto const& recipient = moved.item.recipients.at(0);
    CHECK(recipient.rcpt == "anna@notes.example");
    CHECK(recipient.original == "anna@adatum.com");
    CHECK(recipient.hop == "host:notes");
    CHECK(recipient.attempts == 0);
    CHECK(recipient.next_attempt == now);
}

TEST_CASE("redecide: a directory that does not tell leaves an old route, and guesses none") {
    World world;
    world.add("anna@adatum.com", "host:mailboxes");
    world.add("ben@adatum.com", "host:vanished");
    world.add("cleo@adatum.com", "");
    auto const result = world.run({unavailable, unavailable, unavailable});
    CHECK_FALSE(result.changed);
    CHECK_FALSE(result.certain);
    CHECK(result.item == world.item);
    CHECK(result.outcomes.empty());
    CHECK(result.unknowable == std::vector<std::size_t>{1, 2});
}

TEST_CASE("redecide: nobody there any more is a failure, ambiguity a later attempt") {
    World world;
    world.add("anna@adatum.com", "host:mailboxes");
    world.add("ben@adatum.com", "host:mailboxes");
    auto const result =
        world.run({unknown, verdict(resolver::Verdict::defer, mail::Reason::ambiguous)});
    REQUIRE(result.outcomes.size() == 2);
    CHECK(result.outcomes[0].recipient == 0);
    CHECK(result.outcomes[0].status.is_permanent());
    CHECK(result.outcomes[1].status.is_transient());
}

TEST_CASE("redecide: what has become a group is delivered to its members") {
    World world;
    world.add("staff@adatum.com", "host:mailboxes");
    world.add("zoe@adatum.com", "host:mailboxes");
    auto group = world.deliver({{"anna@adatum.com", "mailboxes"}, {"ben@adatum.com", "notes"}});
    group.reason = mail::Reason::group;
    group.failed.push_back(
        {"cleo@adatum.com", mail::Reason::disabled, mail::status_of(mail::Reason::disabled)}
    );
    auto const result = world.run({group, unknown});
    REQUIRE(result.item.recipients.size() == 4);
    CHECK(result.item.recipients[0].rcpt == "zoe@adatum.com");
    CHECK(result.outcomes.at(0).recipient == 0);  // moved up with its recipient
    CHECK(result.item.recipients[1].rcpt == "anna@adatum.com");
    CHECK(result.item.recipients[1].expanded);
    CHECK(result.item.recipients[2].hop == "host:notes");
    CHECK(result.item.recipients[3].hop == "failed:disabled");
}

TEST_CASE("redecide: a member is found again by its entry or its address") {
    World world;
    auto& anna = world.add("anna@adatum.com", "host:vanished");
    anna.original = "staff@adatum.com";
    anna.entry = "uid=anna@notes.example";
    anna.expanded = true;
    auto& ben = world.add("ben@adatum.com", "host:mailboxes");
    ben.original = "staff@adatum.com";
    ben.expanded = true;
    auto& gone = world.add("gone@adatum.com", "host:mailboxes");
    gone.original = "staff@adatum.com";
    gone.expanded = true;
    auto& lost = world.add("lost@adatum.com", "host:vanished");
    lost.original = "staff@adatum.com";
    lost.expanded = true;
    auto const group = world.deliver(
        {{"anna@notes.example", "notes"}, {"Ben@adatum.com", "notes"}, {"new@adatum.com", "notes"}}
    );
    auto const result = world.run({group});
    REQUIRE(result.item.recipients.size() == 4);  // nobody is added to mail that is on its way
    CHECK(result.item.recipients[0].rcpt == "anna@notes.example");
    CHECK(result.item.recipients[1].hop == "host:notes");
    CHECK(result.item.recipients[2] == world.item.recipients[2]);  // nor taken away from it
    REQUIRE(result.outcomes.size() == 1);
    CHECK(result.outcomes[0].recipient == 3);
    CHECK(result.outcomes[0].status.code == 451);
}

TEST_CASE("redecide: the end of a group says nothing about those who were in it") {
    World world;
    world.add("anna@adatum.com", "host:mailboxes").expanded = true;
    auto const result = world.run({unknown});
    CHECK(result.outcomes.empty());
    CHECK(result.item == world.item);
}

TEST_CASE("redecide: a silent directory is asked again after 5 to 60 seconds") {
    std::vector<mail::Duration> waits;
    for (unsigned tries : {0U, 1U, 2U, 3U, 4U, 5U, 1000U}) {
        waits.push_back(relay::directory_wait(tries));
    }
    CHECK(waits == std::vector<mail::Duration>{5s, 10s, 20s, 40s, 60s, 60s, 60s});
}
