// The states of all next hops, one book for all loops; and the bound on outbound connections over
// all hosts. When places are short, hosts that wait for one take turns, and so do the loops that
// wait for one host. Whoever holds a place that others wait for, and does not use it, is told.
// Hosts go by their hop (hop.hpp). Threads: any. The Loop's functions are called on any thread,
// without a lock, and must only post. Ownership: loops end after the last call to the book.
#pragma once

#include "relay/host_state.hpp"
#include "spool/schedule.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace splitmx::relay {

// How many connections there may be to all hosts together: each needs a descriptor, and one for the
// body it carries; clients and the spool need theirs. `open_files`: the limit of the process.
std::size_t outbound_limit(std::size_t open_files, std::size_t clients);
// As many clients as leave the fewest connections to hosts, and everything else.
std::size_t most_clients(std::size_t open_files);
// How long one failure answers for every message of that host (HostState).
mail::Duration freshness(spool::RetrySchedule const& schedule);

// How many messages wait at a host, added up over the loops: the last one brings the sum.
class LoopCount {
public:
    LoopCount(std::size_t loops, std::function<void(std::size_t)> done)
        : open_(loops), done_(std::move(done)) {}
    void add(std::size_t messages) {
        sum_ += messages;
        if (--open_ == 0) done_(sum_);
    }

private:
    std::atomic<std::size_t> open_;
    std::atomic<std::size_t> sum_ = 0;
    std::function<void(std::size_t)> done_;
};

// A change of condition on its way to all loops: each adds how many messages of its own wait there.
struct HostChanged {
    std::string hop;
    HostCondition before = HostCondition::up;
    HostCondition now = HostCondition::up;
    std::optional<HostReply> reply;  // down: why
    mail::Duration lasted{0};        // `before`
    std::string reason;              // paused: the operator's
    std::shared_ptr<LoopCount> count;
};

// How long a place stays idle where another loop, which has as many, waits for one more: between
// two messages of a busy time none changes hands, for a new connection costs more than a message.
inline constexpr std::chrono::milliseconds lent_time{50};

class HostBook {
public:
    using Moment = HostState::Moment;
    using Entry = HostState::Entry;
    using Why = HostState::Why;

    struct Loop {
        std::function<void(HostChanged const&)> changed;
        std::function<void(std::string const& hop)> granted;  // a place, as asked for: use or leave
        std::function<void()> wanted;                         // idle places, please
    };

    // `report`: told of each change when all loops have counted, on the last one's thread.
    using Report = std::function<void(HostChanged const& change, std::size_t messages)>;

    HostBook(std::size_t total, Report report) : total_(total), report_(std::move(report)) {}

    // Before anything else. The number that a loop goes by, from 0.
    std::size_t join(Loop loop);
    // From a new configuration: limits by name in [host.NAME], others have the default. Hosts that
    // are down may be tried at once. Once a generation, whoever calls.
    void adopt(
        std::uint64_t generation,
        std::unordered_map<std::string, unsigned> limits,
        mail::Duration fresh
    );

    // granted: a place is taken. full: granted() comes later, unless cancel() comes first. All loops
    // are told that one is wanted; of a loop that has some, not more often than each lent_time.
    Entry ask(std::size_t loop, std::string const& hop, Why why);
    void cancel(std::size_t loop, std::string const& hop);
    void leave(std::size_t loop, std::string const& hop, bool was_connected);
    // Another loop waits for an idle place of this hop.
    bool is_wanted(std::size_t loop, std::string const& hop) const;
    // Somebody waits who has less than his share: give him a place of this loop's that is in use.
    bool should_yield(std::size_t loop, std::string const& hop) const;

    void connected(std::string const& hop);
    void carried(std::string const& hop, HostReply reply);
    void broke(std::string const& hop, HostReply reply);
    void unreachable(std::string const& hop, HostReply reply);
    // Whether it changed anything but the reason.
    bool pause(std::string const& hop, std::string reason);
    bool resume(std::string const& hop);

    HostCondition condition(std::string const& hop) const;
    // A copy of what is known; default state when nothing is.
    HostState state(std::string const& hop) const;
    std::vector<std::string> hops() const;  // of which anything is known
    std::size_t connections() const;
    std::size_t total() const { return total_; }

private:
    struct Entry_ {
        explicit Entry_(HostState fresh_state) : state(std::move(fresh_state)) {}
        HostState state;
        std::deque<std::size_t> waiting;  // loops, each once
        std::vector<unsigned> places;     // taken, by loop
        bool has_turn = false;            // in turns_
        Moment told{};                    // all loops, that a place is wanted
    };
    // What is to be told when the lock is gone.
    struct News {
        std::vector<HostChanged> changes;
        std::vector<std::pair<std::size_t, std::string>> grants;
        bool wanted = false;
    };

    Entry_& entry(std::string const& hop);
    void take(Entry_& host, std::size_t loop);
    bool is_short() const { return used_ >= total_ && !turns_.empty(); }
    HostState new_state(std::string_view hop) const;
    void offer(std::string const& hop, Entry_& entry);
    void serve(News& news);
    void tell(News const& news) const;
    template <class Change>
    bool change(std::string const& hop, Change const& what);
    void forget_unused();

    std::size_t const total_;
    Report const report_;
    std::vector<Loop> loops_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, unsigned> limits_;
    mail::Duration fresh_{30'000};
    std::uint64_t generation_ = 0;
    std::map<std::string, Entry_> hosts_;
    std::deque<std::string> turns_;  // hosts that could take a place, were there one
    std::size_t used_ = 0;
    std::size_t sweep_at_ = 4096;
};

}  // namespace splitmx::relay
