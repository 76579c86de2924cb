#include "spool/record_lines.hpp"

#include "mail/octets.hpp"
#include "spool/checksum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace splitmx::spool {

namespace {

constexpr std::string_view checksum_field = "checksum: ";
constexpr std::size_t checksum_line = checksum_field.size() + 8 + 1;  // and the line feed

bool needs_escape(char c) {
    auto const octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7f || c == '\\';
}

bool is_plain(std::string_view value) {
    return mail::all_eights(value, [](std::uint64_t eight) {
        return !mail::any_below(eight, 0x20) && !mail::any_is(eight, 0x7f) &&
               !mail::any_is(eight, '\\');
    });
}

std::string escaped(std::string_view value) {
    std::string out;
    for (char const c : value) {
        if (needs_escape(c)) {
            fmt::format_to(
                std::back_inserter(out),
                "\\x{:02X}",
                static_cast<unsigned>(static_cast<unsigned char>(c))
            );
        } else {
            out += c;
        }
    }
    return out;
}

char* put(char* at, std::string_view octets) { return std::copy(octets.begin(), octets.end(), at); }

// "checksum: 0123abcd\n"
std::array<char, checksum_line> last_line(std::string_view lines) {
    std::array<char, checksum_line> line{};
    auto* at = put(line.data(), checksum_field);
    auto const sum = crc32c(lines);
    for (int shift = 28; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[sum >> shift & 0xf];
    *at = '\n';
    return line;
}

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

// The octet of `\xNN` at the front, when it is one that has to be written so.
std::optional<char> escaped_octet(std::string_view text) {
    if (text.size() < 4 || text[1] != 'x') return std::nullopt;
    auto const high = hex_digit(text[2]);
    auto const low = hex_digit(text[3]);
    if (!high || !low) return std::nullopt;
    auto const octet = static_cast<char>(*high << 4 | *low);
    if (!needs_escape(octet)) return std::nullopt;
    return octet;
}

}  // namespace

void RecordWriter::text(std::string_view field, std::string_view value) {
    if (is_plain(value)) return plain(field, value);
    plain(field, escaped(value));
}

void RecordWriter::plain(std::string_view field, std::string_view value) {
    auto* at = put(take_room(field.size() + 2 + value.size() + 1), field);
    *at++ = ':';
    *at++ = ' ';
    *put(at, value) = '\n';
}

char* RecordWriter::take_room(std::size_t octets) {
    auto const start = used_;
    used_ += octets;
    if (used_ > out_.size()) out_.resize(std::max(used_, 2 * out_.size()));
    return out_.data() + start;
}

std::string RecordWriter::finish() && {
    auto const last = last_line(std::string_view(out_).substr(0, used_));
    put(take_room(last.size()), {last.data(), last.size()});
    out_.resize(used_);
    return std::move(out_);
}

Result<std::string_view> checked_lines(std::string_view record) {
    if (record.size() < checksum_line) {
        return Error{Errc::damaged, "record is shorter than its checksum"};
    }
    auto const lines = record.substr(0, record.size() - checksum_line);
    auto const last = record.substr(lines.size());
    auto const expected = last_line(lines);
    if (!std::equal(last.begin(), last.end(), expected.begin(), expected.end())) {
        return Error{
            Errc::damaged, fmt::format("record does not match its checksum at {}", lines.size())};
    }
    return lines;
}

bool RecordReader::has(std::string_view field) const {
    auto const rest = lines_.substr(at_);
    return rest.starts_with(field) && rest.substr(field.size()).starts_with(": ");
}

std::string RecordReader::text(std::string_view field) {
    auto const value = raw(field);
    return unescape(value, value_);
}

std::string_view RecordReader::text(std::string_view field, std::deque<std::string>& scratch) {
    auto const value = raw(field);
    if (value.find('\\') == std::string_view::npos) return value;
    return scratch.emplace_back(unescape(value, value_));
}

std::string_view RecordReader::raw(std::string_view field) {
    if (failed()) return {};
    if (!has(field)) {
        fail_at(at_, fmt::format("field `{}` expected", field));
        return {};
    }
    value_ = at_ + field.size() + 2;
    auto const end = lines_.find('\n', value_);
    if (end == std::string_view::npos) {
        fail_at(lines_.size(), "line without an end");
        return {};
    }
    at_ = end + 1;
    return lines_.substr(value_, end - value_);
}

std::string RecordReader::unescape(std::string_view value, std::size_t position) {
    if (is_plain(value)) return std::string(value);
    std::string out;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!needs_escape(value[i])) {
            out += value[i];
            continue;
        }
        auto const octet = value[i] == '\\' ? escaped_octet(value.substr(i)) : std::nullopt;
        if (!octet) {
            fail_at(position + i, "octet that is not escaped as it should be");
            return {};
        }
        out += *octet;
        i += 3;
    }
    return out;
}

bool RecordReader::flag(std::string_view field) {
    constexpr std::string_view words[] = {"no", "yes"};
    return word(field, words) == 1;
}

std::size_t RecordReader::word(std::string_view field, std::span<std::string_view const> words) {
    auto const value = raw(field);
    auto const found = std::find(words.begin(), words.end(), value);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    fail("unknown word");
    return 0;
}

void RecordReader::end() {
    if (at_ != lines_.size()) fail_at(at_, "unknown field");
}

void RecordReader::fail(std::string_view reason) { fail_at(value_, reason); }

void RecordReader::fail_at(std::size_t position, std::string_view reason) {
    if (failed()) return;
    failure_ = Error{Errc::damaged, fmt::format("record, octet {}: {}", position, reason)};
}

bool RecordReader::is_canonical(std::string_view digits) {
    if (digits.starts_with('-')) digits.remove_prefix(1);
    return digits.size() == 1 || !digits.starts_with('0');
}

}  // namespace splitmx::spool
