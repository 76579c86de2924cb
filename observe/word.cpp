#include "observe/word.hpp"

#include "mail/mailbox.hpp"
#include "mail/octets.hpp"

namespace splitmx::observe {

// Printable US-ASCII without blanks and quotes.
bool is_bare(std::string_view text) {
    return mail::all_eights(text, [](std::uint64_t eight) {
        return !mail::any_below(eight, '!') && !mail::any_above(eight, '~') &&
               !mail::any_is(eight, '"');
    });
}

void append_word(std::string& out, std::string_view text) {
    if (!text.empty() && is_bare(text)) {
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
