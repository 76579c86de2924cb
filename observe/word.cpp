#include "observe/word.hpp"

#include "mail/mailbox.hpp"

#include <algorithm>

namespace splitmx::observe {

void append_word(std::string& out, std::string_view text) {
    auto const is_bare = [](char c) { return c > ' ' && c <= '~' && c != '"'; };
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_bare)) {
        out += text;
        return;
    }
    auto const safe = mail::to_log_text(text);
    if (!safe.empty() && safe.find_first_of(" \"") == std::string::npos) {
        out += safe;
        return;
    }
    out += '"';
    for (char const c : safe) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

std::string word(std::string_view text) {
    std::string out;
    append_word(out, text);
    return out;
}

}  // namespace splitmx::observe
