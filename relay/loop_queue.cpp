#include "relay/loop_queue.hpp"

#include "relay/damage.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

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
      random(std::random_device{}()),
      last_id_(all.ids.next(wall_clock())),
      wall_(wall_clock()),
      steady_(std::chrono::steady_clock::now()) {}

// Set ahead: what has become due comes out by itself. Set back: waits keep their length. What came
// between two looks is taken to be the younger.
void LoopQueue::watch_clock() {
    auto const wall = wall_clock();
    auto const steady = std::chrono::steady_clock::now();
    auto const last = parts.ids.next(wall);  // all before it have arrived
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
}

void LoopQueue::shorten_waits(spool::SpoolId id) {
    for (auto const leg : index.legs_of(id)) {
        auto const view = index.leg(leg);
        if (view.state != spool::QueueIndex::LegState::waiting) continue;
        auto const latest = latest_attempt(parts, view.attempts);
        if (view.due > latest) index.wait(leg, latest, view.attempts, true);
    }
}

MessagePtr LoopQueue::load(spool::SpoolId id) {
    if (auto known = live.find(id)) return known;
    auto item = parts.store.read(id);
    if (item) {
        auto message = std::make_shared<Message>();
        message->item = std::move(*item);
        // By a clock that was set back since: it is due.
        for (auto& recipient : message->item.recipients) {
            auto& next = recipient.next_attempt;
            if (next > latest_attempt(parts, recipient.attempts)) next = wall_clock();
        }
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
    if (auto const waiting = std::exchange(message->when_idle, nullptr)) waiting();
    // Nothing of it begins while that is being done.
    if (message->busy == 0 && changed) changed(message->item.id);
}

}  // namespace splitmx::relay
