#include "history/record.hpp"

#include <array>

namespace splitmx::history {

namespace {

constexpr std::array<std::string_view, 8> words{
    "RECEIVE", "RESOLVE", "REDIRECT", "SEND", "DEFER", "FAIL", "DSN", "DROP"};

}  // namespace

std::string_view to_text(Kind kind) { return words.at(static_cast<std::size_t>(kind) - 1); }

std::vector<std::string> kind_words() { return {words.begin(), words.end()}; }

std::optional<Kind> kind_named(std::string_view text) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words.at(i) == text) return static_cast<Kind>(i + 1);
    }
    return std::nullopt;
}

}  // namespace splitmx::history
