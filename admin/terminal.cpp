#include "admin/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace splitmx::admin {

namespace {

constexpr std::size_t usual_width = 80;

std::size_t width_from_environment() {
    char const* const text = std::getenv("COLUMNS");
    if (text == nullptr) return 0;
    std::string_view const digits(text);
    std::size_t width = 0;
    auto const end = digits.data() + digits.size();
    auto const [stop, failure] = std::from_chars(digits.data(), end, width);
    return failure == std::errc() && stop == end ? width : 0;
}

}  // namespace

std::size_t terminal_width(std::ostream const& output) {
    if (output.rdbuf() != std::cout.rdbuf() || ::isatty(STDOUT_FILENO) == 0) return 0;
    if (auto const width = width_from_environment()) return width;
    winsize size{};
    bool const known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : usual_width;
}

bool is_confirmed(std::string const& question, Streams const& streams) {
    streams.error << question << " [y/N] " << std::flush;
    std::string line;
    return std::getline(streams.input, line) && (line == "y" || line == "Y" || line == "yes");
}

}  // namespace splitmx::admin
