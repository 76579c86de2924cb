#include "relay/loop_queue.hpp"

#include "relay/damage.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;

namespace {

// A clock that drifts is followed; one that was set is noticed.
constexpr std::chrono::seconds clock_step{2};
// What was never tried waits for the directory at most.
constexpr std::chrono::minutes longest_first_wait{1};

mail::Instant latest_attempt(Parts const& parts, unsigned attempts) {
    auto const now = wall_clock();
    if (attempts == 0) return now + longest_first_wait;
    return spool::next_attempt(parts.settings()->schedule, attempts, now, 1);
}

// No id is given before its time: where the last one is ahead of the clock, that was set back.
mail::Duration set_back_since(spool::SpoolId last, mail::Instant now) {
    auto const ahead = std::chrono::ceil<mail::Duration>(last.given() - now);
    return ahead > clock_step ? ahead : mail::Duration();
}

asio::awaitable<void> take_out(LoopQueue& queue, std::vector<spool::Damage> damaged) {
    auto notice = co_await relay::set_aside(queue.parts, queue.inbox, std::move(damaged));
    --queue.under_way;
    if (!notice || queue.draining) co_return;  // the spool has it
    queue.live.keep(notice);
    queue.update(*notice);
}

}  // namespace

mail::Instant wall_clock() { return std::chrono::system_clock::now(); }

LoopQueue::LoopQueue(Parts& all, boost::asio::any_io_executor executor, SpoolInbox& completions)
    : parts(all),
      loop(std::move(executor)),
      inbox(completions),
      index(wall_clock()),
      jumps(wall_clock(), all.ids.last()),
      random(std::random_device{}()),
      last_id_(all.ids.last()),
      wall_(wall_clock()),
      set_back_(set_back_since(last_id_, wall_)),
      steady_(std::chrono::steady_clock::now()) {}

// Set ahead: what has become due comes out by itself. Set back: waits keep their length. What came
// between two looks is taken to be the younger.
mail::Instant LoopQueue::watch_clock() {
    auto const wall = wall_clock();
    auto const steady = std::chrono::steady_clock::now();
    auto const last = parts.ids.last();  // all up to it have begun to arrive
    auto const jump =
        std::chrono::round<std::chrono::seconds>((wall - wall_) - (steady - steady_));
    if (jump > clock_step || jump < -clock_step) {
        bool const ahead = jump > clock_step;
        if (!ahead) index.move_by(jump);
        jumps.add(jump, ahead ? last : last_id_);
        if (clock_was_set) clock_was_set(jump);
    }
    last_id_ = last;
    wall_ = wall;
    steady_ = steady;
    return wall;
}

void LoopQueue::shorten_waits(spool::SpoolId id, mail::Duration earlier) {
    for (auto const leg : index.legs_of(id)) {
        auto const view = index.leg(leg);
        if (view.state != spool::QueueIndex::LegState::waiting) continue;
        auto latest =
            std::min<mail::Instant>(latest_attempt(parts, view.attempts), view.due - earlier);
        // It waits for nothing yet: the clock was set back while it came in.
        bool const untried = view.attempts == 0 && view.due == index.message_of(leg).arrived;
        if (untried) latest = std::min(latest, wall_clock());
        if (view.due > latest) index.wait(leg, latest, view.attempts, true);
    }
}

// The index knows better where a clock was set back since the record was written.
void LoopQueue::correct_waits(spool::QueueItem& item) const {
    for (auto& recipient : item.recipients) {
        auto& next = recipient.next_attempt;
        if (next > latest_attempt(parts, recipient.attempts)) next = wall_clock();
        auto const hop = index.find_hop(recipient.hop);
        auto const leg = hop ? index.leg_of(item.id, *hop) : std::nullopt;
        if (!leg) continue;
        auto const view = index.leg(*leg);
        if (view.behind_host && view.due < next) next = view.due;
    }
}

MessagePtr LoopQueue::load(spool::SpoolId id) {
    if (auto known = live.find(id)) return known;
    auto item = parts.store.read(id);
    if (item) {
        auto message = std::make_shared<Message>();
        message->item = std::move(*item);
        correct_waits(message->item);
        if (auto const view = index.find(id)) message->generation = view->generation;
        return message;
    }
    // Whoever removed it has decided.
    if (item.error().code == spool::Errc::not_found)
        index.remove(id);
    else
        set_aside(id, item.error());
    return nullptr;
}

void LoopQueue::set_aside(spool::SpoolId id, spool::Error const& error) {
    std::vector<spool::Damage> damaged;
    damaged.push_back({id, error});
    set_aside(std::move(damaged));
}

void LoopQueue::set_aside(std::vector<spool::Damage> damaged) {
    for (auto const& one : damaged) {
        index.remove(one.id);
        live.forget(one.id);
    }
    ++under_way;
    asio::co_spawn(loop, take_out(*this, std::move(damaged)), asio::detached);
}

void LoopQueue::replace(Message const& message) {
    spool::SummaryReader reader;
    index.replace(summary_of(message, reader), message.generation);
    shorten_waits(message.item.id);
}

void LoopQueue::update(Message const& message) {
    replace(message);
    if (changed) changed(message.item.id);
}

void LoopQueue::end(MessagePtr const& message) {
    if (!live.end(message)) return;
    // The one that begins is busy with the message; its end is the next one's time.
    while (message->busy == 0 && !message->when_idle.empty()) {
        auto const next = std::move(message->when_idle.front());
        message->when_idle.pop_front();
        next();
    }
    // Nothing of it begins while that is being done.
    if (message->busy == 0 && changed) changed(message->item.id);
}

}  // namespace splitmx::relay
