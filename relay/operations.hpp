// What an operator does to a message, on the loop that has it: written down, then done, then
// answered. While somebody is busy with the message, all but Retry wait for the end of that. Threads: one loop; `done` is called there, once.
#pragma once

#include "relay/dispatcher.hpp"
#include "relay/queue_operation.hpp"

#include <functional>

namespace splitmx::relay {

void operate(
    Dispatcher& dispatcher,
    spool::SpoolId id,
    QueueOperation operation,
    std::function<void(OperationAnswer)> done
);

}  // namespace splitmx::relay
