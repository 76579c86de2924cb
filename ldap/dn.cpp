#include "ldap/dn.hpp"

#include "ldap/characters.hpp"
#include "ldap/letter_case.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace splitmx::ldap {

namespace {

// -1 if it is no hexadecimal digit.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
    if (is_digit(c)) return c - '0';
    c = lower_case(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// What may follow a backslash as itself: RFC 4514 2.4 and 3.
constexpr std::string_view escapable = " \"#+,;<=>\\";
// What must not stand in a value without one.
constexpr std::string_view forbidden = "\";<>";
// What is spelled in hexadecimal in a key, so that ',' '+' and '=' there always separate.
constexpr std::string_view special_in_key = "\"+,;<=>\\#";

// The insignificant spaces of caseIgnoreMatch: none at the ends, one between words (RFC
// 4518 2.6.1).
[[nodiscard]] std::string fold_value(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    bool gap = false;
    for (char const c : value) {
        if (c == ' ') {
            gap = !out.empty();
            continue;
        }
        if (std::exchange(gap, false)) out.push_back(' ');
        auto const octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet == 0x7f || special_in_key.find(c) != std::string_view::npos) {
            fmt::format_to(std::back_inserter(out), "\\{:02x}", octet);
        } else {
            out.push_back(lower_case(c));
        }
    }
    return out;
}

// One pass over the text, writing the key as it goes. Functions return the error, if any.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    [[nodiscard]] std::optional<Error> parse() {
        skip_blanks();
        if (at_ == text_.size()) return std::nullopt;
        for (std::size_t rdns = 1;; ++rdns) {
            if (rdns > Dn::max_rdns) return fail("too many parts");
            if (auto error = rdn()) return error;
            if (at_ == text_.size()) return std::nullopt;
            ++at_;  // the ',' that ended the RDN
            key_.push_back(',');
        }
    }

    [[nodiscard]] std::string take_key() { return std::move(key_); }

private:
    [[nodiscard]] Error fail(std::string what) const {
        return {Errc::syntax, std::move(what), at_};
    }

    [[nodiscard]] bool is_next(char c) const noexcept {
        return at_ < text_.size() && text_[at_] == c;
    }

    void skip_blanks() noexcept {
        while (is_next(' ')) ++at_;
    }

    [[nodiscard]] std::optional<Error> rdn() {
        std::vector<std::string> parts;
        do {
            if (!parts.empty()) ++at_;  // the '+'
            std::string part;
            if (auto error = type(part)) return error;
            if (auto error = is_next('#') ? hex_string(part) : string(part)) return error;
            parts.push_back(std::move(part));
        } while (is_next('+'));
        if (at_ < text_.size() && !is_next(',')) return fail("',' or '+' expected");
        std::sort(parts.begin(), parts.end());
        for (auto const& part : parts) {
            if (&part != &parts.front()) key_.push_back('+');
            key_ += part;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Error> type(std::string& part) {
        skip_blanks();
        bool const numeric = at_ < text_.size() && is_digit(text_[at_]);
        auto const begin = at_;
        while (at_ < text_.size() && (is_digit(text_[at_]) || (numeric && text_[at_] == '.') ||
                                      (!numeric && is_alpha(text_[at_])) ||
                                      (!numeric && at_ > begin && text_[at_] == '-'))) {
            part.push_back(lower_case(text_[at_++]));
        }
        bool const bad_oid = numeric && (part.ends_with('.') || part.find("..") != part.npos);
        if (part.empty() || bad_oid) return fail("attribute type expected");
        skip_blanks();
        if (!is_next('=')) return fail("'=' expected");
        ++at_;
        part.push_back('=');
        skip_blanks();
        return std::nullopt;
    }

    // '#' and the octets of a BER encoding (RFC 4514 2.4): opaque here.
    [[nodiscard]] std::optional<Error> hex_string(std::string& part) {
        auto const begin = ++at_;
        part.push_back('#');
        while (at_ < text_.size() && hex_value(text_[at_]) >= 0) {
            part.push_back(lower_case(text_[at_++]));
        }
        if (at_ == begin || (at_ - begin) % 2 != 0)
            return fail("pairs of hexadecimal digits expected");
        skip_blanks();
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Error> string(std::string& part) {
        std::string value;
        while (at_ < text_.size() && !is_next(',') && !is_next('+')) {
            char const c = text_[at_];
            if (c == '\\') {
                if (auto error = escaped(value)) return error;
                continue;
            }
            if (c == '\0' || forbidden.find(c) != std::string_view::npos) {
                return fail("this octet must be escaped");
            }
            value.push_back(c);
            ++at_;
        }
        part += fold_value(value);
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Error> escaped(std::string& value) {
        if (at_ + 1 >= text_.size()) return fail("nothing after '\\'");
        char const next = text_[at_ + 1];
        if (escapable.find(next) != std::string_view::npos) {
            value.push_back(next);
            at_ += 2;
            return std::nullopt;
        }
        int const high = hex_value(next);
        int const low = at_ + 2 < text_.size() ? hex_value(text_[at_ + 2]) : -1;
        if (high < 0 || low < 0) return fail("'\\' before an octet that needs none");
        value.push_back(static_cast<char>(high * 16 + low));
        at_ += 3;
        return std::nullopt;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string key_;
};

}  // namespace

Result<Dn> Dn::parse(std::string_view text) {
    if (text.size() > max_length) return Error(Errc::syntax, "the DN is too long", max_length);
    Parser parser(text);
    if (auto error = parser.parse()) return *error;
    Dn dn;
    dn.text_ = text;
    dn.key_ = parser.take_key();
    return dn;
}

Dn Dn::parent() const {
    Dn up;
    auto const key_comma = key_.find(',');
    if (key_comma == std::string::npos) return up;
    up.key_ = key_.substr(key_comma + 1);
    std::size_t at = 0;
    while (text_[at] != ',') at += text_[at] == '\\' ? 2 : 1;
    // Blanks after the comma were accepted by parse().
    up.text_ = text_.substr(text_.find_first_not_of(' ', at + 1));
    return up;
}

bool Dn::is_within(Dn const& base) const noexcept {
    if (base.is_root() || key_ == base.key_) return true;
    return key_.size() > base.key_.size() && key_.ends_with(base.key_) &&
           key_[key_.size() - base.key_.size() - 1] == ',';
}

}  // namespace splitmx::ldap
