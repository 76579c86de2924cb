#include "spool/due_wheel.hpp"

#include <algorithm>
#include <bit>
#include <chrono>

namespace splitmx::spool {

namespace {

constexpr std::int64_t bias = std::int64_t{1} << 38;
constexpr int tick_bits = std::countr_zero(static_cast<std::uint64_t>(DueWheel::tick.count()));
static_assert(std::chrono::milliseconds(1 << tick_bits) == DueWheel::tick);

}  // namespace

// In milliseconds throughout: the start of a tick may lie outside of what an Instant can tell.
DueWheel::Tick DueWheel::at_or_before(mail::Instant when) {
    auto const since = std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch());
    return static_cast<Tick>((since.count() >> tick_bits) + bias);
}

DueWheel::Tick DueWheel::at_or_after(mail::Instant when) {
    if (when > mail::Instant::max() - tick) return at_or_before(when);  // there is no later tick
    auto const since = std::chrono::ceil<std::chrono::milliseconds>(when.time_since_epoch());
    return static_cast<Tick>(
        ((since + tick - std::chrono::milliseconds(1)).count() >> tick_bits) + bias
    );
}

DueWheel::DueWheel(mail::Instant now) : cursor_(at_or_before(now)) { heads_.fill(none); }

DueWheel::Ticket DueWheel::add(mail::Instant when, Key key) {
    Ticket ticket = free_;
    if (ticket == none) {
        ticket = static_cast<Ticket>(entries_.size());
        entries_.emplace_back();
    } else {
        free_ = entries_[ticket].next;
    }
    auto& entry = entries_[ticket];
    entry.due = at_or_after(when);
    entry.key = key;
    link(ticket);
    ++size_;
    return ticket;
}

void DueWheel::remove(Ticket ticket) {
    unlink(ticket);
    entries_[ticket].next = free_;
    free_ = ticket;
    --size_;
}

// What is overdue goes where the cursor is: taken next.
void DueWheel::link(Ticket ticket) {
    auto& entry = entries_[ticket];
    auto const due = std::max(entry.due, cursor_);
    auto const differs = due ^ cursor_;
    unsigned const level =
        differs == 0 ? 0 : (static_cast<unsigned>(std::bit_width(differs)) - 1) / bits;
    auto const slot = static_cast<std::uint32_t>((due >> (level * bits)) & (slots - 1));
    entry.place = level * slots + slot;
    entry.previous = none;
    entry.next = heads_[entry.place];
    if (entry.next != none) entries_[entry.next].previous = ticket;
    heads_[entry.place] = ticket;
    filled_[level] |= std::uint64_t{1} << slot;
}

void DueWheel::unlink(Ticket ticket) {
    auto const& entry = entries_[ticket];
    if (entry.next != none) entries_[entry.next].previous = entry.previous;
    if (entry.previous != none) {
        entries_[entry.previous].next = entry.next;
        return;
    }
    heads_[entry.place] = entry.next;
    if (entry.next == none) {
        filled_[entry.place / slots] &= ~(std::uint64_t{1} << (entry.place % slots));
    }
}

std::optional<std::uint32_t> DueWheel::first_place() const {
    for (std::uint32_t level = 0; level < levels; ++level) {
        if (filled_[level] == 0) continue;
        return level * slots + static_cast<std::uint32_t>(std::countr_zero(filled_[level]));
    }
    return std::nullopt;
}

DueWheel::Tick DueWheel::start_of(std::uint32_t place) const {
    auto const shift = place / slots * bits;
    auto const above = cursor_ >> (shift + bits) << (shift + bits);
    return above | static_cast<Tick>(place % slots) << shift;
}

// Requires: `place` is the first one, and the cursor goes to its start: every other place stays.
void DueWheel::set_cursor(Tick cursor, std::uint32_t place) {
    cursor_ = cursor;
    auto ticket = heads_[place];
    heads_[place] = none;
    filled_[place / slots] &= ~(std::uint64_t{1} << (place % slots));
    while (ticket != none) {
        auto const next = entries_[ticket].next;
        link(ticket);
        ticket = next;
    }
}

void DueWheel::take_due(mail::Instant now, std::size_t at_most, std::vector<Key>& keys) {
    auto const target = at_or_before(now);
    if (target < cursor_) rebuild(target);  // the clock was set back
    std::size_t taken = 0;
    while (taken < at_most) {
        auto const place = first_place();
        if (!place) return;
        auto const start = start_of(*place);
        if (start > target) return;
        if (*place >= slots) {
            set_cursor(start, *place);
            continue;
        }
        auto const ticket = heads_[*place];
        keys.push_back(entries_[ticket].key);
        remove(ticket);
        ++taken;
    }
}

std::optional<mail::Instant> DueWheel::next() const {
    auto const place = first_place();
    if (!place) return std::nullopt;
    return mail::Instant((static_cast<std::int64_t>(start_of(*place)) - bias) * tick);
}

void DueWheel::move_by(mail::Duration shift) {
    // Rounded up in both directions: nothing comes out before its time.
    auto const ticks =
        -((-shift).count() >> std::countr_zero(static_cast<std::uint64_t>(tick.count())));
    for (std::uint32_t place = 0; place < heads_.size(); ++place) {
        for (auto t = heads_[place]; t != none; t = entries_[t].next) {
            auto const due = static_cast<std::int64_t>(entries_[t].due) + ticks;
            entries_[t].due = static_cast<Tick>(std::max<std::int64_t>(due, 0));
        }
    }
    rebuild(cursor_);
}

// Everything finds its place anew.
void DueWheel::rebuild(Tick cursor) {
    std::vector<Ticket> all;
    all.reserve(size_);
    for (auto const head : heads_) {
        for (auto t = head; t != none; t = entries_[t].next) all.push_back(t);
    }
    heads_.fill(none);
    filled_.fill(0);
    cursor_ = cursor;
    for (auto const t : all) link(t);
}

}  // namespace splitmx::spool
