// What lint wants to know from the DNS, and what came of it. The asking is another's job; a
// question without an answer, or one that nobody could answer, is no fact. Threads: plain values.
// Source: RFC 5321 5.1, Q190021.
#pragma once

#include "lint/people.hpp"
#include "mail/domain.hpp"
#include "mail/ip_address.hpp"
#include "resolver/routing_table.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::lint {

struct DnsQuestions {
    std::vector<mail::Domain> exchangers_of;  // domains that are ours
    std::vector<mail::Domain> addresses_of;   // hosts that mail goes to
};

// Of one domain.
struct MxFact {
    enum class Form {
        here,       // one of its mail exchangers is this machine
        elsewhere,  // none of them is
        nobody,     // null MX, or no such domain
    };
    Form form = Form::here;
    std::vector<std::string> hosts;  // as the DNS has them, best first
};

struct DnsFacts {
    std::map<std::string, MxFact> exchangers;                       // by domain
    std::map<std::string, std::vector<mail::IpAddress>> addresses;  // by host; empty: it has none
};

// What there is to ask about these people and this table. Each once, in order.
DnsQuestions dns_questions(People const& people, resolver::RoutingTable const& table);

}  // namespace splitmx::lint
