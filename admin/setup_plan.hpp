// What `splitmx setup` was told, and the configuration that it makes of it: one of the shapes of
// the five articles, or several of them at once. Threads: plain values, pure functions. Errors:
// none; what is wrong with an answer is found by the checks of every configuration. Source:
// Q258203, Q201127, Q264557.
#pragma once

#include "admin/directory_section.hpp"

#include <string>
#include <vector>

namespace splitmx::admin {

struct SetupHost {
    std::vector<std::string> addresses;  // as [host.NAME] has them; empty: there is no such host
    bool is_lmtp = false;
    std::vector<std::string> networks;  // where its own mail comes from
};

struct SetupPlan {
    std::string made;  // "2026-11-26"
    std::string hostname;
    std::string postmaster;
    std::vector<std::string> listen;
    DirectorySection directory;
    std::string people;                // "14 mailboxes, 9 custom recipients, 2 groups"
    std::vector<std::string> own;      // names of [[domain]]: inbound, and nobody else's
    std::vector<std::string> shared;   // inbound, and with a host for those who live there
    std::vector<std::string> relayed;  // whole, to the partner
    std::vector<std::string> allow;    // networks that may relay
    SetupHost mailboxes;
    SetupHost foreign;
    SetupHost partner;
    SetupHost outbound;  // no address: the DNS says
};

// The whole file. What was not answered yet is left out, so that each answer can be checked.
std::string to_toml(SetupPlan const& plan);

// "lmtp:unix:/run/dovecot/lmtp", "notes1.contoso.com notes2.contoso.com:2525".
SetupHost setup_host(std::string_view answer);
// Words with blanks or commas between them.
std::vector<std::string> words_in(std::string_view answer);

}  // namespace splitmx::admin
