// Where one recipient goes: the whole of the routing rules as one function of values.
// When the directory does not know an address or an entry yet, the answer is the lookups that are
// missing; ask them, add the answers, call again. Nothing is remembered between calls.
// Threads: pure; any number at once. Errors: none; refusals and deferrals are decisions.
// Source: Exchange 5.5 Internet Mail Service (Q169683, Q258203, Q259531, Q307628 and others).
#pragma once

#include "mail/path.hpp"
#include "resolver/decision.hpp"
#include "resolver/directory.hpp"
#include "resolver/relay_policy.hpp"
#include "resolver/routing_table.hpp"

#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::resolver {

inline constexpr std::size_t max_steps = 10;  // reroutes, and targets followed
inline constexpr int max_group_depth = 32;
inline constexpr std::size_t max_group_members = 10000;
// Among which a sender is looked for. More than a group may have: mail goes to none of them.
inline constexpr std::size_t max_restriction_members = 100000;

struct Query {
    mail::ForwardPath rcpt;
    mail::ReversePath from;
    Client client;
    // Mail of this system itself, such as a report: nobody asked, so no permission is asked for, it
    // came from no system, and restrictions do not keep it back.
    bool own = false;
    // A recipient that was accepted from that client earlier and waits in the queue: the permission
    // it was given stays (relay policy, restrictions); where it goes is decided anew, and that it
    // must not go back unchanged to where it came from, too.
    bool accepted = false;
};

struct Missing {
    std::vector<LookupKey> lookups;  // at least one, no two equal
};

using Resolution = std::variant<Decision, Missing>;

Resolution resolve(Query const& query, RoutingTable const& table, Directory const& directory);

// The decision for text that is no address at all.
Decision refuse_bad_address(std::string_view text, std::string_view why);

}  // namespace splitmx::resolver
