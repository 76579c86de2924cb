// The table of `splitmx queue list`.
#include "mail/octets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "queue/words.hpp"

namespace splitmx::queue {

namespace {

// Recipients of one message that a list shows.
constexpr std::size_t shown_recipients = 3;

std::string mark_of(Place place) {
    switch (place) {
        case Place::active:
            return "*";
        case Place::hold:
            return "!";
        case Place::damaged:
            return "#";
        case Place::incoming:
        case Place::deferred:
            break;
    }
    return " ";
}

using Cells = std::array<std::string, 8>;
enum Column { id, size, age, from, to, host, tries, answer };
// A gap of two, but the mark of `size` stands in the gap before it.
constexpr std::array<std::size_t, 8> natural_limit{10, 6, 6, 26, 26, 20, 5, 0};
constexpr std::array<std::size_t, 8> least{10, 5, 5, 12, 12, 6, 5, 10};

Cells const heading{"ID", " size", "age", "from", "to", "host", "tries", "last answer"};

Cells first_cells(Row const& row, mail::Instant now) {
    Cells cells;
    cells[id] = row.id.to_text();
    cells[size] = mark_of(row.place) + size_text(row.size);
    bool const is_known = row.arrived != mail::Instant();
    cells[age] = is_known ? age_text(now - row.arrived) : "?";
    cells[from] = sender_text(row);
    return cells;
}

void add_recipient(
    Cells& cells, Row const& row, RecipientRow const& recipient, HostNotes const& hosts
) {
    cells[to] = readable(recipient.address);
    cells[host] = recipient.host.empty() ? "-" : readable(recipient.host);
    cells[tries] = recipient.attempts == 0 ? "-" : std::to_string(recipient.attempts);
    cells[answer] = answer_of(row, &recipient, hosts);
}

void add_lines(
    std::vector<Cells>& lines, Row const& row, mail::Instant now, HostNotes const& hosts
) {
    auto cells = first_cells(row, now);
    std::size_t shown = 0;
    std::size_t more = 0;
    for (auto const& recipient : row.recipients) {
        if (!is_open(row, recipient)) continue;
        if (shown == shown_recipients) {
            ++more;
            continue;
        }
        add_recipient(cells, row, recipient, hosts);
        lines.push_back(std::exchange(cells, Cells()));
        ++shown;
    }
    if (shown == 0) {
        cells[to] = cells[host] = cells[tries] = "-";
        cells[answer] = answer_of(row, nullptr, hosts);
        lines.push_back(cells);
    }
    if (more > 0) {
        cells[to] = fmt::format("and {} more", more);
        lines.push_back(cells);
    }
}

// Columns of text: octets that begin a character.
std::size_t width_of(std::string const& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return !mail::is_continuation(c);
    }));
}

std::string cut(std::string const& text, std::size_t width) {
    if (width == 0 || width_of(text) <= width) return text;
    std::string out;
    std::size_t columns = 0;
    for (char const c : text) {
        bool const begins = !mail::is_continuation(c);
        if (begins && ++columns == width) break;
        out += c;
    }
    return out + "…";
}

using Widths = std::array<std::size_t, 8>;
constexpr std::size_t gap = 2;

std::size_t sum_of(Widths const& widths) {
    std::size_t sum = gap * (widths.size() - 1) + 1;
    for (auto const one : widths) sum += one;
    return sum;
}

// As wide as the words.
Widths natural_widths(std::vector<Cells> const& lines) {
    Widths widths{};
    for (auto const& cells : lines) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(cells[i]));
        }
    }
    return widths;
}

// Without the last column; where the rest is too wide, too, addresses and host give way.
Widths narrow_widths(Widths widths, std::size_t width) {
    widths[answer] = 0;
    for (auto const column : {from, to, host}) {
        widths[column] = std::min(widths[column], natural_limit[column]);
    }
    while (sum_of(widths) - gap > width) {
        auto const widest = widths[from] >= widths[to] ? from : to;
        auto const column = widths[widest] > least[widest] ? widest : host;
        if (widths[column] <= least[column]) break;
        --widths[column];
    }
    return widths;
}

std::string line_of(Cells const& cells, Widths const& widths, bool is_cut) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        auto const text = is_cut ? cut(cells[i], widths[i]) : cells[i];
        line += text;
        if (i + 1 == cells.size()) break;
        line.append(widths[i] > width_of(text) ? widths[i] - width_of(text) : 0, ' ');
        // "8FQ2K7M1D4   *12K": the mark stands before the digits.
        line.append(2, ' ');
        if (i == id) line += ' ';
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

// The answers stand below, whole as far as they fit: they are why people look. One that several
// recipients of a message have had stands below the last of them.
std::string two_lines_each(std::vector<Cells> lines, Widths const& widths, std::size_t width) {
    auto const indent = widths[id] + 1 + widths[size] + widths[age] + 3 * gap;
    lines.front()[answer].clear();
    std::string text;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto const said = std::exchange(lines[i][answer], {});
        text += line_of(lines[i], widths, true);
        bool const goes_on = i + 1 < lines.size() && lines[i + 1][id].empty();
        if (said.empty() || (goes_on && lines[i + 1][answer] == said)) continue;
        text += std::string(indent, ' ') + cut(said, width - indent) + "\n";
    }
    return text;
}

std::size_t open_recipients(Row const& row) {
    auto const& all = row.recipients;
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](auto const& r) {
        return is_open(row, r);
    }));
}

}  // namespace

std::string sums_text(std::span<Row const> rows) {
    std::size_t recipients = 0;
    std::uint64_t octets = 0;
    for (auto const& row : rows) {
        recipients += open_recipients(row);
        octets += row.size;
    }
    return fmt::format(
        "{}, {}, {}",
        counted(rows.size(), "message"),
        counted(recipients, "recipient"),
        size_text(octets)
    );
}

std::string list_text(
    std::span<Row const> rows, mail::Instant now, std::size_t width, HostNotes const& hosts
) {
    if (rows.empty()) return "no messages\n";
    std::vector<Cells> lines{heading};
    for (auto const& row : rows) add_lines(lines, row, now, hosts);
    auto const natural = natural_widths(lines);
    std::string text;
    if (width == 0 || sum_of(natural) <= width) {
        for (auto const& cells : lines) text += line_of(cells, natural, false);
    } else {
        text = two_lines_each(std::move(lines), narrow_widths(natural, width), width);
    }
    return text + sums_text(rows) + "\n";
}

}  // namespace splitmx::queue
