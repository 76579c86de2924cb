#include "queue/shape.hpp"

#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace splitmx::queue {

namespace {

constexpr auto column_count = shape_minutes.size() + 1;

std::size_t column_of(mail::Instant::duration age) {
    auto const minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
    std::size_t column = 0;
    while (column < shape_minutes.size() && minutes >= std::int64_t{shape_minutes[column]})
        ++column;
    return column;
}

std::string domain_of(std::string const& address) {
    auto const at = address.rfind('@');
    return at == std::string::npos ? address : address.substr(at + 1);
}

std::string name_of(RecipientRow const& recipient, ShapeBy by) {
    if (by == ShapeBy::domain) return domain_of(recipient.address);
    return recipient.host.empty() ? "-" : recipient.host;
}

void add(ShapeLine& line, std::size_t column) {
    ++line.recipients;
    ++line.by_age[column];
}

// Octets of the address are UTF-8; a domain that is not ASCII is rare enough to be shortened a bit
// early.
std::string shortened(std::string const& name, std::size_t most) {
    return name.size() <= most ? name : name.substr(0, most - 3) + "...";
}

std::string line_text(
    std::string const& name,
    std::size_t name_width,
    ShapeLine const& line,
    std::array<std::size_t, column_count> const& widths,
    std::size_t total_width
) {
    auto text = fmt::format("   {:<{}}{:>{}}", name, name_width, line.recipients, total_width);
    for (std::size_t i = 0; i < column_count; ++i) {
        text += fmt::format("{:>{}}", line.by_age[i], widths[i]);
    }
    return text + "\n";
}

}  // namespace

std::string shape_heading(std::size_t column) {
    if (column < shape_minutes.size()) return std::to_string(shape_minutes[column]);
    return std::to_string(shape_minutes.back()) + "+";
}

Shape shape(std::span<Row const> rows, mail::Instant now, ShapeBy by) {
    Shape shape;
    std::map<std::string, ShapeLine> lines;
    for (auto const& row : rows) {
        if (row.place == Place::damaged) continue;
        auto const column = column_of(now - row.arrived);
        for (auto const& recipient : row.recipients) {
            if (!recipient.is_pending()) continue;
            add(shape.total, column);
            add(lines[name_of(recipient, by)], column);
        }
    }
    for (auto& [name, line] : lines) {
        line.name = name;
        shape.lines.push_back(std::move(line));
    }
    std::stable_sort(shape.lines.begin(), shape.lines.end(), [](auto const& a, auto const& b) {
        return a.recipients > b.recipients;
    });
    return shape;
}

std::string shape_text(Shape const& shape, std::size_t width) {
    if (shape.lines.empty()) return "no messages\n";
    // No number below the first line is longer than the one in it.
    std::array<std::size_t, column_count> widths{};
    auto const total_width =
        std::max<std::size_t>(5, std::to_string(shape.total.recipients).size() + 2);
    auto sum = 3 + total_width;
    for (std::size_t i = 0; i < column_count; ++i) {
        auto const number = std::to_string(shape.total.by_age[i]).size();
        widths[i] = std::max(std::max<std::size_t>(shape_heading(i).size(), 3), number) + 1;
        sum += widths[i];
    }
    std::size_t name_width = 8;
    for (auto const& line : shape.lines) {
        name_width = std::max(name_width, mail::to_log_text(line.name).size());
    }
    if (width > 0)
        name_width = std::min(name_width, std::max<std::size_t>(width - std::min(width, sum), 8));
    auto text = fmt::format("   {:<{}}{:>{}}", "", name_width, "T", total_width);
    for (std::size_t i = 0; i < column_count; ++i)
        text += fmt::format("{:>{}}", shape_heading(i), widths[i]);
    bool const has_room = width == 0 || name_width + sum + 10 <= width;
    text += has_room ? "   minutes\n" : "\n";
    text += line_text("TOTAL", name_width, shape.total, widths, total_width);
    for (auto const& line : shape.lines) {
        auto const name = mail::to_log_text(line.name);
        text += line_text(shortened(name, name_width), name_width, line, widths, total_width);
    }
    return text;
}

}  // namespace splitmx::queue
