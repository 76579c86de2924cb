#include "ldap/entry.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using splitmx::ldap::Dn;
using splitmx::ldap::Entry;

namespace {

std::vector<std::string> list(std::span<std::string const> values) {
    return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("entry: names have no case, values keep theirs") {
    Entry entry(Dn::parse("cn=x").value());
    entry.add("Mail", std::string("A@x"));
    entry.add("mail", std::string("b@x"));
    CHECK(entry.dn().text() == "cn=x");
    CHECK(list(entry.values("MAIL")) == std::vector<std::string>{"A@x", "b@x"});
    CHECK(entry.first("mail") == "A@x");
    CHECK(entry.attributes().size() == 1);
    CHECK(entry.attributes().front().name == "Mail");
    CHECK(entry.has("mail"));
    CHECK(entry.has_value_no_case("mail", "B@X"));
    CHECK_FALSE(entry.has_value_no_case("mail", "b@x.example"));
    CHECK_FALSE(entry.has_value_no_case("uid", "b@x"));
}

TEST_CASE("entry: what is not there") {
    Entry entry;
    entry.add("empty", std::vector<std::string>{});
    CHECK(entry.values("mail").empty());
    CHECK_FALSE(entry.first("mail"));
    CHECK_FALSE(entry.has("mail"));
    CHECK_FALSE(entry.has("empty"));
    CHECK(entry.attributes().size() == 1);
    CHECK_FALSE(entry.is_partial("mail"));
}

TEST_CASE("entry: options keep attributes apart") {
    Entry entry;
    entry.add("cn;lang-de", std::string("Jugend"));
    entry.add("cn", std::string("youth"));
    CHECK(list(entry.values("cn")) == std::vector<std::string>{"youth"});
    CHECK(list(entry.values("CN;LANG-DE")) == std::vector<std::string>{"Jugend"});
}

TEST_CASE("entry: transfer options are no part of the name") {
    Entry entry;
    entry.add("userCertificate;binary", std::string("\x30"));
    entry.add("cn;binary;lang-de", std::string("x"));
    CHECK(entry.first("userCertificate") == "\x30");
    CHECK(entry.first("cn;lang-de") == "x");
}

TEST_CASE("entry: Active Directory's ranges") {
    Entry entry;
    entry.add("member", std::vector<std::string>{});
    entry.add("member;range=0-1", std::vector<std::string>{"a", "b"});
    CHECK(entry.is_partial("member"));
    CHECK(entry.values("member").size() == 2);
    entry.add("member;range=2-*", std::vector<std::string>{"c"});
    CHECK_FALSE(entry.is_partial("member"));
    CHECK(list(entry.values("member")) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("entry: keeps what is asked for") {
    Entry entry;
    entry.add("mail", "a@b");
    entry.add("objectClass", "person");
    entry.add("cn;lang-de", "Anna");
    entry.keep_only({});
    CHECK(entry.attributes().size() == 3);
    entry.keep_only({"MAIL", "cn;lang-de", "sn"});
    CHECK(entry.has("mail"));
    CHECK(entry.has("cn;lang-de"));
    CHECK_FALSE(entry.has("objectClass"));
    entry.keep_only({"sn"});
    CHECK(entry.attributes().empty());
}
