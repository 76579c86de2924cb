// The result of an operation that can fail for an ordinary reason: a value or an Error.
// Parsers say where in their input they stopped; nothing here throws.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace splitmx::mail {

// Why something failed. `what` is for the administrator: exact, one line, without a final full
// stop.
struct Error {
    Error() = default;
    // Two arguments always: with one, a Result<std::string> could not tell a value from an error.
    Error(std::string reason, std::size_t position) : what(std::move(reason)), at(position) {}

    std::string what;
    std::size_t at = 0;  // octets from the start of the input, for parsers; else 0
};

template <class T>
using Result = boost::system::result<T, Error>;

// Called by Result::value() on an error: asking for a value that is not there is a programming
// error.
[[noreturn]] inline void
throw_exception_from_error(Error const& error, boost::source_location const&) {
    throw std::logic_error("value() of a failed result: " + error.what);
}

}  // namespace splitmx::mail
