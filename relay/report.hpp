// Reports to senders: what failed or is late, as a message of our own with a null reverse-path.
// A report names the address that the sender typed, and to people of our own domains the member of a
// group that it is about (Q246881); outsiders are shown neither members and entries nor our own hosts
// (outsiders.hpp). Threads: pure, but for the id and the clock that are passed in.
// Source: RFC 3461 6, RFC 3464, RFC 5321 4.5.5.
#pragma once

#include "mail/dsn.hpp"
#include "relay/message.hpp"
#include "resolver/routing_table.hpp"
#include "spool/settle.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace splitmx::relay {

// Messages up to this size are returned whole where RET=FULL asks for it; larger ones cost the
// sender more than they tell.
inline constexpr std::uint64_t max_returned_octets = 50 * 1024;

enum class Audience { insider, outsider };
// Insider: the sender's domain is one of ours, so the report stays in the house.
Audience audience_of(mail::ReversePath const& sender, resolver::RoutingTable const& table);

// Whether RET=FULL can be obeyed for it.
bool wants_content(spool::QueueItem const& item);

struct ReportRequest {
    spool::QueueItem const& about;
    mail::DsnAction action;
    std::vector<mail::DsnRecipient> recipients;
    Audience audience;
    // The message from its first octet on: as far as its headers reach, or all of it where
    // wants_content().
    std::string_view original;
    std::string const& reporting_mta;  // our host name
    mail::Mailbox const& postmaster;
};

// Who reads a report, and what is to be hidden from him. Refers to the table.
struct Reader {
    Audience audience;
    resolver::RoutingTable const& table;
};

// Of those whose sender wants to hear of it.
std::vector<mail::DsnRecipient> failed_recipients(
    spool::Settlement const& settlement, Reader const& reader
);
std::vector<mail::DsnRecipient> delayed_recipients(
    spool::Settlement const& settlement, spool::RetrySchedule const& schedule, Reader const& reader
);
// Which were relayed, or delivered.
std::vector<mail::DsnRecipient> succeeded_recipients(
    spool::Settlement const& settlement, spool::Success success, Reader const& reader
);
mail::DsnRecipient expanded_recipient(std::string const& typed, ReportWish const& wish);

// A message to the sender of `about`, not decided yet (its hop is empty).
// Requires: the reverse-path is not null.
MessagePtr build_report(ReportRequest const& request, spool::SpoolId id, mail::Instant now);

// A message made here, from nobody to `to`, not decided yet.
MessagePtr own_message(
    std::string text,
    mail::Mailbox const& to,
    std::string const& hostname,
    spool::SpoolId id,
    mail::Instant now
);

}  // namespace splitmx::relay
