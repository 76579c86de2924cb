#include "admin/command_line.hpp"

#include <csignal>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // libldap writes to sockets that may be gone
    std::ios::sync_with_stdio(false);       // a list of addresses is read in pieces, not octets
    try {
        return splitmx::admin::run(argc, argv, {std::cin, std::cout, std::cerr});
    } catch (std::exception const& failure) {
        std::cerr << "splitmx: " << failure.what() << "\n";
        return 70;
    }
}
