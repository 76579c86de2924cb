// The queue as a grid: how many recipients wait for each next hop or domain, by the age of their
// message. Held ones count, damaged ones do not. Threads: pure functions. Source: qshape(1) of
// Postfix, whose columns these are.
#pragma once

#include "mail/clock.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "queue/row.hpp"

namespace splitmx::queue {

// Ends of the columns in minutes; the last column is what is older.
inline constexpr std::array<unsigned, 9> shape_minutes{5, 10, 20, 40, 80, 160, 320, 640, 1280};

struct ShapeLine {
    std::string name;
    std::size_t recipients = 0;
    std::array<std::size_t, shape_minutes.size() + 1> by_age{};

    bool operator==(ShapeLine const&) const = default;
};

enum class ShapeBy { host, domain };

struct Shape {
    ShapeLine total;
    std::vector<ShapeLine> lines;  // most recipients first
};

Shape shape(std::span<Row const> rows, mail::Instant now, ShapeBy by);

// `width`: columns of the terminal; 0: no terminal, no name is cut short.
std::string shape_text(Shape const& shape, std::size_t width);
std::string shape_heading(std::size_t column);  // "5", "1280+"

}  // namespace splitmx::queue
