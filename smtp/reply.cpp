#include "smtp/reply.hpp"

#include "mail/octets.hpp"
#include "smtp/syntax.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace splitmx::smtp {

namespace {

// Takes what fits from the front of `text`: up to its line end, else up to a blank.
std::string_view take_piece(std::string_view& text, std::size_t room) {
    auto const line_end = text.find('\n');
    auto piece = text.substr(0, line_end);
    auto skip = line_end == std::string_view::npos ? piece.size() : piece.size() + 1;
    if (piece.size() > room) {
        auto const blank = piece.rfind(' ', room);
        bool const at_blank = blank != std::string_view::npos && blank > 0;
        piece = piece.substr(0, at_blank ? blank : room);
        skip = piece.size() + (at_blank ? 1 : 0);
    }
    text.remove_prefix(skip);
    return piece;
}

// RFC 5321 4.2 allows printable text only. A CR or LF let through would forge a further reply.
void append_text(std::string& out, std::string_view text) {
    auto const from = out.size();
    out += text;
    if (mail::is_printable_ascii(text)) return;
    auto const is_printable = [](char c) { return c >= ' ' && c <= '~'; };
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(from), out.end(), std::not_fn(is_printable), '?'
    );
}

void append_line(
    std::string& wire, std::string_view code, bool is_last, std::string_view enhanced,
    std::string_view line
) {
    wire += code;
    wire += is_last ? ' ' : '-';
    wire += enhanced;
    if (!enhanced.empty() && !line.empty()) wire += ' ';
    append_text(wire, line);
    wire += "\r\n";
}

}  // namespace

void append_wire(std::string& wire, mail::Status const& status) {
    auto const enhanced = status.enhanced_text();
    // RFC 5321 4.5.3.1.5: code, separator, enhanced code, blank, text, CRLF.
    auto const room = max_reply_line - 3 - 1 - enhanced.size() - 1 - 2;
    std::array<char, 12> digits{};
    auto const end = std::to_chars(digits.begin(), digits.end(), status.code).ptr;
    std::string_view const code(digits.begin(), end);
    std::string_view rest = status.text;
    do {
        auto const line = take_piece(rest, room);
        append_line(wire, code, rest.empty(), enhanced, line);
    } while (!rest.empty());
}

std::string to_wire(mail::Status const& status) {
    std::string wire;
    append_wire(wire, status);
    return wire;
}

std::string to_wire(int code, std::span<std::string const> lines) {
    auto const digits = std::to_string(code);
    std::string wire;
    for (auto const& line : lines) append_line(wire, digits, &line == &lines.back(), {}, line);
    return wire;
}

mail::Status Reply::to_status() const {
    std::string_view const all = text;
    auto const first = all.substr(0, all.find('\n'));
    auto status = mail::Status::from_reply(code, first);
    bool const has_enhanced = status.text.size() < first.size();
    auto const prefix = status.enhanced_text();
    auto rest = all.substr(first.size());
    while (!rest.empty()) {
        rest.remove_prefix(1);
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size());
        // RFC 2034 4: each line repeats the code.
        if (has_enhanced && line.starts_with(prefix)) {
            line.remove_prefix(prefix.size());
            if (line.starts_with(' ')) line.remove_prefix(1);
        }
        status.text += '\n';
        status.text += line;
    }
    return status;
}

std::optional<mail::Result<Reply>> ReplyReader::next() {
    while (auto const line = lines_.front()) {
        auto const is_last = take(*line);
        if (!is_last) return is_last.error();
        lines_.pop();
        if (!*is_last) continue;
        line_count_ = 0;
        return std::exchange(reply_, {});
    }
    if (lines_.is_overflowing()) return mail::Error{"reply line without end", 0};
    return std::nullopt;
}

mail::Result<bool> ReplyReader::take(Line const& line) {
    if (line.kind == Line::Kind::too_long) return mail::Error{"reply line too long", 0};
    if (line.kind == Line::Kind::bad_octets) {
        return mail::Error{"CR, LF or NUL inside a reply line", 0};
    }
    auto const parsed = parse_reply_line(line.text);
    if (!parsed) return parsed.error();
    if (line_count_ > 0 && parsed->code != reply_.code) {
        return mail::Error{"two codes in one reply", 0};  // RFC 5321 4.2.1
    }
    if (++line_count_ > max_peer_reply_lines) return mail::Error{"reply of too many lines", 0};
    if (line_count_ > 1) reply_.text += '\n';
    reply_.code = parsed->code;
    reply_.text += parsed->text;
    return parsed->is_last;
}

}  // namespace splitmx::smtp
