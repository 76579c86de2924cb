// The parts of lint, one file each. Internal: lint.hpp is the door.
#pragma once

#include "lint/dns_facts.hpp"
#include "lint/finding.hpp"
#include "lint/people.hpp"
#include "mail/mailbox.hpp"
#include "resolver/routing_table.hpp"

#include <map>
#include <string>
#include <utility>

namespace splitmx::lint {

// What every check reads, and where it writes.
struct Scene {
    People const& people;
    resolver::RoutingTable const& table;
    Findings& findings;
};

void check_addresses(Scene const& scene);                 // D001
void check_values(Scene const& scene);                    // D010, D021, D022, D024
void check_routes(Scene const& scene);                    // D002 to D009, D023
void check_groups(Scene const& scene);                    // D017 to D020
void check_domains(Scene const& scene);                   // D011 to D016, D025
void check_dns(Scene const& scene, DnsFacts const& dns);  // D004, D014, D030, D031

// The rule that makes a domain ours; null where none does.
resolver::AcceptanceRule const* inbound_rule(
    resolver::RoutingTable const& table, mail::Domain const& domain
);
bool is_inbound(resolver::RoutingTable const& table, mail::Domain const& domain);

// The attribute and value in which an entry holds an address; the address where that is not known.
std::string held_as(
    schema::Listing const& listing,
    schema::ListedRecipient const& listed,
    mail::Mailbox const& address
);

// As somebody wrote it: "@example.net" for the one that takes what nobody there has.
std::string shown(mail::Mailbox const& address);

// "1 entry", "12 entries".
std::string counted(std::size_t number, std::string_view one, std::string_view many);

// Findings that are one for many entries, by what they have in common.
class Gathered {
public:
    // The finding of that key, made where there is none yet.
    Finding& at(std::string const& key, Rule rule);
    template <class Complete>
    void hand_over(Findings& to, Complete complete) {
        for (auto& [key, finding] : findings_) {
            complete(key, finding);
            to.push_back(std::move(finding));
        }
        findings_.clear();
    }

private:
    std::map<std::string, Finding> findings_;
};

}  // namespace splitmx::lint
