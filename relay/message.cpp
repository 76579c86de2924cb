#include "relay/message.hpp"

#include "relay/hop.hpp"

#include <algorithm>
#include <unordered_map>
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

// In a domain of others only its own hosts know whether two spellings of a local part are one
// mailbox (RFC 5321 2.4).
bool is_theirs_to_compare(spool::QueuedRecipient const& recipient) {
    return recipient.kind == resolver::to_text(resolver::RouteKind::relay) ||
           recipient.kind == resolver::to_text(resolver::RouteKind::unknown);
}

// Equal for recipients who are one: at one hop the same address, or one entry of our directory,
// which looks at no case, under one address.
std::vector<std::string> keys_of(spool::QueuedRecipient const& recipient) {
    std::vector<std::string> keys{recipient.hop + '\n' + recipient.rcpt};
    if (!is_theirs_to_compare(recipient)) {
        keys.push_back(
            recipient.hop + '\n' + recipient.entry + '\n' + mail::address_key(recipient.rcpt)
        );
    }
    return keys;
}

std::string words_of(mail::Notify const& notify) {
    return notify.is_said() ? notify.to_wire() : "FAILURE,DELAY";
}

// Both wishes are about the one copy: what either wants is told (RFC 3461 4.1).
mail::Notify either_of(mail::Notify const& one, mail::Notify const& other) {
    if (one == other || other == mail::Notify::never()) return one;
    if (one == mail::Notify::never()) return other;
    return mail::Notify::parse(words_of(one) + "," + words_of(other)).value_or(one);
}

// `kept` stands for `repeated`, too.
void join(spool::QueuedRecipient& kept, spool::QueuedRecipient&& repeated) {
    if (kept.original != repeated.original) kept.expanded = true;
    // A success is told of under the address for which it was asked.
    if (repeated.notify.wants_success() && !kept.notify.wants_success()) {
        kept.original = std::move(repeated.original);
        kept.orcpt = std::move(repeated.orcpt);
    }
    kept.notify = either_of(kept.notify, repeated.notify);
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
    std::unordered_map<std::string, std::size_t> seen;
    std::vector<spool::QueuedRecipient> kept;
    for (auto& recipient : item.recipients) {
        auto keys = keys_of(recipient);
        auto place = kept.size();
        for (auto const& key : keys) {
            if (auto const first = seen.find(key); first != seen.end()) place = first->second;
        }
        for (auto& key : keys) seen.emplace(std::move(key), place);
        if (place == kept.size())
            kept.push_back(std::move(recipient));
        else
            join(kept[place], std::move(recipient));
    }
    item.recipients = std::move(kept);
}

}  // namespace splitmx::relay
