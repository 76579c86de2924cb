#include "admin/terminal.hpp"

#include <fmt/format.h>
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

bool wants_colours(std::ostream const& output) {
    char const* const no = std::getenv("NO_COLOR");
    if (no != nullptr && *no != '\0') return false;
    char const* const terminal = std::getenv("TERM");
    bool const dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return !dumb && is_terminal(output);
}

}  // namespace

bool is_terminal(std::ostream const& output) {
    if (output.rdbuf() == std::cout.rdbuf()) return ::isatty(STDOUT_FILENO) != 0;
    return output.rdbuf() == std::cerr.rdbuf() && ::isatty(STDERR_FILENO) != 0;
}

bool is_input_terminal(Streams const& streams) {
    return streams.input.rdbuf() == std::cin.rdbuf() && ::isatty(STDIN_FILENO) != 0;
}

Paint::Paint(Colour colour, std::ostream const& output)
    : on_(colour == Colour::always || (colour == Colour::automatic && wants_colours(output))) {}

std::string Paint::in(std::string_view code, std::string_view text) const {
    if (!on_ || text.empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::size_t terminal_width(std::ostream const& output) {
    if (output.rdbuf() != std::cout.rdbuf()) return 0;
    // Whoever exports it means it, also for a pager or a file.
    if (auto const width = width_from_environment()) return width;
    if (!is_terminal(output)) return 0;
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
