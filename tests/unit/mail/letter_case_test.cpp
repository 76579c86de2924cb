#include "mail/letter_case.hpp"

#include <catch2/catch.hpp>

namespace splitmx::mail {

TEST_CASE("only letters of US-ASCII change their case") {
    for (int octet = 0; octet < 256; ++octet) {
        auto const c = static_cast<char>(octet);
        bool const is_upper = octet >= 0x41 && octet <= 0x5A;
        CHECK(to_lower(c) == static_cast<char>(is_upper ? octet + 0x20 : octet));
    }
    CHECK(to_lower("Mail.EXAMPLE-1") == "mail.example-1");
    CHECK(to_lower("\xC3\x84[\\]^_`@") == "\xC3\x84[\\]^_`@");
    CHECK(to_lower("").empty());
}

TEST_CASE("texts are equal whatever the case of their letters") {
    CHECK(equal_no_case("RCPT", "rcpt"));
    CHECK(equal_no_case("", ""));
    CHECK_FALSE(equal_no_case("RCPT", "RCP"));
    CHECK_FALSE(equal_no_case("@", "`"));
    CHECK_FALSE(equal_no_case("[", "{"));
    CHECK_FALSE(equal_no_case("\xC3\x84", "\xC3\xA4"));
    CHECK(starts_with_no_case("ipV6:::1", "IPv6:"));
    CHECK(starts_with_no_case("x", ""));
    CHECK_FALSE(starts_with_no_case("IPv", "IPv6:"));
}

}  // namespace splitmx::mail
