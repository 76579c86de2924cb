#include "mail/domain.hpp"

#include "mail/letter_case.hpp"
#include "mail/octets.hpp"

#include <idn2.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace splitmx::mail {

namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

Result<Domain> parse_literal(std::string_view text) {
    if (text.size() < 3 || text.back() != ']')
        return Error{"unclosed address literal", text.size()};
    auto inner = text.substr(1, text.size() - 2);
    bool const tagged = starts_with_no_case(inner, "IPv6:");
    if (tagged) inner.remove_prefix(5);
    auto const address = IpAddress::parse(inner);
    if (!address || tagged != (inner.find(':') != std::string_view::npos)) {
        return Error{"\"" + std::string(text) + "\" is not an address literal", 1};
    }
    return Domain::literal(*address);
}

// Letters, digits, hyphens; underscore too, since it is in use in internal names.
bool is_label(std::string_view label) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
        return false;
    }
    return std::all_of(label.begin(), label.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

Result<std::string> to_a_labels(std::string_view text) {
    if (!has_high_octets(text)) return to_lower(text);
    std::string name(text);
    std::uint8_t* converted = nullptr;
    int const rc = idn2_lookup_u8(
        reinterpret_cast<std::uint8_t const*>(name.c_str()),
        &converted,
        IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL
    );
    std::unique_ptr<std::uint8_t, void (*)(void*)> const owner(converted, idn2_free);
    if (rc != IDN2_OK)
        return Error{std::string("not a valid domain name: ") + idn2_strerror(rc), 0};
    return std::string(reinterpret_cast<char const*>(converted));
}

}  // namespace

Result<Domain> Domain::parse(std::string_view text) {
    text = trim(text);
    if (!text.empty() && text.front() == '[') return parse_literal(text);
    if (!text.empty() && text.back() == '.') text.remove_suffix(1);
    if (text.empty()) return Error{"empty domain", 0};
    if (text.find('\0') != std::string_view::npos) return Error{"NUL in a domain", text.find('\0')};
    auto name = to_a_labels(text);
    if (!name) return name.error();
    if (name->size() > max_domain_octets) return Error{"domain longer than 255 octets", 255};
    std::size_t start = 0;
    for (;;) {
        auto const dot = name->find('.', start);
        auto const label = std::string_view(*name).substr(start, dot - start);
        if (!is_label(label)) {
            return Error{"\"" + std::string(text) + "\" is not a domain name", start};
        }
        if (dot == std::string::npos) break;
        start = dot + 1;
    }
    Domain domain;
    domain.text_ = std::move(*name);
    return domain;
}

Domain Domain::literal(IpAddress address) {
    Domain domain;
    domain.text_ = address.to_literal();
    domain.literal_ = address;
    return domain;
}

bool Domain::is_within(Domain const& parent) const {
    if (text_ == parent.text_) return true;
    if (is_literal() || parent.is_literal() || text_.size() <= parent.text_.size()) return false;
    return text_.ends_with(parent.text_) && text_[text_.size() - parent.text_.size() - 1] == '.';
}

std::string_view Domain::parent() const {
    if (is_literal()) return {};
    auto const dot = text_.find('.');
    return dot == std::string::npos ? std::string_view{} : std::string_view(text_).substr(dot + 1);
}

}  // namespace splitmx::mail
