#include "spool/errc.hpp"

#include <boost/assert/source_location.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace splitmx::spool {

std::string_view message(Errc code) noexcept {
    switch (code) {
        case Errc::no_space:
            return "the spool has no room for more mail";
        case Errc::io:
            return "the spool cannot be read or written";
        case Errc::damaged:
            return "the message is damaged on the disk";
        case Errc::not_found:
            return "there is no such message in the spool";
        case Errc::exists:
            return "a message with this id is in the spool already";
        case Errc::wrong_version:
            return "the spool was written by another version or program";
        case Errc::locked:
            return "another process has this spool open";
        case Errc::stopped:
            return "the program is ending";
    }
    return "unknown error";
}

Error system_error(std::string_view action, std::string_view path, int number) {
    auto code = Errc::io;
    if (number == ENOSPC || number == EDQUOT) code = Errc::no_space;
    if (number == ENOENT) code = Errc::not_found;
    auto const reason = std::error_code(number, std::generic_category()).message();
    return {code, fmt::format("cannot {} {}: {}", action, path, reason)};
}

void throw_exception_from_error(Error const& error, boost::source_location const&) {
    throw std::logic_error("value() of a failed result: " + error.what);
}

}  // namespace splitmx::spool
