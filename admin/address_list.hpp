// The addresses that a command is given: its words, and for "-" every line of standard input.
// Blanks around a line and empty lines do not count. Threads: one. Ownership: refers to both.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

namespace splitmx::admin {

class AddressList {
public:
    AddressList(std::vector<std::string> const& words, std::istream& input)
        : words_(words), input_(input) {}

    // The next ones in their order, at most so many; empty: that was all. Does not wait for more
    // where some are at hand: somebody may be typing them.
    std::vector<std::string> next(std::size_t most);

    // How many there will be; 0 where nobody can tell, such as of a pipe. Before the first next().
    std::size_t count();

private:
    bool read_line(std::string& address);

    std::vector<std::string> const& words_;
    std::istream& input_;
    std::size_t at_ = 0;
};

}  // namespace splitmx::admin
