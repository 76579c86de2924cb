// Who may relay: send to domains that are not ours. Closed unless something is allowed.
// Order of Q193922: denied client, allowed client, local address it reached, verified identity;
// else no. The sender's address never grants anything (Q304897). Threads: immutable value. Source:
// Q193922, Q195969, Q255695.
#pragma once

#include "mail/ip_address.hpp"
#include "resolver/rule.hpp"

#include <optional>
#include <string>
#include <vector>

namespace splitmx::resolver {

// Who is asking, as the listener saw them.
struct Client {
    mail::IpAddress address;
    mail::IpAddress local_address;        // the address of ours that they reached
    std::string listener;                 // its name; empty if it has none
    std::optional<std::string> identity;  // authenticated and verified; guests have none (Q251149)
};

struct RelayPolicy {
    std::vector<mail::Network> deny;
    std::vector<mail::Network> allow;
    std::vector<mail::IpAddress> local_addresses;
    bool authenticated = false;

    struct Verdict {
        bool allowed;
        Rule rule;            // which condition decided
        std::string subject;  // what it looked at
    };
    Verdict judge(Client const& client) const;
};

}  // namespace splitmx::resolver
