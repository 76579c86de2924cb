// Whom of a queued message an operator means: those still to be delivered to that the filter fits.
// A filter without words about recipients means all of them.
// Pure. Threads: values.
#pragma once

#include "queue/filter.hpp"
#include "spool/queue_item.hpp"

#include <cstddef>
#include <vector>

namespace splitmx::relay {

// Indexes in the item.
std::vector<std::size_t> meant_recipients(
    spool::QueueItem const& item, queue::Filter const& filter
);

std::size_t count_pending(spool::QueueItem const& item);

}  // namespace splitmx::relay
