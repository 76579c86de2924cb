// Takes message content off the wire: removes the stuffed dots and finds the end of data.
// Only CRLF.CRLF ends a message. A CR or LF on its own, or a NUL, is never a line end and makes the
// whole message refused at its end: peers that read such octets differently could otherwise be
// made to see a second message (SMTP smuggling). Content beyond the limit is thrown away.
// Memory: nothing but a few flags. Threads: one owner.
// Source: RFC 5321 2.3.8, 4.1.1.4, 4.5.2; the end of data has no other spelling.
#pragma once

#include "mail/status.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::smtp {

enum class ContentFault { bare_line_end, nul, too_large };

mail::Status status_of(ContentFault fault);

class DataReader {
public:
    explicit DataReader(std::uint64_t max_message) : limit_(max_message) {}

    // Appends content to `content` and returns how many octets it has used: all of them, or those
    // up to the end of data. After a fault nothing is appended any more.
    std::size_t read(std::string_view octets, std::string& content);

    bool has_ended() const { return at_ == At::end; }
    std::uint64_t size() const { return size_; }  // octets of content, without stuffed dots
    std::optional<ContentFault> fault() const { return fault_; }  // the first one

private:
    enum class At { line_start, dot, dot_cr, line, cr, end };

    // These move `i` within a line: over all that is plain, or up to behind the line's CR or to the
    // end of the octets.
    bool skip_plain(std::string_view octets, std::size_t& i);
    void scan_line(std::string_view octets, std::size_t& i);
    void append(std::string_view run, std::string& content);
    void mark(ContentFault fault);

    std::uint64_t limit_;
    std::uint64_t size_ = 0;
    At at_ = At::line_start;
    std::optional<ContentFault> fault_;
};

}  // namespace splitmx::smtp
