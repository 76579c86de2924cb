#include "admin/hidden_input.hpp"

#include "admin/terminal.hpp"
#include "mail/octets.hpp"

#include <termios.h>
#include <unistd.h>

#include <ostream>

namespace splitmx::admin {

namespace {

// Without echo, and every key at once: Ctrl-C must not end us before the echo is back.
class SilentTerminal {
public:
    SilentTerminal() {
        is_set_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
        silent.c_cc[VMIN] = 1;
        silent.c_cc[VTIME] = 0;
        if (is_set_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~SilentTerminal() {
        if (is_set_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    SilentTerminal(SilentTerminal const&) = delete;
    SilentTerminal& operator=(SilentTerminal const&) = delete;

private:
    termios before_{};
    bool is_set_ = false;
};

void drop_last_character(std::string& line) {
    while (!line.empty()) {
        bool const goes_on = mail::is_continuation(line.back());
        line.pop_back();
        if (!goes_on) return;
    }
}

std::optional<std::string> read_keys(std::string_view prompt, std::ostream& output) {
    constexpr char interrupt = 3;
    constexpr char end = 4;
    constexpr char backspace = 8;
    constexpr char line_kill = 21;
    constexpr char erase = 127;
    SilentTerminal const silent;
    output << prompt << std::flush;  // who answers at once is not seen, either
    std::string line;
    for (char key = 0; ::read(STDIN_FILENO, &key, 1) == 1;) {
        if (key == '\n' || key == '\r') return line;
        if (key == interrupt || (key == end && line.empty())) return std::nullopt;
        if (key == erase || key == backspace) {
            drop_last_character(line);
        } else if (key == line_kill) {
            line.clear();
        } else if (key != end) {
            line += key;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> read_hidden(std::string_view prompt, Streams const& streams) {
    if (is_input_terminal(streams)) return read_keys(prompt, streams.output);
    streams.output << prompt << std::flush;
    std::string line;
    if (!std::getline(streams.input, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace splitmx::admin
