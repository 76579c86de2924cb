#include "mail/status.hpp"

#include "mail/mailbox.hpp"

#include <array>
#include <charconv>

namespace splitmx::mail {

namespace {

// A number of one to three digits followed by `end`; moves `text` behind it.
bool take_number(std::string_view& text, std::uint16_t& number, char end) {
    auto const [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    auto const used = static_cast<std::size_t>(stop - text.data());
    if (failure != std::errc{} || used > 3) return false;
    if (used < text.size() && text[used] != end) return false;
    if (used == text.size() && end != ' ') return false;
    text.remove_prefix(used < text.size() ? used + 1 : used);
    return true;
}

// Nearly always one digit.
char* put_number(char* at, char* end, std::uint16_t number) {
    if (number > 9) return std::to_chars(at, end, number).ptr;
    *at = static_cast<char>('0' + number);
    return at + 1;
}

}  // namespace

std::string Status::enhanced_text() const {
    int const status_class = code / 100;
    if (status_class != 2 && status_class != 4 && status_class != 5) return {};
    std::array<char, 16> dotted{};
    auto* const end = dotted.data() + dotted.size();
    dotted[0] = static_cast<char>('0' + status_class);
    dotted[1] = '.';
    auto* at = put_number(&dotted[2], end, enhanced.subject);
    *at++ = '.';
    at = put_number(at, end, enhanced.detail);
    return {dotted.data(), at};
}

std::string Status::to_log() const {
    auto const dotted = enhanced_text();
    auto log = std::to_string(code);
    log.reserve(log.size() + 1 + dotted.size() + 1 + text.size());
    if (!dotted.empty()) (log += ' ') += dotted;
    return (log += ' ') += to_log_text(text);
}

Status Status::from_reply(int code, std::string_view text) {
    auto rest = text;
    std::uint16_t status_class = 0;
    EnhancedCode enhanced;
    if (take_number(rest, status_class, '.') && status_class == code / 100 &&
        take_number(rest, enhanced.subject, '.') && take_number(rest, enhanced.detail, ' ')) {
        return {code, enhanced, std::string(rest)};
    }
    return {code, {0, 0}, std::string(text)};
}

}  // namespace splitmx::mail
