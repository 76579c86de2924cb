// The order of work on one loop: which message is due at which next hop, who carries it, what waits
// behind a host that is down or paused, and what must be decided again first.
//
// Messages wait as ids; the record and the body are read when a courier takes the job. What a
// message has become is written before it counts (settler.hpp).
// Threads: one loop; the HostBook's calls are posted there. Source: RFC 5321 4.5.4.1.
#pragma once

#include "relay/decider.hpp"
#include "relay/host_queue.hpp"
#include "relay/job.hpp"
#include "relay/loop_queue.hpp"
#include "relay/people_watch.hpp"
#include "relay/settler.hpp"

#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace splitmx::relay {

class Dispatcher {
public:
    Dispatcher(
        Parts& parts, boost::asio::any_io_executor loop, SpoolInbox& inbox, std::span<char> buffer
    );
    ~Dispatcher();

    // Requires: on the loop. Until then messages of an earlier run may be entered already.
    void start();
    // A message that has just become durable; its pending recipients are attempted now.
    void take(MessagePtr message);
    // A message of an earlier run.
    void enter(spool::Summary const& summary);

    // Begins nothing new; what is under way goes on.
    void drain();
    void stop();
    bool is_at_rest() const { return queue_.under_way == 0 && couriers_ == 0; }
    bool is_draining() const { return queue_.draining; }

    // -- for host queues and couriers
    Parts& parts() { return queue_.parts; }
    HostBook& hosts() { return queue_.parts.hosts; }
    std::size_t number() const { return number_; }  // of the loop, in the HostBook
    boost::asio::any_io_executor const& loop() const { return queue_.loop; }
    std::span<char> read_buffer() { return buffer_; }
    void courier_started() { ++couriers_; }
    void courier_ended() { --couriers_; }
    // Null where the configuration no longer has this host.
    resolver::HostPtr host_at(std::string const& hop) const;

    std::size_t ready_at(std::string const& hop) const;
    // The next that is ready there, fairly; in delivery then, until put_back() or job_done().
    std::optional<Job> take_job(std::string const& hop);
    void put_back(Job job);  // nothing was said about it
    void transaction_done(Job const& job, std::vector<spool::Outcome> outcomes);
    Written job_done(Job job, std::vector<spool::Outcome> outcomes);
    // The host is down or paused: what is ready there waits behind it. No connection was tried for
    // these messages, no line is logged, and the disk hears of it only when a deadline is over.
    void hold_back(std::string const& hop);
    // One message of those behind the host is ready.
    void send_ahead(std::string const& hop);
    void decide_all(std::string const& hop);

    // -- for operations
    LoopQueue& queue() { return queue_; }
    Settler& settler() { return settler_; }
    // All recipients of a message are due now, also those behind a host.
    void try_now(spool::SpoolId id);
    // Another configuration is in force: what waits behind a host is attempted by it at once.
    void settings_changed();
    // Their entries say something else now: what waits for them is decided again at once.
    void people_changed(ChangedAddresses const& changed) { watch_.look_for(changed); }

private:
    using Leg = spool::QueueIndex::Leg;

    void review(spool::SpoolId id, HostBook::Why why);
    void decide_again(MessagePtr const& message);
    void start_leg(Leg leg, HostBook::Why why);
    void settle_failed_hop(spool::SpoolId id);
    void hold_back_leg(Leg leg, HostState const& host, Settings const& settings);
    void give_outcome(spool::SpoolId id, std::string const& hop, HostState const& host);
    void mark_behind_host(spool::SpoolId id);
    void host_changed(HostChanged const& change);
    HostQueue& host_queue(std::string const& hop);
    HostQueue* find_host_queue(std::string const& hop);

    void arm();
    void look();
    void adopt_settings();
    void probe_hosts();

    LoopQueue queue_;
    Settler settler_;
    Decider decider_;
    PeopleWatch watch_;
    std::span<char> buffer_;
    std::size_t number_;
    std::map<std::string, std::shared_ptr<HostQueue>> host_queues_;  // by hop
    std::size_t couriers_ = 0;
    boost::asio::steady_timer timer_;
    std::optional<mail::Instant> armed_for_;
    std::uint64_t generation_ = 0;  // of the settings that were looked at last
    std::uint64_t looks_ = 0;
};

}  // namespace splitmx::relay
