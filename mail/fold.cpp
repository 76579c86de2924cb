#include "mail/fold.hpp"

#include <fmt/format.h>

namespace splitmx::mail {

namespace {

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

}  // namespace

std::string to_seven_bit(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (char const c : text) {
        if (is_printable(c))
            out += c;
        else
            out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

void Folding::new_line() {
    out_ += "\r\n";
    out_ += indent_;
    column_ = indent_.size();
}

void Folding::add(std::string_view word) {
    if (!first_ && column_ + 1 + word.size() > width_)
        new_line();
    else if (!first_)
        out_ += ' ', ++column_;
    first_ = false;
    while (word.size() > max_word_octets) {
        out_ += word.substr(0, max_word_octets);
        word.remove_prefix(max_word_octets);
        new_line();
    }
    out_ += word;
    column_ += word.size();
}

void Folding::add_all(std::string_view text) {
    std::size_t start = 0;
    while ((start = text.find_first_not_of(' ', start)) != std::string_view::npos) {
        auto const end = text.find(' ', start);
        add(text.substr(start, end - start));
        if (end == std::string_view::npos) break;
        start = end;
    }
}

std::string fold_words(
    std::vector<std::string> const& words,
    std::size_t column,
    std::string_view indent,
    std::size_t width
) {
    std::string out;
    Folding folding(out, column, indent, width);
    for (auto const& word : words) folding.add(word);
    return out;
}

std::string fold_text(std::string_view text, std::size_t column, std::string_view indent) {
    std::string out;
    Folding(out, column, indent).add_all(text);
    return out;
}

std::string field(std::string_view name, std::string_view value) {
    return fmt::format("{}: {}\r\n", name, fold_words({std::string(value)}, name.size() + 2, " "));
}

std::string text_field(std::string_view name, std::string_view value) {
    return fmt::format("{}: {}\r\n", name, fold_text(value, name.size() + 2, " "));
}

}  // namespace splitmx::mail
