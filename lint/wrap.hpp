// Running text in lines for a terminal. Internal. Threads: pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace splitmx::lint {

inline constexpr std::size_t line_width = 80;

// The words behind `head`, in lines of at most `width` columns that go on behind `indent` blanks. A
// longer word stands alone.
std::string wrapped(
    std::string head, std::string_view text, std::size_t indent, std::size_t width = line_width
);

}  // namespace splitmx::lint
