// Queued recipients that are to be decided (again) before their next attempt: mail of our own that
// was not decided yet, recipients whose [host.NAME] is no longer configured, and all that were
// decided by an older configuration. Decided from what the sender typed, by the rules of today; the
// permission to send was given when the message was accepted and is not asked again.
// Whom an operator has moved stays at that host, until the configuration no longer has it.
// What cannot be known leaves things as they are: an old route that still leads somewhere stays,
// and a recipient without one waits. Nothing is guessed.
// A copy that was one of several (a member of a group) is found again by its entry or its address;
// nobody is added to a message that is on its way, and nobody is taken away from it.
// Pure. Threads: values.
#pragma once

#include "mail/clock.hpp"
#include "resolver/resolve.hpp"
#include "spool/queue_item.hpp"
#include "spool/settle.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace splitmx::relay {

// One question, for all pending recipients that stand for the same typed address.
struct Question {
    std::string original;
    resolver::Query query;
    std::vector<std::size_t> recipients;  // indexes in the item
};

// `outdated`: the item's hops were decided by an older configuration.
std::vector<Question> questions_about(
    spool::QueueItem const& item, resolver::RoutingTable const& table, bool outdated
);
// Must that hop be decided, whatever the generation?
bool is_undecided(std::string const& hop, resolver::RoutingTable const& table);

struct Redecided {
    spool::QueueItem item;                 // with the new hops
    std::vector<spool::Outcome> outcomes;  // of recipients that need no delivery any more
    std::vector<std::size_t> unknowable;   // no route, and the directory did not tell
    bool changed = false;                  // the record must be written
    bool certain = true;                   // false: some old route stays for want of an answer
};

// `decisions`: one for each question. A recipient whose route is a new one is due at `now`.
Redecided redecide(
    spool::QueueItem item,
    std::vector<Question> const& questions,
    std::vector<resolver::Decision> const& decisions,
    resolver::RoutingTable const& table,
    mail::Instant now
);

// How long to wait for a directory that does not tell: 5 s, growing to 60 s; no attempt counts.
mail::Duration directory_wait(unsigned tries);

}  // namespace splitmx::relay
