#include "relay/message.hpp"

#include "relay/hop.hpp"

#include <algorithm>
#include <map>
#include <utility>

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

// Several copies for one address, or a group, which may have other members by now: deciding the
// address again would not give one of them.
bool is_expansion(resolver::Decision const& decision) {
    return decision.reason == mail::Reason::group || !decision.failed.empty() ||
           decision.routes.size() > 1;
}

}  // namespace

void add_recipients(
    spool::QueueItem& item,
    std::string const& typed,
    resolver::Decision const& decision,
    resolver::RoutingTable const& table,
    ReportWish const& wish
) {
    auto const first = item.recipients.size();
    for (auto const& route : decision.routes) {
        spool::QueuedRecipient recipient;
        recipient.original = typed;
        recipient.rcpt = route.rcpt.to_wire();
        recipient.hop = hop_of(*route.host, table);
        recipient.kind = resolver::to_text(route.kind);
        recipient.entry = route.entry ? route.entry->text : std::string();
        recipient.expanded = is_expansion(decision);
        recipient.next_attempt = item.arrived;
        item.recipients.push_back(std::move(recipient));
    }
    for (auto const& failed : decision.failed) {
        item.recipients.push_back(failed_recipient(item, typed, failed.rcpt, failed.reason));
        item.recipients.back().expanded = true;
    }
    if (decision.verdict == resolver::Verdict::bounce) {
        item.recipients.push_back(failed_recipient(item, typed, typed, decision.reason));
    }
    bool const is_group = decision.reason == mail::Reason::group;
    for (auto i = first; i < item.recipients.size(); ++i) {
        auto& recipient = item.recipients[i];
        recipient.orcpt = wish.orcpt;
        recipient.notify = is_group || i > first ? wish.notify.without_success() : wish.notify;
    }
}

spool::Summary summary_of(Message const& message, spool::SummaryReader& reader) {
    auto summary = reader.read(message.item);
    if (message.refused.empty()) return summary;
    summary.pending.clear();
    auto const& recipients = message.item.recipients;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        if (recipients[i].state != spool::RecipientState::pending) continue;
        bool const is_refused =
            std::any_of(message.refused.begin(), message.refused.end(), [i](auto const& outcome) {
                return outcome.recipient == i;
            });
        if (is_refused) continue;
        summary.pending.push_back(
            {recipients[i].hop, recipients[i].next_attempt, recipients[i].attempts}
        );
    }
    return summary;
}

void drop_repeated_recipients(spool::QueueItem& item) {
    if (item.recipients.size() < 2) return;
    std::map<std::pair<std::string, std::string>, std::size_t> seen;
    std::vector<spool::QueuedRecipient> kept;
    for (auto& recipient : item.recipients) {
        auto const mailbox = mail::Mailbox::parse_long(recipient.rcpt);
        auto const [first, is_new] = seen.emplace(
            std::pair(mailbox ? mailbox->key() : recipient.rcpt, recipient.hop), kept.size()
        );
        if (is_new)
            kept.push_back(std::move(recipient));
        else if (kept[first->second].original != recipient.original)
            kept[first->second].expanded = true;
    }
    item.recipients = std::move(kept);
}

}  // namespace splitmx::relay
