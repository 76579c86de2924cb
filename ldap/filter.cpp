#include "ldap/filter.hpp"

#include "ldap/characters.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

namespace splitmx::ldap {

namespace {

[[nodiscard]] constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

[[nodiscard]] constexpr bool is_key_char(char c) noexcept {
    return is_alpha(c) || is_digit(c) || c == '-';
}

// descr of RFC 4512 1.4: a letter, then letters, digits and hyphens.
[[nodiscard]] bool is_descr(std::string_view text) noexcept {
    return !text.empty() && is_alpha(text.front()) &&
           std::all_of(text.begin(), text.end(), is_key_char);
}

// numericoid of RFC 4512 1.4, loosely: numbers with single dots between them.
[[nodiscard]] bool is_numeric_oid(std::string_view text) noexcept {
    if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return false;
    if (text.find('.') == std::string_view::npos || text.find("..") != std::string_view::npos) {
        return false;
    }
    return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
}

[[nodiscard]] bool is_oid(std::string_view text) noexcept {
    return is_descr(text) || is_numeric_oid(text);
}

[[nodiscard]] std::string escape(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    for (char const c : value) {
        switch (c) {
            case '*':
            case '(':
            case ')':
            case '\\':
            case '\0':
                fmt::format_to(std::back_inserter(out), "\\{:02x}", static_cast<unsigned>(c));
                break;
            default:
                out.push_back(c);
        }
    }
    return out;
}

void require_attribute(std::string_view attribute) {
    if (!is_attribute_description(attribute)) {
        throw std::invalid_argument(fmt::format("not an attribute description: '{}'", attribute));
    }
}

[[nodiscard]] std::string join(char op, std::vector<Filter> const& filters) {
    if (filters.size() == 1) return filters.front().text();
    std::string out = {'(', op};
    for (auto const& filter : filters) out += filter.text();
    out.push_back(')');
    return out;
}

// Recursive descent over the grammar of RFC 4515 3. Each function returns the error, if any.
class Checker {
public:
    explicit Checker(std::string_view text) : text_(text) {}

    [[nodiscard]] std::optional<Error> check() {
        if (auto error = filter(0)) return error;
        if (at_ != text_.size()) return fail("text after the filter's last bracket");
        return std::nullopt;
    }

private:
    [[nodiscard]] Error fail(std::string what) const {
        return {Errc::syntax, std::move(what), at_};
    }

    [[nodiscard]] bool is_next(char c) const noexcept {
        return at_ < text_.size() && text_[at_] == c;
    }

    [[nodiscard]] std::optional<Error> expect(char c) {
        if (!is_next(c)) return fail(fmt::format("'{}' expected", c));
        ++at_;
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Error> filter(std::size_t depth) {
        if (depth >= Filter::max_depth) return fail("too many brackets in one another");
        if (auto error = expect('(')) return error;
        auto error = is_next('&') || is_next('|') ? list(depth)
                     : is_next('!')               ? negated(depth)
                                                  : item();
        return error ? error : expect(')');
    }

    [[nodiscard]] std::optional<Error> list(std::size_t depth) {
        ++at_;
        while (is_next('(')) {
            if (auto error = filter(depth + 1)) return error;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Error> negated(std::size_t depth) {
        ++at_;
        return filter(depth + 1);
    }

    [[nodiscard]] std::optional<Error> item() {
        auto const begin = at_;
        auto const equals = text_.find_first_of("=()", begin);
        if (equals == std::string_view::npos || text_[equals] != '=') {
            return fail("'=' expected");
        }
        auto left = text_.substr(begin, equals - begin);
        bool const extensible = left.ends_with(':');
        if (extensible || left.ends_with('~') || left.ends_with('<') || left.ends_with('>')) {
            left.remove_suffix(1);
        }
        if (!(extensible ? is_extensible(left) : is_attribute_description(left))) {
            return fail(fmt::format("'{}' is not an attribute name", left));
        }
        at_ = equals + 1;
        return value();
    }

    // attr [":dn"] [":" rule], or [":dn"] ":" rule
    [[nodiscard]] static bool is_extensible(std::string_view text) noexcept {
        auto const colon = text.find(':');
        auto const attribute = text.substr(0, colon);
        if (!attribute.empty() && !is_attribute_description(attribute)) return false;
        if (colon == std::string_view::npos) return !attribute.empty();
        auto rest = text.substr(colon + 1);
        if (rest == "dn") return !attribute.empty();
        if (rest.starts_with("dn:")) rest.remove_prefix(3);
        return is_oid(rest);
    }

    [[nodiscard]] std::optional<Error> value() {
        for (; at_ < text_.size() && text_[at_] != ')'; ++at_) {
            char const c = text_[at_];
            if (c == '(' || c == '\0') return fail("a bracket or NUL in a value must be escaped");
            if (c != '\\') continue;
            if (at_ + 2 >= text_.size() || !is_hex(text_[at_ + 1]) || !is_hex(text_[at_ + 2])) {
                return fail("'\\' must be followed by two hexadecimal digits");
            }
            at_ += 2;
        }
        return std::nullopt;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

bool is_attribute_description(std::string_view text) noexcept {
    auto const end = text.find(';');
    if (!is_oid(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    for (auto rest = text.substr(end + 1);;) {
        auto const next = rest.find(';');
        auto const option = rest.substr(0, next);
        // '=' and '*' are for Active Directory's "range=0-*".
        auto const good = std::all_of(option.begin(), option.end(), [](char c) {
            return is_key_char(c) || c == '=' || c == '*';
        });
        if (option.empty() || !good) return false;
        if (next == std::string_view::npos) return true;
        rest.remove_prefix(next + 1);
    }
}

Filter::Filter() : text_("(objectClass=*)") {}

Filter::Filter(std::string text) : text_(std::move(text)) {}

Filter Filter::equal(std::string_view attribute, std::string_view value) {
    require_attribute(attribute);
    return Filter(fmt::format("({}={})", attribute, escape(value)));
}

Filter Filter::present(std::string_view attribute) {
    require_attribute(attribute);
    return Filter(fmt::format("({}=*)", attribute));
}

Filter Filter::any_of(std::vector<Filter> const& filters) { return Filter(join('|', filters)); }

Filter Filter::all_of(std::vector<Filter> const& filters) { return Filter(join('&', filters)); }

Filter Filter::none_of(Filter const& filter) { return Filter(fmt::format("(!{})", filter.text())); }

Result<Filter> Filter::raw(std::string_view text) {
    if (text.size() > max_length) return Error(Errc::syntax, "the filter is too long", max_length);
    // RFC 4515 wants the brackets; ldapsearch and people leave the outermost out.
    bool const bare = !text.starts_with('(');
    std::string full = bare ? fmt::format("({})", text) : std::string(text);
    if (auto error = Checker(full).check()) {
        if (bare && error->at > 0) --error->at;
        return *error;
    }
    return Filter(std::move(full));
}

Result<Filter> Filter::raw_with(
    std::string_view text, std::string_view placeholder, std::string_view value
) {
    auto const escaped = escape(value);
    std::string full;
    for (auto at = text.find(placeholder); at != text.npos; at = text.find(placeholder)) {
        full += text.substr(0, at);
        full += escaped;
        text.remove_prefix(at + placeholder.size());
    }
    full += text;
    return raw(full);
}

}  // namespace splitmx::ldap
