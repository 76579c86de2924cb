// What can go wrong while mail is kept, and Result<T> for this room.
//
// This room KEEPS accepted mail safe. It knows the words of mail/ and nothing of networks, routing
// or protocols. An Errc is the cause in one word, for deciding what to answer: `no_space` is
// 452 4.3.1, everything else that stops a Put is 451 4.3.0. Error::what is one line for the
// administrator, with the path or spool id it is about. Only `no_space` and `stopped` get better by
// themselves.
#pragma once

#include "spool/spool_id.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace splitmx::spool {

enum class Errc {
    no_space = 1,   // the disk or the map is full; deliveries go on and make room
    io,             // a read, write or sync failed; a store takes no more mail until reopened
    damaged,        // a record or body does not match its checksum or its form; never deliver it
    not_found,      // there is no such message
    exists,         // a Put with the id of a message that is there already
    wrong_version,  // written by a newer or by another program
    locked,         // another process has this spool open
    stopped,        // the spool thread has ended
};

// What it means, as a sentence without a full stop, for an administrator.
[[nodiscard]] std::string_view message(Errc code) noexcept;

struct Error {
    Error() = default;
    Error(Errc cause, std::string reason) : code(cause), what(std::move(reason)) {}

    Errc code = Errc::io;
    std::string what;  // one line, without a final full stop
};

// From errno of a failed call: ENOSPC and EDQUOT are no_space, ENOENT is not_found, all else io.
[[nodiscard]] Error system_error(std::string_view action, std::string_view path, int number);

template <class T>
using Result = boost::system::result<T, Error>;

// Called by Result::value() on an error: asking for a value that is not there is a programming
// error.
[[noreturn]] void throw_exception_from_error(
    Error const& error, boost::source_location const& location
);

}  // namespace splitmx::spool
