#include "relay/move.hpp"

#include "relay/hop.hpp"
#include "resolver/ping_pong.hpp"

#include <utility>

namespace splitmx::relay {

namespace {

using spool::QueuedRecipient;

class Moving {
public:
    Moving(spool::QueueItem const& item, Move const& move, resolver::RoutingTable const& table)
        : item_(item),
          move_(move),
          table_(table),
          hop_(move.host.empty() ? std::string() : hop_of_name(move.host, table)),
          row_(queue::make_row(item, false)) {}

    bool is_meant(std::size_t index) const {
        auto const& recipient = item_.recipients[index];
        if (recipient.state != spool::RecipientState::pending) return false;
        if (reason_of_failed_hop(recipient.hop)) return false;
        if (move_.host.empty() ? recipient.moved_from.empty() : recipient.hop == hop_) return false;
        return queue::matches(move_.filter, row_, row_.recipients[index]);
    }

    // The address that came goes back unchanged to where it came from.
    bool would_loop(QueuedRecipient const& recipient) const {
        if (move_.host.empty() || item_.is_report) return false;
        if (mail::address_key(recipient.rcpt) != mail::address_key(recipient.original))
            return false;
        auto const host = host_of(hop_, table_);
        return host && resolver::is_part_of(item_.client_address, *host, table_);
    }

    void apply(QueuedRecipient& recipient, mail::Instant now) const {
        if (move_.host.empty()) {
            recipient.hop = std::exchange(recipient.moved_from, {});
        } else {
            // Moved twice, it still comes from where the rules would have it.
            auto from = std::exchange(recipient.hop, hop_);
            if (recipient.moved_from.empty()) recipient.moved_from = std::move(from);
            if (recipient.moved_from == hop_) recipient.moved_from.clear();
        }
        recipient.attempts = 0;
        recipient.next_attempt = now;
    }

private:
    spool::QueueItem const& item_;
    Move const& move_;
    resolver::RoutingTable const& table_;
    std::string const hop_;
    queue::Row const row_;
};

}  // namespace

Moved move_recipients(
    spool::QueueItem item, Move const& move, resolver::RoutingTable const& table, mail::Instant now
) {
    Moving const moving(item, move, table);
    Moved result;
    auto changed = item.recipients;
    for (std::size_t i = 0; i < item.recipients.size(); ++i) {
        if (!moving.is_meant(i)) continue;
        if (moving.would_loop(item.recipients[i])) {
            result.would_loop = true;
            continue;
        }
        moving.apply(changed[i], now);
        result.recipients.push_back(i);
    }
    item.recipients = std::move(changed);
    result.item = std::move(item);
    return result;
}

}  // namespace splitmx::relay
