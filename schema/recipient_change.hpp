// From what an administrator wants of a recipient to a change of its entry, by a profile: the way
// back of recipient_mapping. Nothing is sent here. Each result has been tried: the changed entry
// maps to what was wanted, so that a profile that cannot say it (a class that is structural, an
// attribute that the map lacks) is an error and no surprise. Threads: pure functions. Source:
// contract of the profiles; RFC 4511 4.6 for one atomic modify.
#pragma once

#include "ldap/change.hpp"
#include "mail/mailbox.hpp"
#include "mail/result.hpp"
#include "resolver/recipient.hpp"
#include "schema/profile.hpp"

#include <optional>
#include <string>
#include <vector>

namespace splitmx::schema {

struct RecipientWish {
    resolver::RecipientKind kind = resolver::RecipientKind::mailbox;  // not a group
    std::vector<mail::Mailbox> new_addresses;  // the first is the primary one where there is none
    std::optional<resolver::TargetAddress> target;  // of a custom recipient: needed
    std::string host;                               // of a mailbox; empty: the default one
};

// The entry becomes what is wished, in one modify; its other addresses, its name and its id stay.
[[nodiscard]] mail::Result<ldap::ModifyEntry> change_into(
    Profile const& profile, ldap::Entry const& entry, RecipientWish const& wish
);

// How people call somebody.
struct PersonName {
    std::string common_name;
    std::string surname = {};  // empty: the last word of the common name
};

// A new entry at that name.
[[nodiscard]] mail::Result<ldap::AddEntry> new_entry(
    Profile const& profile,
    ldap::Dn const& dn,
    PersonName const& name,
    RecipientWish const& wish
);

[[nodiscard]] mail::Result<ldap::ModifyEntry> without_address(
    Profile const& profile, ldap::Entry const& entry, mail::Mailbox const& address
);
[[nodiscard]] mail::Result<ldap::ModifyEntry> without_member(
    Profile const& profile, ldap::Entry const& entry, resolver::EntryName const& member
);

}  // namespace splitmx::schema
