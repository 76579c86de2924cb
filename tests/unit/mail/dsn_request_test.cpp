#include "mail/dsn_request.hpp"

#include "mail/xtext.hpp"

#include <catch2/catch.hpp>

using namespace splitmx::mail;

TEST_CASE("xtext: what is no xchar stands as +XX") {
    CHECK(to_xtext("a+b=c d\xC3\xA9") == "a+2Bb+3Dc+20d+C3+A9");
    CHECK(from_xtext("a+2Bb+3Dc+20d") == "a+b=c d");
    CHECK(from_xtext("") == "");
    for (auto const* bad : {"a+", "a+2", "a+2b", "a+XY", "a=b", "a b", "caf\xC3\xA9"}) {
        INFO(bad);
        CHECK_FALSE(from_xtext(bad).has_value());
    }
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    CHECK(from_xtext(to_xtext(all)) == all);
}

TEST_CASE("utf-8 addresses: characters stand as \\x{XX}, or as they are") {
    CHECK(to_utf8_addr_xtext("j\xC3\xB6rg+x@b\xC3\xBC.example") ==
          "j\\x{F6}rg\\x{2B}x@b\\x{FC}.example");
    CHECK(from_utf8_addr("j\\x{F6}rg\\x{2B}x@b.example") == "j\xC3\xB6rg+x@b.example");
    CHECK(from_utf8_addr("j\xC3\xB6rg@b.example") == "j\xC3\xB6rg@b.example");
    CHECK(from_utf8_addr("\\x{1F600}@b") == "\xF0\x9F\x98\x80@b");
    for (auto const* bad : {"a+2B", "\\x{}", "\\x{F}", "\\x{D800}", "\\x{110000}", "\\x{F6", "\\n",
                            "\xC3", "a b", "\\x{f6}"}) {
        INFO(bad);
        CHECK_FALSE(from_utf8_addr(bad).has_value());
    }
}

TEST_CASE("NOTIFY: what is wanted") {
    Notify const unsaid;
    CHECK(unsaid.to_wire().empty());
    CHECK(unsaid.wants_failure());
    CHECK(unsaid.wants_delay());
    CHECK_FALSE(unsaid.wants_success());
    struct Row {
        char const* value;
        char const* wire;
        bool success, failure, delay;
    };
    for (auto const& row : {Row{"NEVER", "NEVER", false, false, false},
                            Row{"never", "NEVER", false, false, false},
                            Row{"SUCCESS", "SUCCESS", true, false, false},
                            Row{"Failure", "FAILURE", false, true, false},
                            Row{"DELAY,SUCCESS", "SUCCESS,DELAY", true, false, true},
                            Row{"SUCCESS,FAILURE,DELAY", "SUCCESS,FAILURE,DELAY", true, true, true},
                            Row{"FAILURE,FAILURE", "FAILURE", false, true, false}}) {
        INFO(row.value);
        auto const notify = Notify::parse(row.value);
        REQUIRE(notify);
        CHECK(notify->to_wire() == row.wire);
        CHECK(notify->wants_success() == row.success);
        CHECK(notify->wants_failure() == row.failure);
        CHECK(notify->wants_delay() == row.delay);
    }
    for (auto const* bad : {"", "NEVER,SUCCESS", "SUCCESS,NEVER", "SUCCESS,", ",SUCCESS", "ALWAYS",
                            "SUCCESS FAILURE"}) {
        INFO(bad);
        CHECK_FALSE(Notify::parse(bad).has_value());
    }
}

TEST_CASE("NOTIFY: without success") {
    CHECK(Notify::parse("SUCCESS")->without_success().to_wire() == "NEVER");
    CHECK(Notify::parse("SUCCESS,DELAY")->without_success().to_wire() == "DELAY");
    CHECK(Notify().without_success().to_wire().empty());
}

TEST_CASE("RET and ENVID") {
    CHECK(parse_return("full") == ReturnContent::full);
    CHECK(parse_return("HDRS") == ReturnContent::headers);
    CHECK_FALSE(parse_return("BODY").has_value());
    CHECK(to_wire(ReturnContent::unsaid).empty());
    CHECK(is_envelope_id("QQ314159"));
    CHECK(is_envelope_id("a+20b"));
    CHECK(is_envelope_id(std::string(100, 'x')));
    CHECK_FALSE(is_envelope_id(std::string(101, 'x')));
    CHECK_FALSE(is_envelope_id(""));
    CHECK_FALSE(is_envelope_id("a+0D+0AX"));
    CHECK_FALSE(is_envelope_id("a+C3+A9"));
}

TEST_CASE("ORCPT: type and address") {
    auto const plain = parse_original_recipient("Rfc822;Bob+2Bx@Example.com");
    REQUIRE(plain);
    CHECK(plain->type == "Rfc822");
    CHECK(plain->address == "Bob+x@Example.com");
    auto const wide = parse_original_recipient("utf-8;j\\x{F6}rg@b.example");
    REQUIRE(wide);
    CHECK(wide->address == "j\xC3\xB6rg@b.example");
    CHECK_FALSE(parse_original_recipient("x400;/C=de/").has_value());  // "=" is no xchar
    for (auto const* bad : {"", "rfc822", "rfc822;", ";bob@b", "rfc822;bob@b+0D",
                            "rfc822;j\xC3\xB6rg@b", "utf-8;j+C3@b", "utf-8;\xC3"}) {
        INFO(bad);
        CHECK_FALSE(parse_original_recipient(bad).has_value());
    }
    CHECK_FALSE(parse_original_recipient("rfc822;" + std::string(494, 'x')).has_value());
    CHECK(original_recipient_of("a+b@c") == "rfc822;a+2Bb@c");
    CHECK(original_recipient_of("j\xC3\xB6rg@c") == "utf-8;j\\x{F6}rg@c");
    // None rather than one for which a host refuses the recipient.
    CHECK(original_recipient_of("bob@\texample.com").empty());
    CHECK(original_recipient_of(std::string(200, '=') + "@example.com").empty());
}
