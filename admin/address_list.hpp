// The addresses that a command is given: its words, and for "-" every line of standard input.
// Blanks around a line, empty lines and the mark that UTF-8 may begin with do not count.
// Threads: one. Ownership: refers to both. Errors: why_not().
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

    // After the last next(): why standard input is no list; empty: it was one.
    std::string const& why_not() const { return why_not_; }

private:
    bool read_line(std::string& address);
    void look_at_beginning(std::string& line);

    std::vector<std::string> const& words_;
    std::istream& input_;
    std::size_t at_ = 0;
    bool has_begun_ = false;
    std::string why_not_;
};

}  // namespace splitmx::admin
