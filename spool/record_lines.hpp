// The lines of a record: `field: value`, in a fixed order, the last one the CRC32C of all before.
// Control characters, DEL and the backslash stand as \xNN in a value, so a line is a line whatever
// was put in. The reader is strict: one spelling only, nothing skipped. It keeps its first failure
// with the position and gives empty values after it, so that a caller asks once, at the end.
// Ownership: a reader's input outlives it. Threads: one at a time. Errors: damaged.
#pragma once

#include "spool/errc.hpp"

#include <charconv>
#include <concepts>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace splitmx::spool {

class RecordWriter {
public:
    RecordWriter() : out_(usual_octets, '\0') {}

    void text(std::string_view field, std::string_view value);
    // Requires: nothing in the value has to be escaped. For words and identifiers.
    void plain(std::string_view field, std::string_view value);
    void flag(std::string_view field, bool value) { plain(field, value ? "yes" : "no"); }

    template <std::integral Number>
    void number(std::string_view field, Number value) {
        char digits[24];
        auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        plain(field, {digits, static_cast<std::size_t>(end - digits)});
    }

    std::string finish() &&;  // with the checksum

private:
    static constexpr std::size_t usual_octets = 1000;

    char* take_room(std::size_t octets);

    std::string out_;  // longer than what is written: lines are put into it in place
    std::size_t used_ = 0;
};

// The lines of a whole record without its last one, after checking that.
Result<std::string_view> checked_lines(std::string_view record);

class RecordReader {
public:
    explicit RecordReader(std::string_view lines) : lines_(lines) {}

    bool has(std::string_view field) const;  // the next line is this field
    std::string text(std::string_view field);
    // The value as it stands in the record, still escaped; for numbers and words, and for those who
    // read a few fields of very many records.
    std::string_view raw(std::string_view field);
    // The value, in the record when nothing in it is escaped, else in `scratch`.
    std::string_view text(std::string_view field, std::deque<std::string>& scratch);
    bool flag(std::string_view field);
    // The index of the value in `words`.
    std::size_t word(std::string_view field, std::span<std::string_view const> words);

    template <std::integral Number>
    Number number(std::string_view field) {
        auto const digits = raw(field);
        auto const end = digits.data() + digits.size();
        Number value{};
        auto const [stop, failure] = std::from_chars(digits.data(), end, value);
        if (failure == std::errc{} && stop == end && is_canonical(digits)) return value;
        fail("number expected");
        return {};
    }

    void end();                          // there must be no further line
    void fail(std::string_view reason);  // about the last line read
    bool failed() const { return failure_.has_value(); }
    std::optional<Error> const& failure() const { return failure_; }

private:
    static bool is_canonical(std::string_view digits);
    void fail_at(std::size_t position, std::string_view reason);
    std::string unescape(std::string_view value, std::size_t position);

    std::string_view lines_;
    std::size_t at_ = 0;     // start of the next line
    std::size_t value_ = 0;  // start of the last value
    std::optional<Error> failure_;
};

}  // namespace splitmx::spool
