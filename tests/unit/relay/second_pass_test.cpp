#include "relay/second_pass.hpp"

#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace splitmx;

namespace {

mail::SipKey const key{7};

struct World {
    resolver::RoutingTable table;
    spool::QueueItem item;

    World() {
        add_host("notes", resolver::Protocol::smtp);
        add_host("store", resolver::Protocol::lmtp);
        item.client = "c.example[192.0.2.3]";
    }
    void add_host(std::string const& name, resolver::Protocol protocol) {
        auto host = std::make_shared<resolver::Host>();
        host->name = name;
        host->protocol = protocol;
        table.hosts.emplace(name, host);
    }
    void add(std::string const& rcpt, std::string const& hop) {
        spool::QueuedRecipient recipient;
        recipient.original = rcpt;
        recipient.rcpt = rcpt;
        recipient.hop = hop;
        item.recipients.push_back(recipient);
    }
    std::set<std::string> marks() const {
        auto const all = relay::marks_of(item, table, key);
        return {all.begin(), all.end()};
    }
};

}  // namespace

TEST_CASE("second pass: the same address to the same host, and nothing else") {
    World first;
    first.add("zoe@contoso.com", "host:notes");
    auto const seen = first.marks();
    REQUIRE(seen.size() == 1);

    World again;
    again.add("Zoe@contoso.com", "host:notes");
    again.add("zoe@contoso.com", "mx:contoso.com");
    again.add("joe@contoso.com", "host:notes");
    CHECK(relay::refuse_second_pass(again.item, again.table, key, seen) == 1);
    auto const& looping = again.item.recipients[0];
    CHECK(looping.hop == "failed:loop");
    REQUIRE(looping.last_status);
    CHECK(
        looping.last_status->to_log() ==
        "554 5.4.6 Mail loop: <Zoe@contoso.com> was sent to notes before, has come back from "
        "c.example[192.0.2.3], and would go to notes again"
    );
    CHECK(again.item.recipients[1].hop == "mx:contoso.com");
    CHECK(again.item.recipients[2].hop == "host:notes");
    // The marks of another relay are nobody's business.
    CHECK(relay::refuse_second_pass(first.item, first.table, {8}, seen) == 0);
}

TEST_CASE("second pass: what goes to a store, or nowhere, leaves no mark") {
    World world;
    world.add("anna@adatum.com", "host:store");
    world.add("ben@adatum.com", "failed:unknown_recipient");
    world.add("cleo@adatum.com", "host:vanished");
    CHECK(world.marks().empty());
}

TEST_CASE("second pass: the key is made once and kept") {
    support::TemporaryDirectory const directory;
    auto const file = directory.path() / "pass-key";
    auto const made = relay::load_pass_key(file).value();
    CHECK(made != mail::SipKey{});
    CHECK(relay::load_pass_key(file).value() == made);
    auto const rights = std::filesystem::status(file).permissions();
    CHECK(
        (rights & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
    );
    std::ofstream(file, std::ios::trunc) << "short";
    CHECK(relay::load_pass_key(file).value() != made);
    CHECK_FALSE(relay::load_pass_key(directory.path() / "none" / "pass-key").has_value());
}
