// Where a command reads and writes: the program's own streams, or a test's. Threads: one.
#pragma once

#include <istream>
#include <ostream>

namespace splitmx::admin {

struct Streams {
    std::istream& input;
    std::ostream& output;
    std::ostream& error;
};

}  // namespace splitmx::admin
