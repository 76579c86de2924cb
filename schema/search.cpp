#include "schema/search.hpp"

#include "ldap/letter_case.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace splitmx::schema {

namespace {

// What is no UTF-8 is folded as ASCII.
std::string fold(std::string_view text) {
    bool const ascii = std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
    if (ascii) return ldap::lower_case(text);
    utf8proc_uint8_t* folded = nullptr;
    auto const options =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    auto const length = utf8proc_map(
        reinterpret_cast<utf8proc_uint8_t const*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()),
        &folded,
        options
    );
    std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> const owner(folded, std::free);
    if (length < 0) return ldap::lower_case(text);
    return {reinterpret_cast<char const*>(folded), static_cast<std::size_t>(length)};
}

}  // namespace

std::vector<std::string> name_attributes() { return {"displayName", "cn"}; }

std::string display_name(ListedRecipient const& listed) {
    if (!listed.entry) return "";
    for (auto const& attribute : name_attributes()) {
        if (auto const name = listed.entry->first(attribute)) return std::string(*name);
    }
    return "";
}

SearchText::SearchText(std::string_view text) : folded_(fold(text)) {}

bool SearchText::is_in(std::string_view text) const {
    return fold(text).find(folded_) != std::string::npos;
}

bool SearchText::matches(ListedRecipient const& listed) const {
    auto const& recipient = *listed.recipient;
    if (is_in(recipient.name.text)) return true;
    for (auto const& address : recipient.addresses) {
        if (is_in(address.to_log())) return true;
    }
    for (auto const& x500 : recipient.x500_addresses) {
        if (is_in(x500.text())) return true;
    }
    if (recipient.target && is_in(recipient.target->value)) return true;
    if (!listed.entry) return false;
    for (auto const& attribute : name_attributes()) {
        for (auto const& value : listed.entry->values(attribute)) {
            if (is_in(value)) return true;
        }
    }
    return false;
}

}  // namespace splitmx::schema
