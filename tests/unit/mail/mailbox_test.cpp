#include "mail/mailbox.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::mail;

TEST_CASE("mailbox: forms and their parts") {
    struct Row {
        std::string text;
        std::string local_part;  // unquoted
        std::string domain;
        std::string wire;
    };
    auto const row = GENERATE(
        Row{"a@b.example", "a", "b.example", "a@b.example"},
        Row{"A.B@B.Example.", "A.B", "b.example", "A.B@b.example"},
        Row{"\"a.b\"@b.example", "a.b", "b.example", "a.b@b.example"},
        Row{"\"a b\"@b.example", "a b", "b.example", "\"a b\"@b.example"},
        Row{"\"a@c\"@b.example", "a@c", "b.example", "\"a@c\"@b.example"},
        Row{"\"a\\\"b\"@b.example", "a\"b", "b.example", "\"a\\\"b\"@b.example"},
        Row{"\"a\\\\\"@b.example", "a\\", "b.example", "\"a\\\\\"@b.example"},
        Row{"\"\\a\"@b.example", "a", "b.example", "a@b.example"},
        Row{"\"a..b\"@b.example", "a..b", "b.example", "\"a..b\"@b.example"},
        Row{"\"\"@b.example", "", "b.example", "\"\"@b.example"},
        Row{"!#$%&'*+-/=?^_`{|}~@b.example",
            "!#$%&'*+-/=?^_`{|}~",
            "b.example",
            "!#$%&'*+-/=?^_`{|}~@b.example"},
        Row{"a@[192.0.2.1]", "a", "[192.0.2.1]", "a@[192.0.2.1]"},
        Row{"b\xC3\xBC@b\xC3\xBC.example",
            "b\xC3\xBC",
            "xn--b-eha.example",
            "b\xC3\xBC@xn--b-eha.example"}
    );
    INFO(row.text);
    auto const mailbox = Mailbox::parse(row.text);
    REQUIRE(mailbox.has_value());
    CHECK(mailbox->local_part().value() == row.local_part);
    CHECK(mailbox->domain().text() == row.domain);
    CHECK(mailbox->to_wire() == row.wire);
    CHECK(*Mailbox::parse(mailbox->to_wire()) == *mailbox);
}

TEST_CASE("mailbox: what is none, and where it went wrong") {
    struct Row {
        std::string text;
        std::size_t at;
    };
    auto const row = GENERATE(
        Row{"", 0},
        Row{"a", 1},
        Row{"@b.example", 0},
        Row{"a@", 2},
        Row{"a@b..example", 4},
        Row{"a b@b.example", 0},
        Row{".a@b.example", 0},
        Row{"a.@b.example", 0},
        Row{"a..b@b.example", 0},
        Row{"a@b@c.example", 0},  // the last @ divides, and `a@b` needs quotes (Q198563)
        Row{"\"a@b.example", 12},
        Row{"\"a\"b@c.example", 3},
        Row{"\"a\nb\"@c.example", 2},
        Row{"a\tb@c.example", 0},
        Row{"\xC3@c.example", 0},
        Row{"a(comment)@c.example", 0}
    );
    INFO(row.text);
    auto const mailbox = Mailbox::parse(row.text);
    REQUIRE_FALSE(mailbox.has_value());
    CHECK(mailbox.error().at == row.at);
}

TEST_CASE("mailbox: length of the local part") {
    CHECK(Mailbox::parse(std::string(64, 'a') + "@b").has_value());
    CHECK_FALSE(Mailbox::parse(std::string(65, 'a') + "@b").has_value());
    CHECK(Mailbox::parse_long(std::string(256, 'a') + "@b").has_value());
    CHECK_FALSE(Mailbox::parse_long(std::string(257, 'a') + "@b").has_value());
}

