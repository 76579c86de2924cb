#include "schema/address_value.hpp"

#include "ldap/entry.hpp"

#include <algorithm>

namespace splitmx::schema {

namespace {

bool is_control(char c) {
    auto const octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7f;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char divider_of(AddressSyntax syntax) { return syntax == AddressSyntax::smtp_dollar ? '$' : ':'; }

// The type before the divider; none if what stands there is no word.
std::optional<std::string_view> type_of(std::string_view value, char divider) {
    auto const end = value.find(divider);
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    auto const type = value.substr(0, end);
    if (!std::all_of(type.begin(), type.end(), is_letter_or_digit)) return std::nullopt;
    return type;
}

std::string upper_case(std::string_view text) {
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return upper;
}

// A local part in quotes may hold blanks and dots in a row.
std::string_view outside_quotes(std::string_view address) {
    if (!address.starts_with('"')) return address;
    auto const end = address.rfind('"');
    return end == 0 ? address : address.substr(end + 1);
}

// "@example.com": everybody there whom no other entry has.
std::variant<AddressValue, RemarkId> read_catch_all(std::string_view text) {
    auto domain = mail::Domain::parse(text);
    if (!domain || domain->is_literal()) return RemarkId::malformed_address;
    return AddressValue{mail::Mailbox(mail::LocalPart(), std::move(*domain))};
}

std::variant<AddressValue, RemarkId> read_bare(std::string_view text) {
    if (std::any_of(text.begin(), text.end(), is_control)) return RemarkId::control_character;
    auto const unquoted = outside_quotes(text);
    if (std::any_of(unquoted.begin(), unquoted.end(), is_blank)) return RemarkId::blank;
    if (unquoted.find("..") != std::string_view::npos) return RemarkId::double_dot;
    if (unquoted.ends_with('.')) return RemarkId::trailing_dot;
    if (text.starts_with('@')) return read_catch_all(text.substr(1));
    auto mailbox = mail::Mailbox::parse(text);
    if (!mailbox || mailbox->local_part().value().empty()) return RemarkId::malformed_address;
    return AddressValue{std::move(*mailbox)};
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           ldap::equal_no_case(text.substr(0, prefix.size()), prefix);
}

std::variant<AddressValue, RemarkId> read_address(std::string_view value, AddressSyntax syntax) {
    auto const text = without_blanks(value);
    if (starts_with_no_case(text, "mailto:")) return RemarkId::mailto_prefix;
    auto const type = type_of(text, divider_of(syntax));
    if (syntax == AddressSyntax::plain) {
        if (!type) return read_bare(text);
        return ldap::equal_no_case(*type, "smtp") ? RemarkId::malformed_address
                                                  : RemarkId::foreign_type;
    }
    if (!type) return RemarkId::missing_type;
    if (!ldap::equal_no_case(*type, "smtp")) return RemarkId::foreign_type;
    auto read = read_bare(text.substr(type->size() + 1));
    if (auto* address = std::get_if<AddressValue>(&read)) {
        bool const is_catch_all = address->mailbox.local_part().value().empty();
        address->is_primary =
            syntax == AddressSyntax::smtp_prefix && *type == "SMTP" && !is_catch_all;
    }
    return read;
}

std::optional<mail::X500Address> read_x500(std::string_view value, AddressSyntax syntax) {
    auto const text = without_blanks(value);
    auto const type = type_of(text, divider_of(syntax));
    bool const is_one =
        type && (ldap::equal_no_case(*type, "x500") || ldap::equal_no_case(*type, "ex"));
    if (!is_one) return std::nullopt;
    return mail::X500Address::parse(without_blanks(text.substr(type->size() + 1)));
}

std::string write_x500(mail::X500Address const& address, AddressSyntax syntax) {
    std::string value = "X500";
    value += divider_of(syntax);
    return value += address.text();
}

std::string address_type(std::string_view value, AddressSyntax syntax) {
    constexpr std::size_t longest = 16;
    auto const type = type_of(without_blanks(value), divider_of(syntax));
    return type ? upper_case(type->substr(0, longest)) : std::string();
}

bool is_mail_type(std::string_view value, AddressSyntax syntax) {
    auto const text = without_blanks(value);
    if (syntax == AddressSyntax::plain) return !text.empty();
    auto const type = type_of(text, divider_of(syntax));
    return type && ldap::equal_no_case(*type, "smtp");
}

std::optional<resolver::TargetAddress> read_target(std::string_view value) {
    auto const text = without_blanks(value);
    resolver::TargetAddress target{"SMTP", std::string(text)};
    if (auto const type = type_of(text, ':')) {
        target.type = upper_case(*type);
        if (target.type == "MAILTO") target.type = "SMTP";
        target.value = without_blanks(text.substr(type->size() + 1));
    }
    if (target.value.empty()) return std::nullopt;
    return target;
}

std::optional<mail::Mailbox> read_originator(std::string_view value) {
    auto const target = read_target(value);
    if (!target || target->type != "SMTP") return std::nullopt;
    auto mailbox = mail::Mailbox::parse(target->value);
    if (!mailbox) return std::nullopt;
    return std::move(*mailbox);
}

}  // namespace splitmx::schema
