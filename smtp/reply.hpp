// Replies on the wire, both ways: ours from a Status, a peer's into code and text.
// Text beyond one line of 512 octets goes on in a further line; octets other than printable ASCII
// become '?', so no text can end a reply early.
// Threads: pure functions; a ReplyReader has one owner. Source: RFC 5321 4.2, 4.5.3.1.5; RFC 2034.
#pragma once

#include "mail/result.hpp"
#include "mail/status.hpp"
#include "smtp/limits.hpp"
#include "smtp/line_reader.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace splitmx::smtp {

// With the enhanced code in every line (RFC 2034 4); a 3yz reply has none.
std::string to_wire(mail::Status const& status);
void append_wire(std::string& wire, mail::Status const& status);
// Without: the greeting, and the answers to HELO and EHLO. Requires: at least one line.
std::string to_wire(int code, std::span<std::string const> lines);

struct Reply {
    int code = 0;
    std::string text;  // '\n' between lines; enhanced codes, if any, are still in it

    bool is_positive() const { return code / 100 == 2; }
    bool is_permanent() const { return code / 100 == 5; }
    // The enhanced code is taken from every line that repeats it.
    mail::Status to_status() const;
};

// Collects a peer's replies. What is not a reply by the grammar, or is longer than any reply should
// be, is an error, and the reader is of no use after it.
class ReplyReader {
public:
    void feed(std::string_view octets) { lines_.feed(octets); }
    // The next whole reply; none when more octets are needed.
    std::optional<mail::Result<Reply>> next();
    bool empty() const { return lines_.empty() && line_count_ == 0; }

private:
    mail::Result<bool> take(Line const& line);

    LineReader lines_{max_peer_reply_line};
    Reply reply_;
    std::size_t line_count_ = 0;  // of the reply under way
};

}  // namespace splitmx::smtp
