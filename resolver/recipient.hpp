// What the directory says about one recipient, in Exchange's words: a mailbox, a custom recipient
// (a contact with a target address) or a group. Made by `schema` from untrusted entries, so every
// field may be missing or odd; the resolver decides what that means.
// Threads: plain values, shared as pointers to const. Source: Q258203, Q251124, Q255697, Q250521.
#pragma once

#include "mail/mailbox.hpp"
#include "mail/x500_address.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace splitmx::resolver {

// The name of a directory entry. `text` is the DN as the directory wrote it; `key` is equal for
// equal names (RFC 4514 normalised by whoever made it) and is what a lookup goes by.
struct EntryName {
    std::string text;
    std::string key;

    bool operator==(EntryName const& other) const { return key == other.key; }
};

enum class RecipientKind { mailbox, custom_recipient, group };

// What a recipient is for, in Exchange's words; it routes like any other of its kind. `remote`: its
// mailbox is in the cloud, whatever it is for.
enum class MailboxUse { ordinary, linked, shared, room, equipment, remote };

// Addresses of an entry that are of no concern to mail: {"SIP", 1}.
struct ForeignAddresses {
    std::string type;  // upper case
    std::uint64_t count = 0;
};

// "SMTP:zoe@notes.example", "NOTES:Zoe/Org". A value without a type is SMTP.
struct TargetAddress {
    std::string type;   // upper case
    std::string value;  // behind the colon, as written
};

// Whom a restriction names: one address, or an entry (any of its addresses; for a group, any of its
// members').
using Originator = std::variant<mail::Mailbox, EntryName>;

struct Recipient {
    EntryName name;
    RecipientKind kind = RecipientKind::mailbox;
    MailboxUse use = MailboxUse::ordinary;
    std::vector<mail::Mailbox> addresses;
    std::vector<mail::X500Address> x500_addresses;  // by which Outlook knows it
    std::vector<ForeignAddresses> foreign_addresses;
    std::optional<mail::Mailbox> primary;  // none: the address that was typed is kept
    std::optional<mail::Mailbox>
        deliver_as;                       // mailbox: the recipient its host knows, if not `primary`
    std::optional<TargetAddress> target;  // custom recipient
    std::string mail_host;                // mailbox: as written; empty = the default mailbox host
    bool disabled = false;
    bool hidden = false;  // from address books; routes like any other (Q255697)
    std::optional<EntryName> alternate;
    bool deliver_to_both = false;  // to the mailbox as well as to its alternate
    std::vector<Originator> accept_from;
    std::vector<Originator> reject_from;
    std::vector<EntryName> members;               // group
    std::vector<mail::Mailbox> member_addresses;  // group
    std::vector<std::string> malformed_members;   // group: values that name nobody
};

using RecipientPtr = std::shared_ptr<Recipient const>;

}  // namespace splitmx::resolver
