// A place in a configuration file. Lines and columns count from 1, columns in characters (code
// points), as editors do; line 0 is the file as a whole.
// Threads: plain value.
#pragma once

#include <cstddef>

namespace splitmx::config {

struct SourcePosition {
    std::size_t line = 0;
    std::size_t column = 0;
    std::size_t length = 0;  // characters on that line; 0 marks only the column

    bool operator==(SourcePosition const&) const = default;
};

}  // namespace splitmx::config
