#include "schema/x500_owner.hpp"

#include "ldap/dn.hpp"
#include "schema/address_value.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::schema {

namespace {

constexpr std::size_t digits_before = 32;  // and a "-"
constexpr std::size_t digits_behind = 3;

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool are_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

// "/o=x/cn=recipients/cn=anna": anna. In lower case.
std::string last_name(mail::X500Address const& address) {
    auto const key = address.key();
    auto const last = key.substr(key.rfind('/') + 1);
    auto const divider = last.find('=');
    return divider == std::string::npos ? std::string() : last.substr(divider + 1);
}

// In the order in which they are tried.
std::vector<std::string> names_in(mail::X500Address const& address) {
    std::vector<std::string> names{last_name(address)};
    std::string_view const name = names.front();
    if (name.size() > digits_before + 1 && name[digits_before] == '-' &&
        are_digits(name.substr(0, digits_before))) {
        names.emplace_back(name.substr(digits_before + 1));
    }
    std::string_view const plain = names.back();
    if (plain.size() > digits_behind && are_digits(plain.substr(plain.size() - digits_behind))) {
        names.emplace_back(plain.substr(0, plain.size() - digits_behind));
    }
    return names;
}

}  // namespace

X500Guesser::X500Guesser(Listing const& listing) {
    for (std::size_t i = 0; i < listing.recipients.size(); ++i) {
        auto const& recipient = *listing.recipients[i].recipient;
        for (auto const& address : recipient.addresses) add(address.local_part().key(), i);
        for (auto const& x500 : recipient.x500_addresses) add(last_name(x500), i);
        auto const dn = ldap::Dn::parse(recipient.name.text);
        if (dn && !dn->is_root()) add(mail::fold_case(dn->naming().value), i);
    }
}

void X500Guesser::add(std::string const& name, std::size_t listed) {
    auto const [at, is_new] = by_name_.try_emplace(name, listed);
    if (!is_new && at->second != listed) at->second.reset();
}

std::optional<std::size_t> X500Guesser::owner(mail::X500Address const& address) const {
    for (auto const& name : names_in(address)) {
        auto const found = by_name_.find(name);
        if (!name.empty() && found != by_name_.end()) return found->second;
    }
    return std::nullopt;
}

X500Value x500_value(Profile const& profile, mail::X500Address const& address) {
    auto const& attribute = profile.addresses.front();
    return {attribute.name, write_x500(address, attribute.syntax)};
}

mail::Result<ldap::ModifyEntry> with_x500(
    Profile const& profile, resolver::EntryName const& entry, mail::X500Address const& address
) {
    auto dn = ldap::Dn::parse(entry.text);
    if (!dn) return mail::Error{dn.error().what, 0};
    auto [attribute, value] = x500_value(profile, address);
    ldap::ModifyEntry change{std::move(*dn), {}};
    change.modifications.push_back(
        {ldap::Modification::Operation::add, std::move(attribute), {std::move(value)}}
    );
    return change;
}

}  // namespace splitmx::schema
