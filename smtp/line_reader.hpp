// Cuts what a peer sends into lines, with bounded memory. Only CRLF ends a line; a CR or LF on its
// own, or a NUL, makes the line bad and ends nothing.
// Views are good until the next feed(), take_rest(), or front() without a line. Threads: one owner.
// Source: RFC 5321 2.3.8, 4.5.3.1.4.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::smtp {

struct Line {
    enum class Kind { good, bad_octets, too_long };

    Kind kind = Kind::good;
    std::string_view text;  // without CRLF; empty when too long
};

class LineReader {
public:
    // Octets a line may have, CRLF included.
    explicit LineReader(std::size_t limit) : limit_(limit) {}

    void feed(std::string_view octets);
    // The first whole line that waits, until pop(). A line that is too long counts as whole when
    // its CRLF has come.
    std::optional<Line> front();
    void pop();

    // The line under way is too long already; its end may never come.
    bool is_overflowing() const { return overflowing_; }
    // Octets have come behind the first line. Requires: front() has just given it.
    bool has_more() const { return end_ && *end_ + 2 < buffer_.size(); }
    // What came last is a line feed on its own: whoever sent it takes it for the end of a line.
    bool ends_in_bare_line_feed() const;
    // What waits, as it came.
    std::string_view waiting() const { return std::string_view(buffer_).substr(start_); }

    bool empty() const { return start_ == buffer_.size() && !overflowing_; }
    // What waits and is not popped, as it came. Requires: no overflow.
    std::string take_rest();

private:
    void drop_overflow();
    void compact();

    std::size_t limit_;
    std::string buffer_;
    std::size_t start_ = 0;           // of the first line
    std::size_t scanned_ = 0;         // no CRLF before this
    std::optional<std::size_t> end_;  // of the first line: where its CRLF stands
    bool overflowing_ = false;
};

}  // namespace splitmx::smtp
