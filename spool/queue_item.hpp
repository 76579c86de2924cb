// A message in the queue: its envelope, the state of each recipient, and where its body is.
// Decisions of others are kept as text (hop, kind, entry): this room does not interpret them.
// The record is text, one `field: value` line each, version first, checksum last, so that an
// operator can read it. Values are escaped: no octet of an address or a reply can make a line of
// its own. decode() takes nothing for granted: every deviation is refused with its position, and a
// record of a newer version is told apart from a damaged one.
// Threads: values. Source: RFC 5321 2.3.1 (envelope), 4.5.4.1 (sending strategy).
#pragma once

#include "mail/clock.hpp"
#include "mail/dsn_request.hpp"
#include "mail/ip_address.hpp"
#include "mail/path.hpp"
#include "mail/status.hpp"
#include "spool/errc.hpp"
#include "spool/spool_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::spool {

enum class BodyKind { seven_bit, eight_bit };  // as BODY said (RFC 6152)
// What was seen in the octets. Unknown in mail of an earlier version.
enum class ContentOctets { unknown, seven_bit, eight_bit_body, eight_bit_header };
enum class BodyPlace { record, file };         // beside the record in the store, or a file
enum class RecipientState { pending, delivered, failed };

struct QueuedRecipient {
    std::string original;  // as the sender typed it, for reports
    std::string orcpt;     // ORCPT as it came, in xtext (RFC 3461 4.2); empty: none
    mail::Notify notify;   // which reports the sender wants
    std::string rcpt;      // wire form, for RCPT TO
    std::string hop;       // key of the next hop, as the relay chose it: "host:notes"
    std::string kind;      // why this hop: "mailbox", "custom_recipient", ...
    std::string entry;     // DN of the directory's entry; empty: none
    // One copy of several: `original` named a group or a mailbox with an alternate too, or leads
    // here together with another address. Deciding `original` again would not give just this one.
    bool expanded = false;
    // An operator's word: `hop` stands in place of this one, which was decided. Empty: it was not moved.
    std::string moved_from;
    RecipientState state = RecipientState::pending;
    unsigned attempts = 0;       // that failed; those on directory trouble do not count
    mail::Instant next_attempt;  // counts while pending
    std::optional<mail::Status> last_status;
    std::string last_host;  // that gave last_status; empty: none was reached

    bool operator==(QueuedRecipient const&) const = default;
};

struct QueueItem {
    SpoolId id;
    mail::Instant arrived;
    mail::ReversePath from;
    std::uint64_t size = 0;  // octets of the body
    BodyKind body_kind = BodyKind::seven_bit;
    ContentOctets octets = ContentOctets::unknown;
    bool smtputf8 = false;  // the sender said so (RFC 6531)
    mail::ReturnContent returns = mail::ReturnContent::unsaid;
    std::string envelope_id;  // ENVID as it came, in xtext; empty: none
    BodyPlace body_place = BodyPlace::record;
    std::uint32_t checksum = 0;  // CRC32C of the body
    std::string client;          // for logs: "mx.example[192.0.2.1]"
    // Who asked, to decide a recipient again as it was decided first. Not for mail made here.
    mail::IpAddress client_address;
    mail::IpAddress local_address;        // the address of ours that the client reached
    std::string listener;                 // its name; empty: it has none
    std::optional<std::string> identity;  // of an authenticated client
    std::string helo;
    bool is_report = false;           // made here, about another message
    bool warning_sent = false;        // the sender was told of the delay
    std::optional<std::string> held;  // why it is set aside; none: it is being delivered
    std::vector<QueuedRecipient> recipients;

    bool operator==(QueueItem const&) const = default;
};

// What a record says of the body.
struct BodyFacts {
    std::uint64_t size = 0;
    std::uint32_t checksum = 0;
    BodyPlace place = BodyPlace::record;
};
BodyFacts facts_of(QueueItem const& item);

std::string encode(QueueItem const& item);
// The same with another body.
std::string encode(QueueItem const& item, BodyFacts const& body);
// Errors: damaged, wrong_version; `what` names the position.
Result<QueueItem> decode(std::string_view record);

}  // namespace splitmx::spool
