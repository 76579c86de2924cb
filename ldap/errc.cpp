#include "ldap/errc.hpp"

#include <boost/assert/source_location.hpp>

#include <array>
#include <stdexcept>

namespace splitmx::ldap {

namespace {

struct Row {
    Errc code;
    std::string_view text;
    bool transient;
};

constexpr std::array rows = {
    Row{Errc::syntax, "not well-formed", false},
    Row{Errc::duplicate_entry, "the same DN twice", false},
    Row{Errc::unsupported, "not supported in this place", false},
    Row{Errc::file, "the file cannot be read", false},
    Row{Errc::unreachable, "the directory server cannot be reached", true},
    Row{Errc::timeout, "the directory server did not answer in time", true},
    Row{Errc::busy, "too many searches at once", true},
    Row{Errc::stopped, "the program is ending", true},
    Row{Errc::tls, "no secure connection to the directory server", false},
    Row{Errc::refused_credentials, "the directory server refused name or password", false},
    Row{Errc::stronger_auth_required, "the directory server wants a safer way to log in", false},
    Row{Errc::insufficient_rights, "the account may not search here", false},
    Row{Errc::size_limit, "more entries than the size limit", false},
    Row{Errc::time_limit, "the directory server gave up the search", true},
    Row{Errc::admin_limit, "the search is too expensive for the directory server", false},
    Row{Errc::referral, "the directory server refers to another server", false},
    Row{Errc::no_such_base, "the search base does not exist", false},
    Row{Errc::unwilling, "the directory server is unwilling to perform the search", false},
    Row{Errc::server_failure, "the directory server failed", true},
    Row{Errc::protocol,
        "the directory server and this program do not understand each other",
        false},
};

[[nodiscard]] constexpr Row const* find_row(Errc code) noexcept {
    for (auto const& row : rows) {
        if (row.code == code) return &row;
    }
    return nullptr;
}

}  // namespace

std::string_view message(Errc code) noexcept {
    auto const* row = find_row(code);
    return row != nullptr ? row->text : "unknown error";
}

// The numbers are those of RFC 4511 4.1.9; RFC 4511 A.2 tells what each is for.
Errc from_result_code(int result_code) noexcept {
    switch (result_code) {
        case 3:
            return Errc::time_limit;
        case 4:
            return Errc::size_limit;
        case 7:   // authMethodNotSupported
        case 8:   // strongerAuthRequired
        case 13:  // confidentialityRequired
            return Errc::stronger_auth_required;
        case 10:
            return Errc::referral;
        case 11:
            return Errc::admin_limit;
        case 32:
            return Errc::no_such_base;
        case 48:  // inappropriateAuthentication
        case 49:  // invalidCredentials
            return Errc::refused_credentials;
        case 50:
            return Errc::insufficient_rights;
        case 51:
        case 52:  // unavailable: the server is shutting down or a part of it is off-line
            return Errc::busy;
        case 53:
            return Errc::unwilling;
        case 1:   // operationsError
        case 80:  // other
            return Errc::server_failure;
        default:
            return Errc::protocol;
    }
}

bool is_transient(Errc code) noexcept {
    auto const* row = find_row(code);
    return row != nullptr && row->transient;
}

void throw_exception_from_error(Error const& error, boost::source_location const&) {
    throw std::logic_error("value() of a failed result: " + error.what);
}

}  // namespace splitmx::ldap
