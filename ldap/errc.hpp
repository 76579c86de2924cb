// What can go wrong between a question to a directory and its entries, and Result<T> for this room.
//
// This room speaks LDAP (RFC 4511) and LDIF (RFC 2849) and knows nothing about mail. Its flat files
// are values and parsers: no I/O but for reading an LDIF file, no threads, no clock. An Errc is the
// cause in one word, for deciding; Error::what is one line for the administrator, with the host, DN
// or line it is about. `is_transient` tells whether the same question may well be answered later
// without anybody changing anything. None of these means "there is no such entry": that is an empty
// list of entries, never an error.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace splitmx::ldap {

enum class Errc {
    // Found before anything is sent.
    syntax = 1,       // not a DN, filter or LDIF; Error::at says where
    duplicate_entry,  // LDIF: two entries with the same DN
    unsupported,      // well-formed, but not taken here (LDIF change records, included files)
    file,             // the LDIF file cannot be read
    // The way to the server.
    unreachable,  // no connection, or it broke; retry helps
    timeout,      // no answer in time; retry helps
    busy,         // the server or our own queue is full (RFC 4511 A.2: 51, 52); retry helps
    stopped,      // this program is ending; retry helps, after the restart
    tls,          // handshake or certificate failed, or StartTLS refused
    // The server's answer (RFC 4511 A.1).
    refused_credentials,     // 48, 49: wrong name or password, or an empty password
    stronger_auth_required,  // 7, 8, 13: the server wants TLS or another mechanism
    insufficient_rights,     // 50
    size_limit,              // 4: there are more entries than asked for or than the server gives
    time_limit,              // 3: the server gave up; retry helps
    admin_limit,             // 11: unindexed search or too much work for this account
    referral,                // 10: the base lives on another server; never followed
    no_such_base,            // 32
    unwilling,               // 53
    server_failure,          // 1, 80 and others: the server broke; retry helps
    protocol,  // an answer that makes no sense, or a request the server rejects as such
};

// What it means, as a sentence without a full stop, for an administrator.
[[nodiscard]] std::string_view message(Errc code) noexcept;

// The meaning of a result code of RFC 4511 4.1.9 other than success (0).
[[nodiscard]] Errc from_result_code(int result_code) noexcept;

[[nodiscard]] bool is_transient(Errc code) noexcept;

struct Error {
    Error() = default;
    Error(Errc cause, std::string reason, std::size_t position = 0)
        : code(cause), what(std::move(reason)), at(position) {}

    Errc code = Errc::server_failure;
    std::string what;  // one line, without a final full stop
    std::size_t at =
        0;  // octets from the start of a DN or filter; the line of an LDIF file, from 1
};

template <class T>
using Result = boost::system::result<T, Error>;

// Called by Result::value() on an error: asking for a value that is not there is a programming
// error.
[[noreturn]] void throw_exception_from_error(
    Error const& error, boost::source_location const& location
);

}  // namespace splitmx::ldap
