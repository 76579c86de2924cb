// What kind of place a command prints to, and the one question that it may ask.
// $NO_COLOR (not empty) and a dumb terminal want no colours. Threads: any. Source: no-color.org.
#pragma once

#include "admin/streams.hpp"

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace splitmx::admin {

// Columns of the terminal behind this stream; 0: it is none. $COLUMNS goes before that, in a pipe too.
std::size_t terminal_width(std::ostream const& output);

bool is_terminal(std::ostream const& output);
bool is_input_terminal(Streams const& streams);

// Colours, where they may be: on a terminal that wants them, or wherever it was asked for.
enum class Colour { automatic, always, never };

class Paint {
public:
    Paint(Colour colour, std::ostream const& output);

    bool is_on() const { return on_; }

    std::string red(std::string_view text) const { return in("31", text); }
    std::string yellow(std::string_view text) const { return in("33", text); }
    std::string green(std::string_view text) const { return in("32", text); }
    std::string faint(std::string_view text) const { return in("2", text); }

private:
    std::string in(std::string_view code, std::string_view text) const;

    bool on_;
};

// "question [y/N] " on standard error. No answer is a no.
bool is_confirmed(std::string const& question, Streams const& streams);

}  // namespace splitmx::admin
