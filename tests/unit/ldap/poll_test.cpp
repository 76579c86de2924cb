#include "ldap/poll.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::ldap;

namespace {

Entry entry_with(std::string const& name, std::string const& value) {
    Entry entry(Dn::parse("cn=anna,dc=example,dc=com").value());
    if (!name.empty()) entry.add(name, value);
    return entry;
}

std::string const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";

}  // namespace

TEST_CASE("poll: who an entry is") {
    auto const by_name = EntryId::from_dn(entry_with("", "").dn());
    struct Row {
        std::string name, value, id;
    };
    auto const row = GENERATE_COPY(
        Row{"entryUUID", uuid, uuid},
        Row{"nsUniqueId", "0f8fad5b-d9cb469f-a1657086-7728950e", uuid},
        Row{"objectGUID", "0123456789abcdef", "30313233-3435-3637-3839-616263646566"},
        Row{"", "", by_name.text()},
        Row{"entryUUID", "nonsense", by_name.text()},
        Row{"objectGUID", "too short", by_name.text()}
    );
    CAPTURE(row.name, row.value);
    CHECK(poll_id(entry_with(row.name, row.value)).text() == row.id);
}

TEST_CASE("poll: what has changed since") {
    NewestChange newest;
    auto const among = Filter::present("mail");
    CHECK_FALSE(newest.later(among).has_value());
    newest.see(entry_with("", ""));
    // Not a time: it would become part of a filter.
    newest.see(entry_with("modifyTimestamp", "20991126113136Z)(cn=*"));
    newest.see(entry_with("modifyTimestamp", "*"));
    CHECK_FALSE(newest.later(among).has_value());
    newest.see(entry_with("modifyTimestamp", "20261126113136Z"));
    newest.see(entry_with("modifyTimestamp", "20251126113136Z"));
    CHECK(
        newest.later(among)->text() ==
        "(&(mail=*)(modifyTimestamp>=20261126113136Z)(!(modifyTimestamp=20261126113136Z)))"
    );
    newest.forget();
    CHECK_FALSE(newest.later(among).has_value());
}
