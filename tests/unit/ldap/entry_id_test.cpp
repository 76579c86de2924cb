#include "ldap/entry_id.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <unordered_set>

using namespace splitmx::ldap;

TEST_CASE("entry id: text forms") {
    struct Row {
        std::string text, canonical;
    };
    auto const row = GENERATE(
        Row{"0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"},
        Row{"0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-469f-a165-70867728950e"},
        // nsUniqueId of 389
        Row{"0f8fad5b-d9cb469f-a1657086-7728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"},
        Row{"0f8fad5bd9cb469fa16570867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"},
        Row{"", ""},
        Row{"0f8fad5b", ""},
        Row{"0f8fad5b-d9cb-469f-a165-70867728950e0", ""},
        Row{"0f8fad5b-d9cb-469f-a165-70867728950e00", ""},
        Row{"0f8fad5b-d9cb-469f-a165-70867728950", ""},
        Row{"0f8fad5b-d9cb-469f-a165-70867728950e-", ""},
        Row{"-0f8fad5b-d9cb-469f-a165-70867728950e", ""},
        Row{"0f8fad5b--d9cb-469f-a165-70867728950e", ""},
        Row{"0f8fad5b-d9cb-469f-a165-70867728950g", ""},
        Row{"0-f8fad5bd9cb469fa16570867728950e", ""}
    );
    CAPTURE(row.text);
    auto const id = EntryId::parse(row.text);
    REQUIRE(id.has_value() == !row.canonical.empty());
    if (id) CHECK(id->text() == row.canonical);
}

TEST_CASE("entry id: as octets") {
    auto const id =
        EntryId::from_octets(std::string("\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xff", 16));
    REQUIRE(id.has_value());
    CHECK(id->text() == "00010203-0405-0607-0809-0a0b0c0d0eff");
    CHECK(*id == *EntryId::parse(id->text()));
    CHECK_FALSE(EntryId::from_octets("").has_value());
    CHECK_FALSE(EntryId::from_octets(std::string(15, 'x')).has_value());
    CHECK_FALSE(EntryId::from_octets(std::string(17, 'x')).has_value());
}

TEST_CASE("entry id: of a DN") {
    auto const of = [](std::string const& text) {
        return EntryId::from_dn(Dn::parse(text).value());
    };
    CHECK(of("cn=Anna,dc=example,dc=com") == of("CN=anna, dc=Example,dc=com"));
    std::unordered_set<EntryId> seen;
    std::unordered_set<std::size_t> hashes;
    for (int i = 0; i < 10'000; ++i) {
        auto const id = of("cn=u" + std::to_string(i) + ",dc=example,dc=com");
        seen.insert(id);
        hashes.insert(std::hash<EntryId>{}(id));
    }
    CHECK(seen.size() == 10'000);
    CHECK(hashes.size() == 10'000);
    CHECK_FALSE(seen.contains(EntryId()));
}
