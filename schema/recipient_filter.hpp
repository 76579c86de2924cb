// What a live lookup asks a server: who has this address? A directory's matching may be looser than
// ours, and a filter covers several addresses at once; `owns` tells whose answer it is.
// For each address the filter has every spelling that the mapping takes: with its type where the
// syntax has one, the local part plain and quoted, the domain in A-labels and in U-labels. Case is
// left to the attribute's matching rule.
// Threads: pure functions. Source: RFC 4515 3 for escaping, RFC 5890 for the labels, Q245041.
#pragma once

#include "ldap/filter.hpp"
#include "mail/mailbox.hpp"
#include "resolver/recipient.hpp"
#include "schema/profile.hpp"

#include <span>
#include <string>
#include <vector>

namespace splitmx::schema {

// Matches the entries that have one of the addresses, within the profile's filter.
[[nodiscard]] ldap::Filter filter_for(
    Profile const& profile, std::span<mail::Mailbox const> addresses
);
[[nodiscard]] ldap::Filter filter_for(Profile const& profile, mail::Mailbox const& address);
// The same for an X500 address, as proxy or whole value.
[[nodiscard]] ldap::Filter filter_for(Profile const& profile, mail::X500Address const& address);

// Everything the mapping reads, each once, objectClass first. To be asked for by name: some are
// operational in some servers.
[[nodiscard]] std::vector<std::string> requested_attributes(Profile const& profile);
// Of these, the ones whose values are names of other entries.
[[nodiscard]] std::vector<std::string> link_attributes(Profile const& profile);

[[nodiscard]] bool owns(resolver::Recipient const& recipient, mail::Mailbox const& address);
[[nodiscard]] bool owns(resolver::Recipient const& recipient, mail::X500Address const& address);

}  // namespace splitmx::schema
