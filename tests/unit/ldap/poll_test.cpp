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
    LastChanges last;
    auto const among = Filter::present("mail");
    CHECK_FALSE(last.question(among).has_value());
    last.see(entry_with("", ""));
    // Not a time: it would become part of a filter.
    last.see(entry_with("modifyTimestamp", "20991126113136Z)(cn=*"));
    last.see(entry_with("modifyTimestamp", "*"));
    CHECK_FALSE(last.question(among).has_value());
    last.see(entry_with("modifyTimestamp", "20251126113136Z"));
    auto const newest = entry_with("modifyTimestamp", "20261101000030.0Z");
    auto const before = entry_with("modifyTimestamp", "20261031235930.0Z");
    last.see(newest);
    last.see(before);
    CHECK(last.question(among)->text() == "(&(mail=*)(modifyTimestamp>=20261031235930.0Z))");
    CHECK(last.are({newest, before}));
    CHECK(last.are({before, newest}));
    CHECK_FALSE(last.are({newest}));
    CHECK_FALSE(last.are({newest, newest}));
    CHECK_FALSE(last.are({newest, before, newest}));
    CHECK_FALSE(last.are({newest, entry_with("modifyTimestamp", "20261031235931.0Z")}));
    last.forget();
    CHECK_FALSE(last.question(among).has_value());
}

TEST_CASE("poll: after an import nobody can tell what has changed since, until it is long ago") {
    LastChanges last;
    auto const among = Filter::present("mail");
    for (int i = 0; i < 2000; ++i) last.see(entry_with("modifyTimestamp", "20261126113136Z"));
    CHECK_FALSE(last.question(among).has_value());
    last.see(entry_with("modifyTimestamp", "20261126113230Z"));
    CHECK_FALSE(last.question(among).has_value());
    auto const later = entry_with("modifyTimestamp", "20261126113237Z");
    last.see(later);
    REQUIRE(last.question(among).has_value());
    CHECK(last.are({entry_with("modifyTimestamp", "20261126113230Z"), later}));
}
