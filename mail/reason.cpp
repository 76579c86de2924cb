#include "mail/reason.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace splitmx::mail {

namespace {

constexpr std::array<ReasonInfo, 17> registry{{
    {Reason::mailbox, "mailbox", 250, {1, 5}, "Recipient OK", "A mailbox has this address."},
    {Reason::custom_recipient,
     "custom_recipient",
     250,
     {1, 5},
     "Recipient OK",
     "A custom recipient has this address; mail goes on to its target address."},
    {Reason::group, "group", 250, {1, 5}, "Recipient OK", "A group has this address."},
    {Reason::relay,
     "relay",
     250,
     {1, 5},
     "Recipient OK",
     "The domain belongs to another system, and the client may relay to it."},
    {Reason::forwarded_unknown,
     "forwarded_unknown",
     250,
     {1, 5},
     "Recipient OK",
     "Nobody here has this address; the domain forwards such mail to its host."},
    {Reason::postmaster,
     "postmaster",
     250,
     {1, 5},
     "Recipient OK",
     "Mail for a postmaster who has no entry of their own."},
    {Reason::unknown_recipient,
     "unknown_recipient",
     550,
     {1, 1},
     "No mailbox or custom recipient has this address",
     "The directory, complete and fresh, has no entry with this address."},
    {Reason::bad_address,
     "bad_address",
     553,
     {1, 3},
     "This is not a valid mail address",
     "The address does not follow RFC 5321 4.1.2."},
    {Reason::ambiguous,
     "ambiguous",
     550,
     {1, 4},
     "More than one recipient has this address",
     "Two or more entries hold this address."},
    {Reason::disabled,
     "disabled",
     550,
     {2, 1},
     "This mailbox is disabled",
     "The entry is switched off."},
    {Reason::too_large,
     "too_large",
     552,
     {3, 4},
     "Message is larger than is accepted here",
     "The message exceeds [server] max_message."},
    {Reason::no_route,
     "no_route",
     554,
     {4, 4},
     "There is no route to this recipient",
     "A recipient was found, but its target or host leads nowhere."},
    {Reason::loop,
     "loop",
     554,
     {4, 6},
     "Mail for this recipient would loop",
     "Following the rules leads back to where the mail came from."},
    {Reason::relay_denied,
     "relay_denied",
     550,
     {7, 1},
     "Relaying is prohibited",
     "The domain is not ours and the client may not relay (Q193922)."},
    {Reason::restricted,
     "restricted",
     550,
     {7, 1},
     "This recipient does not accept mail from you",
     "The entry accepts mail only from others, or rejects this sender."},
    {Reason::expired,
     "expired",
     451,
     {4, 7},
     "Delivery time expired",
     "The message could not be delivered within [queue] expire."},
    {Reason::directory_unavailable,
     "directory_unavailable",
     451,
     {4, 3},
     "The recipient cannot be looked up now, try again later",
     "The directory did not answer; nothing is known about the address."},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < registry.size(); ++i) {
        if (static_cast<std::size_t>(registry[i].reason) != i) return false;
    }
    return true;
}
static_assert(in_order(), "the registry is indexed by the enumerator");

}  // namespace

std::span<ReasonInfo const> all_reasons() { return registry; }

ReasonInfo const& info(Reason reason) { return registry[static_cast<std::size_t>(reason)]; }

std::string_view to_id(Reason reason) { return info(reason).id; }

std::optional<Reason> reason_from_id(std::string_view id) {
    auto const found = std::find_if(registry.begin(), registry.end(), [id](auto const& entry) {
        return entry.id == id;
    });
    if (found == registry.end()) return std::nullopt;
    return found->reason;
}

Status status_of(Reason reason) {
    auto const& entry = info(reason);
    return {entry.code, entry.enhanced, std::string(entry.text)};
}

Status transient_status(Reason reason) {
    auto const& entry = info(reason);
    return {451, entry.enhanced, std::string(entry.text)};
}

}  // namespace splitmx::mail
