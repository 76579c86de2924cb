#include "ldap/filter.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

using splitmx::ldap::Errc;
using splitmx::ldap::Filter;
using splitmx::ldap::is_attribute_description;

TEST_CASE("filter: values are escaped") {
    struct Row {
        std::string name, value, text;
    };
    auto const row = GENERATE(
        Row{"plain", "max@example.com", "(mail=max@example.com)"},
        Row{"star", "*", "(mail=\\2a)"},
        Row{"brackets", "x)(uid=*", "(mail=x\\29\\28uid=\\2a)"},
        Row{"backslash", "a\\2ab", "(mail=a\\5c2ab)"},
        Row{"NUL", std::string("a\0b", 3), "(mail=a\\00b)"},
        Row{"empty", "", "(mail=)"},
        Row{"UTF-8 as it is", "\xc3\xbc", "(mail=\xc3\xbc)"},
        Row{"operators need no escape", "a&b|c!d=e~<>", "(mail=a&b|c!d=e~<>)"}
    );
    CAPTURE(row.name);
    auto const filter = Filter::equal("mail", row.value);
    CHECK(filter.text() == row.text);
    CHECK(Filter::raw(filter.text()).has_value());
}

TEST_CASE("filter: put together") {
    auto const a = Filter::equal("a", "1");
    auto const b = Filter::present("b");
    CHECK(Filter().text() == "(objectClass=*)");
    CHECK(Filter::any_of({a, b}).text() == "(|(a=1)(b=*))");
    CHECK(Filter::all_of({a, Filter::none_of(b)}).text() == "(&(a=1)(!(b=*)))");
    CHECK(Filter::any_of({a}) == a);
    CHECK(Filter::any_of({}).text() == "(|)");
    CHECK(Filter::all_of({}).text() == "(&)");
}

TEST_CASE("filter: an attribute's name is no place for syntax") {
    CHECK_THROWS_AS(Filter::equal("a)(b", "x"), std::invalid_argument);
    CHECK_THROWS_AS(Filter::present(""), std::invalid_argument);
}

TEST_CASE("filter: attribute descriptions") {
    struct Row {
        std::string text;
        bool good;
    };
    auto const row = GENERATE(
        Row{"mail", true},
        Row{"Target-Address", true},
        Row{"2.5.4.3", true},
        Row{"cn;lang-de", true},
        Row{"member;range=0-*", true},
        Row{"1.1", true},
        Row{"", false},
        Row{"5", false},
        Row{"1..2", false},
        Row{"1.2.", false},
        Row{"-a", false},
        Row{"a b", false},
        Row{"a=b", false},
        Row{"cn;", false},
        Row{"cn;;x", false},
        Row{"cn;l)", false}
    );
    CAPTURE(row.text);
    CHECK(is_attribute_description(row.text) == row.good);
}

TEST_CASE("filter: an administrator's text") {
    auto const good = GENERATE(
        as<std::string>(),
        "(mail=*)",
        "(&(objectClass=person)(|(mail=a*b)(mail=*c))(!(x=y)))",
        "(&)",
        "(userAccountControl:1.2.840.113556.1.4.803:=2)",
        "(cn:caseExactMatch:=x)",
        "(ou:dn:=x)",
        "(ou:dn:2.4.6.8:=x)",
        "(:dn:2.4.6.8:=x)",
        "(:caseIgnoreMatch:=x)",
        "(o:=x)",
        "(a>=1)",
        "(a<=1)",
        "(a~=1)",
        "(cn=a\\2a\\FFb)",
        "(cn=)"
    );
    CAPTURE(good);
    auto const filter = Filter::raw(good);
    REQUIRE(filter.has_value());
    CHECK(filter->text() == good);
}

TEST_CASE("filter: outer brackets may be missing") {
    CHECK(Filter::raw("mail=*").value().text() == "(mail=*)");
    CHECK(Filter::raw("&(a=1)(b=2)").value().text() == "(&(a=1)(b=2))");
}

TEST_CASE("filter: broken text, and where") {
    struct Row {
        std::string name, text;
        std::size_t at;
    };
    auto const row = GENERATE(
        Row{"empty", "", 0},
        Row{"bracket open", "(mail=x", 7},
        Row{"bracket too many", "(mail=x))", 8},
        Row{"two filters", "(a=1)(b=2)", 5},
        Row{"no equals", "(mail)", 1},
        Row{"no name", "(=x)", 1},
        Row{"bad name", "(a b=x)", 1},
        Row{"bracket in value", "(a=b(c)", 4},
        Row{"NUL in value", std::string("(a=b\0)", 6), 4},
        Row{"short escape", "(a=\\2)", 3},
        Row{"no hex", "(a=\\zz)", 3},
        Row{"item in list without brackets", "(&a=1)", 2},
        Row{"not of two", "(!(a=1)(b=2))", 7},
        Row{"not of none", "(!)", 2},
        Row{"blank before an inner filter", "(& (a=1))", 2},
        Row{"bad rule", "(a:x y:=1)", 1},
        Row{"only a colon", "(:=1)", 1},
        Row{"dn without rule or name", "(:dn:=1)", 1},
        Row{"bare text, position in what was given", "mail=x)", 7}
    );
    CAPTURE(row.name);
    auto const filter = Filter::raw(row.text);
    REQUIRE_FALSE(filter.has_value());
    CHECK(filter.error().code == Errc::syntax);
    CHECK(filter.error().at == row.at);
}

TEST_CASE("filter: bounds against hostile input") {
    auto const nested = [](std::size_t depth) {
        std::string text = "(a=1)";
        for (std::size_t i = 1; i < depth; ++i) text = "(!" + text + ")";
        return text;
    };
    CHECK(Filter::raw(nested(Filter::max_depth)).has_value());
    CHECK_FALSE(Filter::raw(nested(Filter::max_depth + 1)).has_value());
    CHECK_FALSE(Filter::raw(std::string(Filter::max_length + 1, '(')).has_value());
    CHECK_FALSE(Filter::raw(std::string(Filter::max_length, '(')).has_value());
}

TEST_CASE("filter: an administrator's, with a value put in") {
    struct Row {
        std::string text, value, result;
    };
    auto const row = GENERATE(
        Row{"(uid={login})", "anna", "(uid=anna)"},
        Row{"uid={login}", "anna", "(uid=anna)"},
        Row{"(|(uid={login})(mail={login}@x))", "a", "(|(uid=a)(mail=a@x))"},
        Row{"(uid={login})", "*", "(uid=\\2a)"},
        Row{"(uid={login})", "a)(objectClass=*", "(uid=a\\29\\28objectClass=\\2a)"},
        Row{"(uid={login})", "{login}", "(uid={login})"},
        Row{"(uid={login})", "\\2a", "(uid=\\5c2a)"},
        Row{"({login}=a)", "*)(", ""}
    );
    CAPTURE(row.text, row.value);
    auto const filter = Filter::raw_with(row.text, "{login}", row.value);
    CHECK(filter.has_value() == !row.result.empty());
    if (filter) CHECK(filter->text() == row.result);
}
