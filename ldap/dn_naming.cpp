// The name of an entry below another, and back (RFC 4514 2.4 and 3).
#include "ldap/dn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace splitmx::ldap {

namespace {

std::string escaped(std::string_view value) {
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        char const c = value[i];
        bool const first = i == 0;
        bool const last = i + 1 == value.size();
        bool const special = std::string_view("\"+,;<>\\=").find(c) != std::string_view::npos ||
                             (first && c == '#') || ((first || last) && c == ' ');
        if (c == '\0') {
            text += "\\00";
        } else {
            if (special) text += '\\';
            text += c;
        }
    }
    return text;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Result<Dn> Dn::child(std::string_view attribute, std::string_view value) const {
    auto text = fmt::format("{}={}", attribute, escaped(value));
    if (!is_root()) text += "," + text_;
    return parse(text);
}

Dn::Naming Dn::naming() const {
    auto const equals = std::min(text_.find('='), text_.size());
    Naming naming{text_.substr(0, equals), ""};
    std::erase(naming.attribute, ' ');  // only around it: a name has none
    std::size_t kept = 0;  // octets up to the last that is no plain blank
    for (auto at = equals + 1; at < text_.size(); ++at) {
        char c = text_[at];
        if (c == ',' || c == '+') break;
        if (c == ' ' && naming.value.empty()) continue;
        bool const plain_blank = c == ' ';
        if (c == '\\' && at + 1 < text_.size()) {
            int const high = hex_digit(text_[at + 1]);
            int const low = at + 2 < text_.size() ? hex_digit(text_[at + 2]) : -1;
            bool const hex = high >= 0 && low >= 0;
            c = hex ? static_cast<char>(high * 16 + low) : text_[at + 1];
            at += hex ? 2 : 1;
        }
        naming.value += c;
        if (!plain_blank) kept = naming.value.size();
    }
    naming.value.resize(kept);
    return naming;
}

}  // namespace splitmx::ldap
