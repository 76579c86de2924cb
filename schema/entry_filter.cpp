#include "schema/entry_filter.hpp"

#include "mail/letter_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace splitmx::schema {

namespace {

// ASCII letters in lower case, no blanks at the ends, one between words.
std::string prepared(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
        out += mail::to_lower(c);
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

// As `prepared`, but a piece of a value may begin and end with a blank.
std::string prepared_piece(std::string_view text) {
    auto piece = prepared(text);
    if (text.starts_with(' ') && !piece.empty()) piece.insert(0, " ");
    if (text.ends_with(' ') && !piece.empty()) piece += ' ';
    return piece;
}

unsigned hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size()) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool has_pieces(std::string_view value, std::vector<std::string> const& pieces) {
    if (!value.starts_with(pieces.front())) return false;
    value.remove_prefix(pieces.front().size());
    for (std::size_t i = 1; i + 1 < pieces.size(); ++i) {
        auto const found = value.find(pieces[i]);
        if (found == std::string_view::npos) return false;
        value.remove_prefix(found + pieces[i].size());
    }
    return value.ends_with(pieces.back());
}

}  // namespace

// An ldap::Filter is well-formed and its depth bounded, so there is no error but `unsupported`.
class FilterReader {
public:
    explicit FilterReader(std::string_view text) : text_(text) {}

    ldap::Result<EntryFilter> read() {
        EntryFilter filter;
        filter.root_ = node();
        if (unsupported_) {
            return ldap::Error(
                ldap::Errc::unsupported,
                fmt::format("\"{}\" can only be asked of an LDAP server", *unsupported_)
            );
        }
        return filter;
    }

private:
    using Kind = EntryFilter::Kind;
    using Node = EntryFilter::Node;

    Node node() {
        ++at_;  // '('
        auto result = text_[at_] == '&'   ? list(Kind::all)
                      : text_[at_] == '|' ? list(Kind::any)
                      : text_[at_] == '!' ? list(Kind::none)
                                          : item();
        ++at_;  // ')'
        return result;
    }

    Node list(Kind kind) {
        Node result;
        result.kind = kind;
        ++at_;
        while (text_[at_] == '(') result.parts.push_back(node());
        return result;
    }

    Node item() {
        auto const end = text_.find(')', at_);
        auto const text = text_.substr(at_, end - at_);
        at_ = end;
        auto const equals = text.find('=');
        auto const attribute = text.substr(0, equals);
        auto const value = text.substr(equals + 1);
        Node result;
        if (std::string_view(":~<>").find(attribute.back()) != std::string_view::npos) {
            if (!unsupported_) unsupported_ = text;
            return result;
        }
        result.attribute = attribute;
        if (value == "*") {
            result.kind = Kind::present;
        } else if (value.find('*') == std::string_view::npos) {
            result.kind = Kind::equal;
            result.pieces.push_back(prepared(unescaped(value)));
        } else {
            result.kind = Kind::substrings;
            result.pieces = pieces_of(value);
        }
        return result;
    }

    static std::vector<std::string> pieces_of(std::string_view value) {
        std::vector<std::string> pieces;
        for (;;) {
            auto const star = value.find('*');
            pieces.push_back(prepared_piece(unescaped(value.substr(0, star))));
            if (star == std::string_view::npos) return pieces;
            value.remove_prefix(star + 1);
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::optional<std::string> unsupported_;
};

ldap::Result<EntryFilter> EntryFilter::compile(ldap::Filter const& filter) {
    return FilterReader(filter.text()).read();
}

bool EntryFilter::matches_value(Node const& node, std::string_view value) {
    auto const text = prepared(value);
    return node.kind == Kind::equal ? text == node.pieces.front() : has_pieces(text, node.pieces);
}

bool EntryFilter::matches(Node const& node, ldap::Entry const& entry) {
    auto const is_true = [&](Node const& part) { return matches(part, entry); };
    switch (node.kind) {
        case Kind::all:
            return std::all_of(node.parts.begin(), node.parts.end(), is_true);
        case Kind::any:
            return std::any_of(node.parts.begin(), node.parts.end(), is_true);
        case Kind::none:
            return std::none_of(node.parts.begin(), node.parts.end(), is_true);
        case Kind::present:
            return entry.has(node.attribute);
        case Kind::equal:
        case Kind::substrings:
            break;
    }
    auto const values = entry.values(node.attribute);
    return std::any_of(values.begin(), values.end(), [&](std::string const& value) {
        return matches_value(node, value);
    });
}

}  // namespace splitmx::schema
