#include "schema/address_place.hpp"

#include "schema/address_value.hpp"

#include <algorithm>
#include <variant>

namespace splitmx::schema {

namespace {

std::string_view divider_text(AddressSyntax syntax) {
    return syntax == AddressSyntax::smtp_dollar ? "$" : ":";
}

}  // namespace

std::vector<ValuePlace> places_of(
    Profile const& profile, ldap::Entry const& entry, mail::Mailbox const& address
) {
    std::vector<ValuePlace> places;
    for (auto const& attribute : profile.addresses) {
        for (auto const& value : entry.values(attribute.name)) {
            auto const read = read_address(value, attribute.syntax);
            auto const* held = std::get_if<AddressValue>(&read);
            if (held && held->mailbox == address) places.push_back({attribute.name, value});
        }
    }
    return places;
}

std::vector<ValuePlace> member_places(
    Profile const& profile, ldap::Entry const& entry, resolver::EntryName const& member
) {
    std::vector<ValuePlace> places;
    for (auto const& attribute : profile.members) {
        for (auto const& value : entry.values(attribute)) {
            auto const dn = ldap::Dn::parse(without_blanks(value));
            if (dn && dn->key() == member.key) places.push_back({attribute, value});
        }
    }
    return places;
}

std::optional<std::string> corrected(std::string_view value, AddressSyntax syntax) {
    auto text = std::string(without_blanks(value));
    if (starts_with_no_case(text, "mailto:")) text.erase(0, std::string_view("mailto:").size());
    std::string type;
    auto const divider = divider_text(syntax);
    for (auto const prefix : {"smtp:", "smtp$"}) {
        if (!starts_with_no_case(text, prefix)) continue;
        type = text.substr(0, 4);
        text.erase(0, 5);
    }
    text = std::string(without_blanks(text));
    if (text.find('"') != std::string::npos) return std::nullopt;
    for (auto at = text.find(".."); at != std::string::npos; at = text.find("..")) {
        text.erase(at, 1);
    }
    if (text.ends_with('.')) text.pop_back();
    if (!mail::Mailbox::parse(text)) return std::nullopt;
    if (syntax != AddressSyntax::plain) {
        text = (type.empty() ? "smtp" : type) + std::string(divider) + text;
    }
    if (text == value || !std::holds_alternative<AddressValue>(read_address(text, syntax))) {
        return std::nullopt;
    }
    return text;
}

}  // namespace splitmx::schema
