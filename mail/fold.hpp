// Folding of header fields and of plain text, and the 7-bit form of octets from outside.
// Internal to the mail room: trace fields and reports are written with it.
// Threads: pure functions. Source: RFC 5322 2.1.1 and 2.2.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::mail {

inline constexpr std::size_t fold_column = 76;
inline constexpr std::size_t max_word_octets = 500;  // longer words are broken: lines end at 998

// Printable US-ASCII stays; every other octet becomes \xNN, so no line end comes through.
std::string to_seven_bit(std::string_view text);

// Appends words to a text, divided by blanks, and by CRLF and `indent` where a line would grow
// beyond `width`. `column` is what the first line already holds. A word is never divided below
// max_word_octets.
class Folding {
public:
    Folding(
        std::string& out,
        std::size_t column,
        std::string_view indent,
        std::size_t width = fold_column
    )
        : out_(out), column_(column), indent_(indent), width_(width) {}

    void add(std::string_view word);
    // Each word of a text that blanks divide.
    void add_all(std::string_view text);

private:
    void new_line();

    std::string& out_;
    std::size_t column_;
    std::string_view indent_;
    std::size_t width_;
    bool first_ = true;
};

// The same for a list of words.
std::string fold_words(
    std::vector<std::string> const& words,
    std::size_t column,
    std::string_view indent,
    std::size_t width = fold_column
);

// And for running text; runs of blanks become one.
std::string fold_text(std::string_view text, std::size_t column, std::string_view indent);

// "Name: value" with its CRLF: value as one word (`field`), or as running text (`text_field`).
std::string field(std::string_view name, std::string_view value);
std::string text_field(std::string_view name, std::string_view value);

}  // namespace splitmx::mail
