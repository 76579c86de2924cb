// One look at the header section of a message while it streams by: how many hops it has made and
// what they wrote, its Message-ID, and the octets that a report to its sender gives back.
// Feed it the message from its first octet, in pieces of any size; it stops looking at the blank
// line, at a line that can be no header field (some senders forget the blank line), or at
// max_scanned_octets. Trace fields are put in front, so the newest hops are always seen.
// Threads: one owner. Source: RFC 5322 2.2, RFC 5321 6.3 (loops), RFC 6522 4 (returned headers).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::mail {

inline constexpr std::size_t max_scanned_octets = 256 * 1024;
inline constexpr std::size_t max_kept_octets = 48 * 1024;
inline constexpr std::size_t max_trace_octets = 64 * 1024;

class HeaderScan {
public:
    explicit HeaderScan(std::size_t keep_at_most = max_kept_octets) : keep_(keep_at_most) {}

    void feed(std::string_view octets);

    bool has_ended() const { return at_ == At::end; }      // the body has begun
    bool is_too_long() const { return at_ == At::limit; }  // no end within max_scanned_octets
    bool wants_more() const { return !has_ended() && !is_too_long(); }

    bool has_high_octets() const { return has_high_octets_; }  // above 127, in the section (RFC 6532)
    std::size_t received_count() const { return received_count_; }
    // The values of the Received fields, newest first, one behind the other; the newest
    // max_trace_octets of them. Those below a Resent- field tell of an earlier life of the message:
    // a person has sent it anew (RFC 5322 3.6.6).
    std::string_view trace() const { return trace_; }
    // With its angle brackets. None when there is none, or none that could be quoted safely.
    std::optional<std::string> message_id() const;
    // The header section up to the limit: whole lines, without the blank line.
    std::string_view section() const { return std::string_view(kept_).substr(0, kept_lines_); }
    bool is_section_cut() const { return cut_; }

private:
    enum class At { line_start, name, value, end, limit };

    std::size_t take(std::string_view octets);
    std::size_t take_value(std::string_view octets);
    void take_line_start(char c);
    std::size_t take_name(std::string_view octets);
    void take_behind_name(char c);
    void end_line();
    void keep(std::string_view octets);

    At at_ = At::line_start;
    std::size_t keep_;
    std::size_t scanned_ = 0;
    std::size_t received_count_ = 0;
    bool cut_ = false;
    bool has_high_octets_ = false;
    bool in_trace_ = false;
    bool was_resent_ = false;
    bool in_message_id_ = false;  // the present field is the first Message-ID
    bool has_message_id_ = false;
    bool seen_field_ = false;
    bool after_cr_ = false;    // at the start of a line
    bool name_ended_ = false;  // a blank came behind the name
    std::string name_;         // of the field that has begun, lower case
    std::string message_id_;   // its value, folded as it came
    std::string trace_;
    std::string kept_;
    std::size_t kept_lines_ = 0;  // octets of kept_ that are whole lines
};

}  // namespace splitmx::mail
