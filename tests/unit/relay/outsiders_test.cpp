#include "relay/outsiders.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

TEST_CASE("outsiders: words stay, names from inside do not") {
    resolver::RoutingTable table;
    table.acceptance.add(
        {resolver::DomainPattern::parse("adatum.com").value(), resolver::Inbound{}, "x"}
    );
    table.acceptance.add(
        {resolver::DomainPattern::parse("sister.example").value(), resolver::Relay{}, "x"}
    );
    table.hosts.emplace("notes", std::make_shared<resolver::Host>());
    spool::QueuedRecipient recipient;
    recipient.original = "All@adatum.com";
    recipient.rcpt = "secret@notes.adatum.com";
    struct Row {
        char const* said;
        char const* read;
    };
    auto const row = GENERATE(values<Row>({
        {"bert has left", "bert has left"},
        {"", ""},
        {"store17.adatum.com: cn=bert,ou=people is locked.",
         "[hidden]: [hidden],[hidden] is locked."},
        {"<secret@notes.adatum.com>... User unknown", "<[hidden]>... User unknown"},
        {"<all@adatum.com> unknown at adatum.com", "<all@adatum.com> unknown at adatum.com"},
        {"cannot connect to 10.0.0.7:25: Connection refused",
         "cannot connect to [hidden]: Connection refused"},
        {"mbx1[2001:db8::7] says so", "[hidden][[hidden]] says so"},
        {"MBX1 is full", "[hidden] is full"},
        {"would go to notes again", "would go to [hidden] again"},
        {"see https://mail.example/help?a=b", "see https://mail.example/help?a=b"},
        {"mx.sister.example is not ours", "mx.sister.example is not ours"},
        {"450 4.2.1 10:30 try later...", "450 4.2.1 10:30 try later..."},
    }));
    CHECK(relay::for_outsiders(row.said, "mbx1[10.0.0.7]:25", recipient, table) == row.read);
}
