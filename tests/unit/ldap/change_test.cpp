#include "ldap/change.hpp"

#include "ldap/ldif.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace {

using namespace splitmx::ldap;
using Operation = Modification::Operation;

Entry entry(std::string const& text) { return parse_ldif(text).value().front(); }

Entry const anna =
    entry("dn: uid=anna,o=adatum\nobjectClass: person\nmail: a@adatum.com\nmail: b@adatum.com\n");

ModifyEntry modify(std::vector<Modification> modifications) {
    return {anna.dn(), std::move(modifications)};
}

}  // namespace

TEST_CASE("a change is printed as a change record", "[ldap]") {
    auto const change = modify(
        {{Operation::remove, "mail", {"a@adatum.com"}},
         {Operation::replace, "cn", {"Anna", "J\xC3\xBCrgen"}},
         {Operation::remove, "sn", {}}}
    );
    CHECK(
        to_ldif(change, "why\nand how") ==
        "# why\n# and how\ndn: uid=anna,o=adatum\nchangetype: modify\ndelete: mail\n"
        "mail: a@adatum.com\n-\nreplace: cn\ncn: Anna\ncn:: SsO8cmdlbg==\n-\ndelete: sn\n-\n\n"
    );
    CHECK(
        to_ldif(AddEntry{anna}) ==
        "dn: uid=anna,o=adatum\nchangetype: add\nobjectClass: person\nmail: a@adatum.com\n"
        "mail: b@adatum.com\n\n"
    );
    CHECK(to_ldif(DeleteEntry{anna.dn()}) == "dn: uid=anna,o=adatum\nchangetype: delete\n\n");
    CHECK(to_comment("a\n\nb") == "# a\n#\n# b\n");
}

TEST_CASE("the type of an added entry stands behind its DN, however long that is", "[ldap]") {
    auto const dn = Dn::parse("cn=" + std::string(200, 'x') + ",o=adatum").value();
    Entry long_name(dn);
    long_name.add("objectClass", std::string("person"));
    auto const read = parse_changes(to_ldif(AddEntry{long_name}));
    REQUIRE(read.has_value());
    REQUIRE(read->size() == 1);
    auto const* added = std::get_if<AddEntry>(&read->front());
    REQUIRE(added != nullptr);
    CHECK(added->entry.dn() == dn);
    CHECK(added->entry.attributes().size() == 1);
}

TEST_CASE("a modify makes the entry that it says", "[ldap]") {
    auto const changed = apply(
        modify(
            {{Operation::remove, "mail", {"A@adatum.com"}},
             {Operation::add, "mail", {"c@adatum.com"}},
             {Operation::replace, "sn", {"Albers"}},
             {Operation::remove, "objectClass", {}}}
        ),
        anna
    );
    REQUIRE(changed.has_value());
    CHECK(
        to_ldif(*changed) ==
        "dn: uid=anna,o=adatum\nmail: b@adatum.com\nmail: c@adatum.com\n"
        "sn: Albers\n\n"
    );
}

TEST_CASE("a modify that a server would refuse is refused", "[ldap]") {
    auto const row = GENERATE(
        Modification{Operation::remove, "mail", {"gone@adatum.com"}},
        Modification{Operation::remove, "cn", {"Anna"}},
        Modification{Operation::add, "mail", {"A@adatum.com"}}
    );
    CHECK_FALSE(apply(modify({row}), anna).has_value());
}

TEST_CASE("change records are read back as they were written", "[ldap]") {
    std::string const text =
        "version: 1\n\n# a comment alone\n\n"
        "dn: uid=a,o=adatum\nchangetype: modify\nadd: mail\nmail: x@adatum.com\nmail: "
        "y@adatum.com\n"
        "-\ndelete: cn\n-\nreplace: sn\nsn: Z\n\n"
        "dn: uid=b,o=adatum\nchangetype: delete\n\n"
        "dn: uid=c,o=adatum\nobjectClass: person\n\n";
    auto const changes = parse_changes(text);
    REQUIRE(changes.has_value());
    REQUIRE(changes->size() == 3);
    auto const& first = std::get<ModifyEntry>(changes->at(0));
    REQUIRE(first.modifications.size() == 3);
    CHECK(first.modifications[0].values.size() == 2);
    CHECK(first.modifications[1].operation == Operation::remove);
    CHECK(first.modifications[2].operation == Operation::replace);
    CHECK(std::holds_alternative<DeleteEntry>(changes->at(1)));
    CHECK(dn_of(changes->at(2)).text() == "uid=c,o=adatum");
    std::string again;
    for (auto const& change : *changes) again += to_ldif(change);
    auto const twice = parse_changes(again);
    REQUIRE(twice.has_value());
    CHECK(twice->size() == 3);
}

TEST_CASE("records that are no changes are refused with their line", "[ldap]") {
    struct Row {
        char const* name;
        std::string text;
        std::size_t line;
    };
    auto const row = GENERATE(
        Row{"a rename", "dn: uid=a\nchangetype: modrdn\nnewrdn: uid=b\n", 3},
        Row{"no DN", "changetype: delete\n", 1},
        Row{"another attribute", "dn: uid=a\nchangetype: modify\nadd: mail\ncn: x\n-\n", 4},
        Row{"no operation", "dn: uid=a\nchangetype: modify\nmail: x\n-\n", 3},
        Row{"values behind a delete", "dn: uid=a\nchangetype: delete\nmail: x\n", 3}
    );
    INFO(row.name);
    auto const changes = parse_changes(row.text);
    REQUIRE_FALSE(changes.has_value());
    CHECK(changes.error().at == row.line);
}

TEST_CASE("a file of entries has no line that is a dash", "[ldap]") {
    CHECK_FALSE(parse_ldif("dn: uid=a\nmail: x\n-\n").has_value());
}
