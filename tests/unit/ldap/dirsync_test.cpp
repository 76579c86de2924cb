#include "ldap/dirsync.hpp"

#include "ldap/ber.hpp"
#include "ldap/ldif.hpp"
#include "support/sync_octets.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace splitmx::ldap;
using namespace splitmx::test;
using namespace std::string_literals;

namespace {

std::string answer(int more, std::string const& place) {
    return ber::element(
        ber::sequence,
        ber::number(ber::integer, more) + ber::number(ber::integer, 0) + octet_string(place)
    );
}

Entry object(std::string const& dn, std::string const& attributes, char id = 'a') {
    auto entry = parse_ldif("dn: " + dn + "\n" + attributes).value().front();
    if (id != 0) entry.add("objectGUID", std::string(EntryId::size, id));
    return entry;
}

}  // namespace

TEST_CASE("dirsync: the request") {
    CHECK(
        dirsync::encode_request("ab") ==
        "\x30\x0d\x02\x01\x01\x02\x04\x7f\xff\xff\xff\x04\x02"s + "ab"
    );
    CHECK(dirsync::encode_request("").ends_with("\x04\x00"s));
}

TEST_CASE("dirsync: the answer") {
    auto const more = dirsync::parse_answer(answer(1, "place"));
    REQUIRE(more.has_value());
    CHECK(more->more);
    CHECK(more->place == "place");
    CHECK_FALSE(dirsync::parse_answer(answer(0, "place"))->more);
    auto const whole = answer(0, "place");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK(dirsync::parse_answer(whole.substr(0, size)).error().code == Errc::protocol);
    }
    CHECK(dirsync::parse_answer(whole + "x").has_error());
    CHECK(dirsync::parse_answer(answer(0, "")).has_error());
}

TEST_CASE("dirsync: a cookie says whose it is") {
    dirsync::Stand const stand{"CN=NTDS Settings,CN=DC1", 4711, "a\nb\0c"s};
    auto const back = dirsync::to_stand(dirsync::to_cookie(stand));
    REQUIRE(back.has_value());
    CHECK(back->server == stand.server);
    CHECK(back->usn == stand.usn);
    CHECK(back->place == stand.place);
    for (auto const& octets :
         {"rid=000,csn=20261126122701.999220Z#000000#000#000000"s,
          "localhost:389#cn=a:dc=x:(cn=*)#1"s,
          "dirsync 1\n"s,
          "dirsync 1\nserver\n"s,
          "dirsync 1\nserver\n12x\nplace"s,
          "dirsync 1\nserver\n-1\nplace"s,
          "dirsync 1\nserver\n12\n"s,
          "dirsync 2\nserver\n12\nplace"s}) {
        CAPTURE(octets);
        CHECK_FALSE(dirsync::to_stand(sync::Cookie{octets}).has_value());
    }
}

TEST_CASE("dirsync: what a delta means") {
    struct Row {
        std::string name;
        Entry object;
        std::string meaning;
    };
    std::vector<Row> const rows = {
        {"an attribute has changed", object("CN=a,DC=x", "mail: new@x.example\n"), "changed"},
        {"an attribute is gone", object("CN=a,DC=x", ""), "changed"},
        {"a new object", object("CN=a,DC=x", "objectClass: user\nname: a\nmail: a@x\n"), "changed"},
        {"another name or place", object("CN=b,DC=x", "name: b\n"), "renamed"},
        {"deleted",
         object("CN=a\\0ADEL:1,CN=Deleted Objects,DC=x", "isDeleted: TRUE\nname: a\n"),
         "removed"},
        {"restored", object("CN=a,DC=x", "isDeleted: FALSE\nname: a\n"), "renamed"},
        {"of no id", object("CN=a,DC=x", "name: a\n", 0), "nothing"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        dirsync::Delta delta;
        delta.see(row.object);
        std::string meaning = "nothing";
        if (!delta.removed.empty()) meaning = "removed";
        if (!delta.changed.empty()) meaning = delta.changed[0].renamed ? "renamed" : "changed";
        CHECK(meaning == row.meaning);
        CHECK(delta.removed.size() + delta.changed.size() == (meaning == "nothing" ? 0 : 1));
    }
}

TEST_CASE("dirsync: questions") {
    auto const among = Filter::equal("objectClass", "user");
    std::vector<dirsync::Touched> const objects{{id_of('a'), {}, false}, {id_of('b'), {}, false}};
    CHECK(
        dirsync::these(objects, among).text() ==
        "(&(|(objectGUID=aaaaaaaaaaaaaaaa)(objectGUID=bbbbbbbbbbbbbbbb))(objectClass=user))"
    );
    std::vector<Dn> const names{Dn::parse("CN=a (b),DC=x").value()};
    CHECK(
        dirsync::holders(names, {"member", "altRecipient"}, among).text() ==
        "(&(|(member=CN=a \\28b\\29,DC=x)(altRecipient=CN=a \\28b\\29,DC=x))(objectClass=user))"
    );
    CHECK(dirsync::nobody().text() == "(!(objectClass=*))");
}
