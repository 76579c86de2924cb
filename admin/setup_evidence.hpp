// What the people of a directory say about domains and hosts, before there is a configuration:
// which domains have addresses, in which of them some live elsewhere, which hosts have mailboxes.
// Threads: pure functions. Errors: none. Source: Q258203 (custom recipients that keep their
// address).
#pragma once

#include "schema/listing.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace splitmx::admin {

struct DomainEvidence {
    std::string name;
    std::size_t mailboxes = 0;  // with an address in it, as all that follow
    std::size_t custom_recipients = 0;
    std::size_t groups = 0;
    std::size_t stay = 0;  // custom recipients whose target is in this domain, too
};

struct HostEvidence {
    std::string name;  // as entries have it; empty: they name none
    std::size_t mailboxes = 0;
};

struct SetupEvidence {
    std::size_t mailboxes = 0;
    std::size_t custom_recipients = 0;
    std::size_t groups = 0;
    std::size_t without_address = 0;
    std::size_t without_target = 0;       // custom recipients
    std::vector<DomainEvidence> domains;  // those with most recipients first
    std::vector<HostEvidence> hosts;      // of mailboxes, the same
    std::vector<std::string> elsewhere;   // domains of targets that nobody has an address in
    std::string a_mailbox;                // an address of one
    std::string a_custom_recipient;       // whose target stays in its domain, if there is one
};

SetupEvidence evidence_of(schema::Listing const& listing);

// Names for [[domain]]: what is below another of them is left out, since that covers it.
std::vector<std::string> proposed_domains(SetupEvidence const& evidence);
// Of these the ones that another mail system has, too: "#name" where nobody has an address below.
std::vector<std::string> proposed_shared(SetupEvidence const& evidence);

// "14 mailboxes, 9 custom recipients, 2 groups"
std::string people_text(SetupEvidence const& evidence);
// A table, each line behind two blanks.
std::string domains_text(SetupEvidence const& evidence);
std::string hosts_text(SetupEvidence const& evidence);

}  // namespace splitmx::admin
