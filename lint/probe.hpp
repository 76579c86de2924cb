// How an entry would be delivered to, asked of the resolver itself: an address that nobody has, in
// a domain that nobody has, leads to it. So restrictions, duplicates and unused domains of its real
// addresses do not hide what becomes of the entry.
// Groups met on the way are not expanded, so that the work does not grow with their members.
// Threads: one. Ownership: refers to people, which outlive it. Errors: none.
#pragma once

#include "lint/people.hpp"
#include "resolver/resolve.hpp"

#include <cstddef>

namespace splitmx::lint {

class Probe final : public resolver::Directory {
public:
    Probe(People const& people, resolver::RoutingTable const& table);

    // Mail for this entry, whether or not the people know it.
    resolver::Decision decide(resolver::RecipientPtr recipient);

    // Mail for a member of a list, by its address.
    resolver::Decision decide(mail::Mailbox const& address) const;

    // The entry that such mail comes to first; an empty name where it comes to none.
    resolver::EntryName entry_of(mail::Mailbox const& address) const;

    resolver::Answer find(mail::Mailbox const& address) const override;
    resolver::Answer find(resolver::EntryName const& name) const override;
    resolver::Answer find(mail::X500Address const& address) const override;

private:
    People const& people_;
    resolver::RoutingTable table_;
    mail::Mailbox address_;
    resolver::RecipientPtr probed_;
};

}  // namespace splitmx::lint
