// What is due when: a timing wheel of seven levels with 64 slots each, in ticks of 64 ms; it
// reaches every Instant there is. Adding, removing and taking cost the same however much waits.
// Nothing comes out before its time, and it is ready at most one tick after it.
// The clock is the wall clock and a parameter. It may stand still, or jump ahead: what has become
// due comes out. It may jump back: what was added stays due at its Instant, and move_by() keeps
// the length of waits instead, where that is wanted.
// Pure. Threads: one at a time. Memory: 24 octets an entry. Source: G. Varghese and T. Lauck,
// Hashed and Hierarchical Timing Wheels (1987), scheme 7.
#pragma once

#include "mail/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace splitmx::spool {

class DueWheel {
public:
    using Key = std::uint32_t;     // the owner's name for what is due
    using Ticket = std::uint32_t;  // of an entry, valid until that is taken or removed

    static constexpr mail::Duration tick{64};

    explicit DueWheel(mail::Instant now);

    Ticket add(mail::Instant when, Key key);
    void remove(Ticket ticket);

    // Appends the keys of what is due, earliest first, and forgets it; at most `at_most`.
    void take_due(mail::Instant now, std::size_t at_most, std::vector<Key>& keys);
    // Not later than the earliest entry: when to look again. None: nothing waits.
    std::optional<mail::Instant> next() const;
    // Everything becomes due that much later; earlier when `shift` is negative.
    void move_by(mail::Duration shift);

    std::size_t size() const { return size_; }

private:
    using Tick = std::uint64_t;  // since 2^38 ticks before 1970: all Instants are above 0

    static constexpr unsigned bits = 6;
    static constexpr unsigned slots = 1U << bits;
    static constexpr unsigned levels = 7;
    static constexpr std::uint32_t none = 0xffffffffU;

    struct Entry {
        Tick due = 0;
        Key key = 0;
        std::uint32_t next = none;  // in its slot; of a free entry: the next free one
        std::uint32_t previous = none;
        std::uint32_t place = 0;  // level and slot
    };

    static Tick at_or_after(mail::Instant when);
    static Tick at_or_before(mail::Instant when);
    std::optional<std::uint32_t> first_place() const;
    Tick start_of(std::uint32_t place) const;
    void link(Ticket ticket);
    void unlink(Ticket ticket);
    void set_cursor(Tick cursor, std::uint32_t place);
    void rebuild(Tick cursor);

    std::deque<Entry> entries_;  // grows without copies
    std::uint32_t free_ = none;
    std::size_t size_ = 0;
    // A place is where the due tick differs from the cursor: the level of the highest group of six
    // bits, and the value of that group. So of two levels the lower one is always due first.
    Tick cursor_;
    std::array<std::uint32_t, std::size_t{levels} * slots> heads_;
    std::array<std::uint64_t, levels> filled_{};  // a bit a slot
};

}  // namespace splitmx::spool
