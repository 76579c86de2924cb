#include "admin/command_line.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>

namespace {

constexpr int io_error = 74;

// Whoever read it has gone: `splitmx queue list | head`.
bool is_read_by_nobody() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

// A half of what was asked for must not pass for all of it.
int checked_end(int code) {
    errno = 0;
    std::cout.flush();
    auto const why = errno;
    if (std::cout || code == io_error) return code;
    if (is_read_by_nobody()) {
        std::signal(SIGPIPE, SIG_DFL);
        std::raise(SIGPIPE);
    }
    std::cerr << "splitmx: standard output cannot be written"
              << (why != 0 ? std::string(": ") + std::strerror(why) : "") << "\n";
    return io_error;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // libldap writes to sockets that may be gone
    std::ios::sync_with_stdio(false);       // a list of addresses is read in pieces, not octets
    try {
        return checked_end(splitmx::admin::run(argc, argv, {std::cin, std::cout, std::cerr}));
    } catch (std::exception const& failure) {
        std::cerr << "splitmx: " << failure.what() << "\n";
        return 70;
    }
}
