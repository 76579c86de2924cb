#include "ldap/errc.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

using namespace splitmx::ldap;

TEST_CASE("errc: result codes of RFC 4511") {
    struct Row {
        int number;
        Errc code;
        bool transient;
    };
    auto const row = GENERATE(
        Row{1, Errc::server_failure, true},
        Row{2, Errc::protocol, false},
        Row{3, Errc::time_limit, true},
        Row{4, Errc::size_limit, false},
        Row{7, Errc::stronger_auth_required, false},
        Row{8, Errc::stronger_auth_required, false},
        Row{10, Errc::referral, false},
        Row{11, Errc::admin_limit, false},
        Row{13, Errc::stronger_auth_required, false},
        Row{32, Errc::no_such_base, false},
        Row{48, Errc::refused_credentials, false},
        Row{49, Errc::refused_credentials, false},
        Row{50, Errc::insufficient_rights, false},
        Row{51, Errc::busy, true},
        Row{52, Errc::busy, true},
        Row{53, Errc::unwilling, false},
        Row{80, Errc::server_failure, true},
        Row{4711, Errc::protocol, false}
    );
    CAPTURE(row.number);
    CHECK(from_result_code(row.number) == row.code);
    CHECK(is_transient(row.code) == row.transient);
}

TEST_CASE("errc: each has its sentence") {
    for (auto code = 1; code <= static_cast<int>(Errc::protocol); ++code) {
        CAPTURE(code);
        CHECK(message(static_cast<Errc>(code)) != "unknown error");
    }
    CHECK(message(static_cast<Errc>(9999)) == "unknown error");
    CHECK_FALSE(is_transient(static_cast<Errc>(9999)));
}

TEST_CASE("errc: the value of a failed result is a programming error") {
    Result<int> const failed = Error(Errc::timeout, "x");
    CHECK_THROWS_AS(failed.value(), std::logic_error);
}
