#include "ldap/dn.hpp"

#include <catch2/catch.hpp>

#include <string>

using splitmx::ldap::Dn;
using splitmx::ldap::Errc;

namespace {

Dn dn(std::string_view text) { return Dn::parse(text).value(); }

}  // namespace

TEST_CASE("DN: key for comparing") {
    struct Row {
        std::string name, text, key;
    };
    auto const row = GENERATE(
        Row{"root", "", ""},
        Row{"only blanks", "  ", ""},
        Row{"lower case", "CN=Max,DC=Example,DC=COM", "cn=max,dc=example,dc=com"},
        Row{"blanks at separators", " cn = Max , dc = example ", "cn=max,dc=example"},
        Row{"blanks in value", "cn=Max   Muster", "cn=max muster"},
        Row{"escaped blanks at the ends", "cn=\\ Max\\ ,dc=x", "cn=max,dc=x"},
        Row{"hex blanks", "cn=Max\\20\\20M", "cn=max m"},
        Row{"escaped comma", "cn=Muster\\, Max,dc=x", "cn=muster\\2c max,dc=x"},
        Row{"hex comma", "cn=Muster\\2C Max,dc=x", "cn=muster\\2c max,dc=x"},
        Row{"escaped specials",
            "cn=a\\+b\\=c\\\"\\<\\>\\;\\\\\\#",
            "cn=a\\2bb\\3dc\\22\\3c\\3e\\3b\\5c\\23"},
        Row{"plain equals in value", "cn=a=b", "cn=a\\3db"},
        Row{"leading number sign escaped", "cn=\\#1", "cn=\\231"},
        Row{"needless hex", "cn=\\4d\\61x", "cn=max"},
        Row{"UTF-8 plain", "cn=J\xc3\xbcrgen", "cn=j\xc3\xbcrgen"},
        Row{"UTF-8 hex", "cn=J\\C3\\BCrgen", "cn=j\xc3\xbcrgen"},
        Row{"NUL in hex", "cn=a\\00b", "cn=a\\00b"},
        Row{"newline in hex, as AD's deleted objects", "cn=a\\0ADEL:1", "cn=a\\0adel:1"},
        Row{"multi-valued sorted", "uid=2+CN=1,dc=x", "cn=1+uid=2,dc=x"},
        Row{"hex string", "1.3.6.1=#04024869", "1.3.6.1=#04024869"},
        Row{"hex string case", "1.3.6.1=#04FF", "1.3.6.1=#04ff"},
        Row{"empty value", "cn=,dc=x", "cn=,dc=x"},
        Row{"hyphen in type", "Target-Address=x", "target-address=x"}
    );
    CAPTURE(row.name);
    auto const parsed = Dn::parse(row.text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->key() == row.key);
    CHECK(parsed->text() == row.text);
    CHECK(Dn::parse(row.key).value().key() == row.key);  // a key is its own key
}

TEST_CASE("DN: what is refused, and where") {
    struct Row {
        std::string name, text;
        std::size_t at;
    };
    auto const row = GENERATE(
        Row{"no equals", "cn", 2},
        Row{"no type", "=x", 0},
        Row{"trailing comma", "cn=x,", 5},
        Row{"leading comma", ",cn=x", 0},
        Row{"trailing plus", "cn=x+", 5},
        Row{"double comma", "cn=x,,dc=y", 5},
        Row{"type begins with hyphen", "-cn=x", 0},
        Row{"oid ends with a dot", "1.2.=x", 4},
        Row{"oid with two dots", "1..2=x", 4},
        Row{"backslash at the end", "cn=x\\", 4},
        Row{"half a hex pair", "cn=x\\4", 4},
        Row{"needless escape", "cn=x\\yz", 4},
        Row{"semicolon", "cn=x;dc=y", 4},
        Row{"quotes", "cn=\"x\"", 3},
        Row{"raw NUL", std::string("cn=a\0b", 6), 4},
        Row{"odd hex string", "cn=#041", 7},
        Row{"empty hex string", "cn=#", 4},
        Row{"hex string with more", "cn=#04x", 6}
    );
    CAPTURE(row.name);
    auto const parsed = Dn::parse(row.text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == Errc::syntax);
    CHECK(parsed.error().at == row.at);
}

TEST_CASE("DN: bounds against hostile input") {
    std::string many = "a=b";
    for (std::size_t i = 1; i < Dn::max_rdns; ++i) many += ",a=b";
    CHECK(Dn::parse(many).has_value());
    CHECK_FALSE(Dn::parse(many + ",a=b").has_value());
    std::string const fits = "cn=" + std::string(Dn::max_length - 3, 'x');
    CHECK(Dn::parse(fits).has_value());
    CHECK_FALSE(Dn::parse(fits + "x").has_value());
}

TEST_CASE("DN: parent") {
    auto const deep = dn("cn=Muster\\, Max , ou=A\\2CB ,dc=X");
    CHECK(deep.parent().text() == "ou=A\\2CB ,dc=X");
    CHECK(deep.parent().key() == "ou=a\\2cb,dc=x");
    CHECK(deep.parent() == dn(deep.parent().text()));
    CHECK(deep.parent().parent().text() == "dc=X");
    CHECK(deep.parent().parent().parent().is_root());
    CHECK(Dn().parent().is_root());
}

TEST_CASE("DN: is_within") {
    auto const base = dn("DC=example, DC=com");
    CHECK(dn("dc=example,dc=com").is_within(base));
    CHECK(dn("cn=x,dc=EXAMPLE,dc=com").is_within(base));
    CHECK(dn("cn=x").is_within(Dn()));
    CHECK(Dn().is_within(Dn()));
    CHECK_FALSE(Dn().is_within(base));
    CHECK_FALSE(dn("dc=com").is_within(base));
    CHECK_FALSE(dn("xdc=example,dc=com").is_within(base));
    CHECK_FALSE(dn("cn=a\\,dc=example,dc=com").is_within(base));
}

TEST_CASE("DN: equality is that of keys") {
    CHECK(dn("CN=a b,dc=x") == dn("cn=A  B , DC=X"));
    CHECK(dn("cn=a") != dn("cn=b"));
    CHECK(std::hash<Dn>{}(dn("CN=a")) == std::hash<Dn>{}(dn("cn=A")));
}

TEST_CASE("DN: the name of an entry below another, and back") {
    auto const value = GENERATE(
        std::string("anna"),
        std::string("Kim, K. \"the\" <first>; a+b=c\\d"),
        std::string(" blanks "),
        std::string("#number"),
        std::string("J\xC3\xBCrgen")
    );
    auto const below = dn("ou=people,dc=adatum,dc=com").child("cn", value);
    REQUIRE(below.has_value());
    CHECK(below->parent() == dn("ou=people,dc=adatum,dc=com"));
    CHECK(below->naming().attribute == "cn");
    CHECK(below->naming().value == value);
    CHECK(dn(below->text()).naming().value == value);
}

TEST_CASE("DN: naming reads what others have written") {
    CHECK(dn(" uid = anna , dc=x").naming().attribute == "uid");
    CHECK(dn("uid=anna albers  ,dc=x").naming().value == "anna albers");
    CHECK(dn("cn=a\\2Cb+sn=c,dc=x").naming().value == "a,b");
    CHECK(Dn().child("cn", "x")->text() == "cn=x");
    CHECK_FALSE(Dn().child("no name", "x").has_value());
}
