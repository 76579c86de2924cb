// Where in an entry something stands that a recipient was made of: the way back from the mapping,
// for tools that show or change it. Threads: pure functions. Errors: none; what is not there is
// nowhere.
#pragma once

#include "ldap/entry.hpp"
#include "mail/mailbox.hpp"
#include "resolver/recipient.hpp"
#include "schema/profile.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::schema {

struct ValuePlace {
    std::string attribute;  // as the profile names it
    std::string value;      // as the entry has it
};

// Every value that gives the entry this address.
[[nodiscard]] std::vector<ValuePlace> places_of(
    Profile const& profile, ldap::Entry const& entry, mail::Mailbox const& address
);
// Every value that makes it a member of the group.
[[nodiscard]] std::vector<ValuePlace> member_places(
    Profile const& profile, ldap::Entry const& entry, resolver::EntryName const& member
);

// A spelling that is an address, for a value that is none: its type added, a final dot, double
// dots and blanks around it taken away. Nothing where that does not help.
[[nodiscard]] std::optional<std::string> corrected(std::string_view value, AddressSyntax syntax);

}  // namespace splitmx::schema
