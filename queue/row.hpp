// One message of the queue as an operator reads it: where it stands, and why. Made by whoever has
// the spool, sent through the control socket in its JSON form, printed by the tool.
//
// The JSON names are for scripts and stay (docs/operations.md); those that Postfix has too mean the
// same: queue_name, queue_id, arrival_time, message_size, sender, recipients[].address. Times are
// seconds since 1970. A member without a value is left out.
// Threads: values. Errors of from_json(): what is missing or wrong, in one line.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"
#include "spool/damaged.hpp"
#include "spool/queue_item.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::queue {

// Where a message stands. active: on its way to a host now. deferred: waits for a later attempt.
// incoming: has not been attempted yet. damaged: set aside, never sent.
enum class Place { incoming, active, deferred, hold, damaged };

std::string_view to_text(Place place);

struct RecipientRow {
    std::string address;   // for RCPT TO
    std::string original;  // as the sender typed it
    std::string host;      // "notes", "mx:example.net"; empty: not decided yet
    std::string moved_from;  // where it was decided to, before an operator moved it; empty: there
    std::string kind;      // "mailbox", "custom_recipient", ...
    std::string entry;     // DN; empty: none
    std::string state;     // "pending", "delivered", "failed"
    unsigned attempts = 0;
    std::optional<mail::Instant> next_attempt;  // while pending
    std::string last_answer;                    // "451 4.3.2 try later"; empty: none yet
    std::string last_host;                      // that gave it; empty: none was reached

    bool is_pending() const { return state == "pending"; }
    bool operator==(RecipientRow const&) const = default;
};

struct Row {
    spool::SpoolId id;
    Place place = Place::incoming;
    mail::Instant arrived;
    std::uint64_t size = 0;  // octets
    std::string sender;      // "ann@example.com"; empty: null reverse-path
    std::string client;      // "mx.example[192.0.2.1]"; empty: made here
    std::string listener;
    std::string note;  // hold, damaged: why
    bool is_report = false;
    std::vector<RecipientRow> recipients;

    bool operator==(Row const&) const = default;
};

// The name of a next hop for people: "notes" for "host:notes".
std::string host_name(std::string_view hop);

Row make_row(spool::QueueItem const& item, bool in_delivery);
Row make_row(spool::DamagedMessage const& message);
// A message whose record cannot be read where it stands.
Row make_row(spool::SpoolId id, spool::Error const& damage);

std::string to_json(Row const& row);  // one line
mail::Result<Row> from_json(std::string_view line);

}  // namespace splitmx::queue
