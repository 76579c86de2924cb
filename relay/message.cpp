#include "relay/message.hpp"

#include "relay/hop.hpp"

#include <algorithm>
#include <set>

namespace splitmx::relay {

namespace {

spool::QueuedRecipient failed_recipient(
    spool::QueueItem const& item, std::string const& typed, std::string rcpt, mail::Reason reason
) {
    spool::QueuedRecipient recipient;
    recipient.original = typed;
    recipient.rcpt = std::move(rcpt);
    recipient.hop = failed_hop(reason);
    recipient.next_attempt = item.arrived;
    return recipient;
}

}  // namespace

void add_recipients(
    spool::QueueItem& item,
    std::string const& typed,
    resolver::Decision const& decision,
    resolver::RoutingTable const& table
) {
    for (auto const& route : decision.routes) {
        spool::QueuedRecipient recipient;
        recipient.original = typed;
        recipient.rcpt = route.rcpt.to_wire();
        recipient.hop = hop_of(*route.host, table);
        recipient.kind = resolver::to_text(route.kind);
        recipient.entry = route.entry ? route.entry->text : std::string();
        recipient.next_attempt = item.arrived;
        item.recipients.push_back(std::move(recipient));
    }
    for (auto const& failed : decision.failed) {
        item.recipients.push_back(failed_recipient(item, typed, failed.rcpt, failed.reason));
    }
    if (decision.verdict == resolver::Verdict::bounce) {
        item.recipients.push_back(failed_recipient(item, typed, typed, decision.reason));
    }
}

void drop_repeated_recipients(spool::QueueItem& item) {
    std::set<std::pair<std::string, std::string>> seen;
    std::erase_if(item.recipients, [&seen](spool::QueuedRecipient const& recipient) {
        auto const mailbox = mail::Mailbox::parse_long(recipient.rcpt);
        return !seen.emplace(mailbox ? mailbox->key() : recipient.rcpt, recipient.hop).second;
    });
}

}  // namespace splitmx::relay
