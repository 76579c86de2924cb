// The queue in memory: of each message its id, what a listing and the order of work need, and a leg
// for every next hop that it still has to be delivered to. A leg waits for its time, is ready for a
// courier of its hop (fairly by sender), or is in delivery. The rest of a message is in the spool.
// One leg is all recipients of a message at one hop: due when the first of them is. Legs of held
// messages neither wait nor get ready.
// Pure; time is a parameter, the wall clock, which may jump (due_wheel.hpp). Threads: one at a
// time. Ownership: values; a Leg number is good until its message is replaced or removed. Memory:
// about 150 octets for a message with one leg (bench/bench_queue.cpp).
#pragma once

#include "mail/clock.hpp"
#include "spool/due_wheel.hpp"
#include "spool/fair_queue.hpp"
#include "spool/id_table.hpp"
#include "spool/spool_id.hpp"
#include "spool/summary.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::spool {

// Stands for a sender; of the null reverse-path always the same.
std::uint64_t sender_key(std::string_view sender);

class QueueIndex {
public:
    using Hop = std::uint32_t;
    using Leg = std::uint32_t;

    enum class LegState : std::uint8_t { idle, waiting, ready, in_delivery };

    struct LegView {
        SpoolId id;
        Hop hop = 0;
        LegState state = LegState::idle;
        mail::Instant due;
        unsigned attempts = 0;
        // Waits for its host rather than for its time; or its time is another than the record's.
        // All its recipients are due with it, whatever the record says.
        bool behind_host = false;
    };
    struct MessageView {
        SpoolId id;
        mail::Instant arrived;
        std::uint64_t size = 0;
        std::uint64_t sender = 0;  // sender_key()
        bool from_null = false;
        bool warned = false;
        bool held = false;
        std::uint64_t generation = 0;
    };
    // Ends of the classes of age in minutes; the last class is what is older.
    static constexpr std::array<unsigned, 9> age_minutes{5, 10, 20, 40, 80, 160, 320, 640, 1280};
    struct Totals {
        std::size_t messages = 0;
        std::uint64_t octets = 0;
        std::optional<mail::Instant> oldest;
        std::size_t held = 0;
        std::size_t in_delivery = 0;  // messages of which a leg is
        std::size_t deferred = 0;     // messages of which all legs wait
        std::array<std::size_t, age_minutes.size() + 1> by_age{};
    };

    explicit QueueIndex(mail::Instant now) : wheel_(now) {}

    // Its legs wait for their time. `generation`: of the configuration that decided its hops.
    // False: it is there already, and stays as it is.
    bool add(Summary const& summary, std::uint64_t generation);
    // What has become of a message; adds it if it is not there. Legs in delivery stay so.
    void replace(Summary const& summary, std::uint64_t generation);
    void remove(SpoolId id);

    // -- legs
    // Those whose time has come, now idle: the caller says what they do.
    void take_due(mail::Instant now, std::size_t at_most, std::vector<Leg>& legs);
    std::optional<mail::Instant> next_due() const { return wheel_.next(); }
    void make_idle(Leg leg);
    void make_ready(Leg leg);
    void wait(Leg leg, mail::Instant due, unsigned attempts, bool behind_host);
    void begin_delivery(Leg leg);
    void end_delivery(Leg leg);  // idle then
    // The next one for that hop, now in delivery.
    std::optional<Leg> take_ready(Hop hop);
    // All that are ready there, now idle.
    std::vector<Leg> take_all_ready(Hop hop);
    // The wall clock was set by that much, and waits shall keep their length.
    void move_by(mail::Duration shift);

    // -- looking
    std::size_t size() const { return by_id_.size(); }
    std::optional<MessageView> find(SpoolId id) const;
    std::vector<Leg> legs_of(SpoolId id) const;
    std::optional<Leg> leg_of(SpoolId id, Hop hop) const;
    LegView leg(Leg leg) const;
    // For whoever does something to one leg after the other that may change the numbers of others:
    // find each again by leg_of(id, hop).
    std::vector<LegView> views_of(std::vector<Leg> const& legs) const;
    MessageView message_of(Leg leg) const;

    std::optional<Hop> find_hop(std::string_view name) const;
    std::string const& name_of(Hop hop) const { return hops_[hop].name; }
    std::vector<Hop> hops() const;
    std::size_t ready_at(Hop hop) const { return hops_[hop].ready_count; }
    std::size_t legs_at_count(Hop hop) const { return hops_[hop].legs; }
    std::vector<Leg> legs_at(Hop hop) const;

    void for_each(std::function<void(MessageView const&)> const& visit) const;  // in no order
    std::vector<SpoolId> of_sender(std::uint64_t key) const;
    Totals totals(mail::Instant now) const;

private:
    static constexpr std::uint32_t none = 0xffffffffU;

    struct MessageEntry {
        SpoolId id;
        mail::Instant arrived;
        std::uint64_t size = 0;
        std::uint64_t sender = 0;
        std::uint32_t generation = 0;
        std::uint32_t first_leg = none;  // of a free entry: the next free one
        bool from_null : 1 = false;
        bool warned : 1 = false;
        bool held : 1 = false;
        bool used : 1 = false;
    };
    struct LegEntry {
        mail::Instant due;
        std::uint32_t message = none;
        Hop hop = none;
        std::uint32_t next_of_message = none;  // of a free entry: the next free one
        std::uint32_t next_of_hop = none;
        std::uint32_t previous_of_hop = none;
        DueWheel::Ticket ticket = none;  // while it waits
        std::uint16_t attempts = 0;
        LegState state = LegState::idle;
        bool behind_host = false;
    };
    struct HopEntry {
        std::string name;
        std::uint32_t first_leg = none;
        std::size_t legs = 0;
        std::size_t ready_count = 0;
        FairQueue ready;  // also holds legs that are ready no more: passed over
    };

    std::optional<std::uint32_t> number_of(SpoolId id) const;
    MessageView view_of(MessageEntry const& entry) const;
    std::uint32_t new_message(Summary const& summary);
    void set(MessageEntry& message, Summary const& summary, std::uint64_t generation);
    void set_legs(std::uint32_t message, Summary const& summary);
    Leg new_leg(std::uint32_t message, Hop hop);
    void free_leg(Leg leg);
    void stop_waiting(LegEntry& entry);
    Hop enter_hop(std::string_view name);
    void leave_hop(Leg leg);

    IdTable by_id_;
    std::deque<MessageEntry> messages_;
    std::deque<LegEntry> legs_;
    std::deque<HopEntry> hops_;
    std::map<std::string, Hop, std::less<>> hop_numbers_;
    std::uint32_t free_message_ = none;
    std::uint32_t free_leg_ = none;
    std::vector<Hop> free_hops_;
    DueWheel wheel_;
};

}  // namespace splitmx::spool
