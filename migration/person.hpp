// What a row of another mail system's file is to us: a person, a route, or nothing that has to be
// carried over, with the reason. Made by the readers of the formats, one file each.
// Threads: plain values. Source: Q258203 for mailbox and custom recipient.
#pragma once

#include "ldap/dn.hpp"
#include "mail/domain.hpp"
#include "mail/mailbox.hpp"
#include "resolver/recipient.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::migration {

// Said of a row that is carried over, of what is not.
enum class Loss {
    forwarding,       // it forwards, or has an alternate recipient
    restrictions,     // who may write to it
    bad_address,      // a further address that is none, or is not ASCII
    address_as_name,  // its name is that of another; its entry is called by its address
};
inline constexpr std::size_t loss_count = 4;

// A mailbox or a custom recipient.
struct Person {
    resolver::RecipientKind kind = resolver::RecipientKind::mailbox;
    std::vector<std::string> names;  // for the name of its entry, the best first; may be empty
    std::optional<ldap::Dn::Naming> naming;  // the name it has in another directory
    std::string common_name;                 // empty: its first name, or its address
    std::string surname;                     // empty: the last word of that
    std::vector<mail::Mailbox> addresses;    // the primary one first
    std::vector<std::string> x500;           // "/o=Adatum/ou=HQ/cn=Recipients/cn=anna"
    std::optional<mail::Mailbox> target;     // of a custom recipient: needed
    std::string host;                        // of a mailbox; empty: the default one
    bool disabled = false;
    bool hidden = false;
    std::vector<Loss> losses;  // what of it is not carried over
    std::string server;        // of a mailbox, where that is only told
};

// Mail for this domain goes to that next hop, or gets another domain: [[domain]] and [host.NAME].
struct Route {
    enum class Scope { exactly, below, everything };
    enum class Action { host, reroute, inbound };

    Action action = Action::host;
    Scope scope = Scope::exactly;
    std::optional<mail::Domain> domain;  // none: everything
    std::string address;                 // host: as [host.NAME] address has it
    bool lmtp = false;
    std::optional<mail::Domain> to;  // reroute
};

// Rows that are right as they are, and are nobody whom an entry could stand for.
enum class Skip {
    list,  // members are not carried over
    public_folder,
    system_mailbox,  // of the mail system itself
    no_mail,         // an account or a contact without mail
    foreign_target,  // a custom recipient behind X.400, MS Mail, Notes, ...
    foreign_domain,  // no address in the domains that are ours
    disabled,        // and the profile cannot say so
    deleted,         // the row says: delete
    catch_all,       // every address of a domain
    refused_anyway,  // the map says that the address does not exist, and whither it went
    other_delivery,  // local, pipe and other ways to deliver that are not a next hop
    no_recipient,    // an entry of a directory that the profile does not mean
};
inline constexpr std::size_t skip_count = 12;

[[nodiscard]] std::string_view to_id(Skip skip);  // "public_folders", for programs
[[nodiscard]] std::string_view to_id(Loss loss);

// The row is wrong, and why: one line for the administrator, no full stop.
struct Rejection {
    std::string reason;
};
// So is the file: there is no use in going on.
struct Stop {
    std::string reason;
};

using Outcome = std::variant<Person, Route, Skip, Rejection, Stop>;

}  // namespace splitmx::migration
