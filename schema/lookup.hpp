// From the entries that one complete search gave to the resolver's answers. What counts is which
// addresses the mapped recipients own, not which filter matched.
// Never NotAsked or Unavailable: a search that failed has no entries to bring here.
// Threads: pure functions. Source: Q251152 for several owners.
#pragma once

#include "ldap/entry.hpp"
#include "mail/mailbox.hpp"
#include "resolver/directory.hpp"
#include "schema/profile.hpp"
#include "schema/recipient_mapping.hpp"

#include <span>
#include <vector>

namespace splitmx::schema {

struct EntryRemarks {
    resolver::EntryName entry;
    std::vector<MappingRemark> remarks;
};

struct Lookup {
    std::vector<resolver::Answer> answers;  // one for each address that was asked, in their order
    std::vector<EntryRemarks> remarks;      // only entries that have some
};

[[nodiscard]] Lookup answer_addresses(
    Profile const& profile,
    std::span<ldap::Entry const> entries,
    std::span<mail::Mailbox const> asked
);

[[nodiscard]] Lookup answer_x500(
    Profile const& profile, std::span<ldap::Entry const> entries, mail::X500Address const& asked
);

// One answer, for what a search of scope base gave: one entry, or none.
[[nodiscard]] Lookup answer_name(Profile const& profile, std::span<ldap::Entry const> entries);

}  // namespace splitmx::schema
