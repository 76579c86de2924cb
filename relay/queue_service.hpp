// The queue as an operator sees and steers it: one door to the queues of all loops and to the
// states of the hosts. Whoever asks is somebody else (the control socket); this room only answers.
// Threads: any; each callback is called once, on a loop of the relay (or, after the loops have
// ended, never), and must only pass on. Ownership: outlives its callers; the service owns it.
#pragma once

#include "mail/clock.hpp"
#include "relay/host_state.hpp"
#include "relay/queue_operation.hpp"
#include "spool/queue_index.hpp"
#include "spool/spool_id.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::relay {

// -- what is there
// ----------------------------------------------------------------------------------

struct HostView {
    std::string name;  // as in [host.NAME], "mx:example.net", "mbx1.adatum.com:25", "[192.0.2.7]"
    HostCondition condition = HostCondition::up;
    mail::Instant since;          // of the condition
    std::string pause_reason;     // paused
    std::size_t waiting = 0;      // messages that still have to go there, held ones not counted
    std::size_t in_delivery = 0;  // transactions now
    std::size_t connections = 0;  // now
    std::size_t may_connect = 0;  // what has been learned: grows on success, falls on failure
    std::size_t limit = 0;        // [host.NAME] connections
    std::string last_answer;      // to the last connection or transaction; empty: none yet
    std::optional<mail::Instant> last_answer_at;
    std::optional<mail::Instant> next_probe;  // down
};

struct QueueTotals {
    std::size_t messages = 0;
    std::uint64_t octets = 0;             // of their bodies
    std::optional<mail::Instant> oldest;  // arrival
    std::size_t deferred = 0;             // waiting for a later attempt
    std::size_t in_delivery = 0;
    std::size_t held = 0;
    std::array<std::size_t, spool::QueueIndex::age_minutes.size() + 1> by_age{};
    bool complete = true;  // false: messages of an earlier run are still being read
};

struct QueueSnapshot {
    QueueTotals totals;
    std::vector<spool::SpoolId> in_delivery;
    std::vector<HostView> hosts;  // by name: what is configured, and what has mail or a state
};

enum class HostChange {
    done,
    no_such_host,  // neither configured nor known
    unchanged,     // was paused (the reason is replaced), or was not paused
    not_written,
};

struct HostAnswer {
    HostChange result = HostChange::no_such_host;
    std::string why;  // not_written
};

// -- the door
// ---------------------------------------------------------------------------------------

class QueueService {
public:
    virtual ~QueueService() = default;

    virtual void apply(
        spool::SpoolId id, QueueOperation operation, std::function<void(OperationAnswer)> done
    ) = 0;
    virtual void snapshot(std::function<void(QueueSnapshot)> done) = 0;

    // `name` as in HostView. A pause outlives restarts; transactions under way come to their end.
    virtual void pause_host(
        std::string name, std::string reason, std::function<void(HostAnswer)> done
    ) = 0;
    virtual void resume_host(std::string name, std::function<void(HostAnswer)> done) = 0;
};

}  // namespace splitmx::relay