TEST_CASE("mailbox: equality") {
    struct Row {
        std::string one;
        std::string other;
        bool equal;
    };
    auto const row = GENERATE(
        Row{"a@b.example", "A@B.EXAMPLE", true},
        Row{"a.b@c", "\"a.b\"@c", true},
        Row{"a@c", "\"\\A\"@c", true},
        Row{"\xC3\x84@c", "\xC3\xA4@c", true},   // A umlaut in both cases
        Row{"\xC3\xA4@c", "a\xCC\x88@c", true},  // composed and decomposed
        Row{"\xC3\x9F@c", "ss@c", true},         // full case folding
        Row{"a\xCD\xBE@c", "\"a;\"@c", true},    // U+037E composes to what needs quotes
        Row{"a@b\xC3\xBC.example", "a@xn--b-eha.example", true},
        Row{"a@[IPv6:::1]", "a@c", false},
        Row{"a.b@c", "ab@c", false},
        Row{"a@c", "a@c.d", false},
        Row{"\"a@b\"@c", "\"a\"@c", false},
        Row{"\"a b\"@c", "\"a  b\"@c", false},
        Row{"\xC3\xA4@c", "a@c", false}
    );
    INFO(row.one << " and " << row.other);
    auto const one = Mailbox::parse(row.one);
    auto const other = Mailbox::parse(row.other);
    REQUIRE(one.has_value());
    REQUIRE(other.has_value());
    CHECK((*one == *other) == row.equal);
    CHECK((one->key() == other->key()) == row.equal);
}

TEST_CASE("local part: from a directory's octets") {
    CHECK(LocalPart::from_value("a b")->to_wire() == "\"a b\"");
    CHECK(LocalPart::from_value("a@b\"")->to_wire() == "\"a@b\\\"\"");
    CHECK(*LocalPart::from_value("a.b") == *LocalPart::parse("\"A.B\""));
    CHECK_FALSE(LocalPart::from_value("").has_value());
    CHECK_FALSE(LocalPart::from_value("a\r\nb").has_value());
    CHECK_FALSE(LocalPart::from_value("\xff").has_value());
    auto const bad = LocalPart::from_value("ab\x01");
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().at == 2);
}

TEST_CASE("local part: postmaster in any case") {
    CHECK(LocalPart::parse("PostMaster")->is_postmaster());
    CHECK(LocalPart::parse("\"postmaster\"")->is_postmaster());
    CHECK_FALSE(LocalPart::parse("postmaster1")->is_postmaster());
}

TEST_CASE("local part: non-ASCII is told") {
    CHECK(Mailbox::parse("a@b\xC3\xBC.example")->is_ascii());
    CHECK_FALSE(Mailbox::parse("\xC3\xA4@b.example")->is_ascii());
}

TEST_CASE("addresses compare in any case, and text that is none as it stands") {
    CHECK(address_key("Ann@Example.ORG") == address_key("ann@example.org"));
    CHECK(address_key("ann@example.org") != address_key("anna@example.org"));
    CHECK(address_key("Ann") == "Ann");
}

TEST_CASE("log text: nothing in it ends a line or hides") {
    struct Row {
        std::string text;
        std::string shown;
    };
    auto const row = GENERATE(
        Row{"plain <a@b>", "plain <a@b>"},
        Row{"a\r\nb\tc", "a\\x0D\\x0Ab\\x09c"},
        Row{std::string("a\0b", 3), "a\\x00b"},
        Row{"\x7f\x1b[31m", "\\x7F\\x1B[31m"},
        Row{"\xC3\xA4", "\xC3\xA4"},
        Row{"\xC2\x85", "\\xC2\\x85"},           // NEL ends a line for some readers
        Row{"\xE2\x80\xA8", "\\xE2\\x80\\xA8"},  // LINE SEPARATOR
        Row{"\xE2\x80\xAE", "\\xE2\\x80\\xAE"},  // RIGHT-TO-LEFT OVERRIDE
        Row{"\xff\xC3", "\\xFF\\xC3"}
    );
    CHECK(to_log_text(row.text) == row.shown);
}
