#include "relay/meant_recipients.hpp"

#include "queue/row.hpp"

#include <algorithm>

namespace splitmx::relay {

namespace {

bool is_pending(spool::QueuedRecipient const& recipient) {
    return recipient.state == spool::RecipientState::pending;
}

}  // namespace

std::vector<std::size_t> meant_recipients(
    spool::QueueItem const& item, queue::Filter const& filter
) {
    auto const row = queue::make_row(item, false);
    std::vector<std::size_t> meant;
    for (std::size_t i = 0; i < item.recipients.size(); ++i) {
        if (!is_pending(item.recipients[i])) continue;
        if (queue::matches(filter, row, row.recipients[i])) meant.push_back(i);
    }
    return meant;
}

std::size_t count_pending(spool::QueueItem const& item) {
    auto const count = std::count_if(item.recipients.begin(), item.recipients.end(), is_pending);
    return static_cast<std::size_t>(count);
}

}  // namespace splitmx::relay
