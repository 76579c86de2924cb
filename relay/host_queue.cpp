#include "relay/host_queue.hpp"

#include "relay/courier.hpp"
#include "relay/dispatcher.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iterator>
#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

HostQueue::HostQueue(Dispatcher& dispatcher, std::string hop)
    : dispatcher_(dispatcher),
      hop_(std::move(hop)),
      paused_(dispatcher.hosts().condition(hop_) == HostCondition::paused) {}

void HostQueue::condition_changed(HostCondition now) {
    probing_ = asked_ = false;
    paused_ = now == HostCondition::paused;
    if (!paused_) return;
    for (auto& idle : idle_) idle.timer.cancel();
}

// A busy courier may be held up by its host for minutes: a message never waits for one while
// another connection is allowed.
void HostQueue::work_arrived(HostBook::Why why) {
    if (stopped_ || dispatcher_.ready_at(hop_) <= coming_) return;
    if (paused_) return dispatcher_.hold_back(hop_);
    if (wake_courier()) return;
    switch (dispatcher_.hosts().ask(dispatcher_.number(), hop_, why)) {
        case HostBook::Entry::granted:
            start_courier();
            return;
        case HostBook::Entry::full:
            asked_ = true;  // place_granted() comes
            return;
        case HostBook::Entry::down:
        case HostBook::Entry::paused:
            dispatcher_.hold_back(hop_);
            return;
    }
}

void HostQueue::place_granted() {
    asked_ = false;
    bool const looks = std::exchange(probing_, false);
    if (looks) dispatcher_.send_ahead(hop_);
    if (stopped_ || dispatcher_.ready_at(hop_) <= coming_)
        dispatcher_.hosts().leave(dispatcher_.number(), hop_, false);
    else
        start_courier();
}

void HostQueue::probe() {
    if (stopped_ || probing_ || couriers_ > 0) return;
    auto const answer = dispatcher_.hosts().ask(dispatcher_.number(), hop_, HostBook::Why::idle);
    if (answer == HostBook::Entry::down || answer == HostBook::Entry::paused) return;
    probing_ = true;
    if (answer == HostBook::Entry::granted) place_granted();
}

bool HostQueue::wake_courier() {
    for (auto& idle : idle_) {
        if (idle.woken) continue;
        idle.woken = true;
        ++coming_;
        idle.timer.cancel();
        return true;
    }
    return false;
}

void HostQueue::start_courier() {
    ++couriers_;
    ++coming_;
    dispatcher_.courier_started();
    asio::co_spawn(dispatcher_.loop(), run_courier(shared_from_this()), asio::detached);
    // Still more than have somebody coming: stay in line for another place.
    if (dispatcher_.ready_at(hop_) > coming_) work_arrived();
}

void HostQueue::courier_left(bool was_connected) {
    --couriers_;
    yielding_until_ = {};
    dispatcher_.hosts().leave(dispatcher_.number(), hop_, was_connected);
    dispatcher_.courier_ended();
    work_arrived();
}

bool HostQueue::is_wanted_elsewhere() const {
    return dispatcher_.hosts().is_wanted(dispatcher_.number(), hop_);
}

// Nothing is ready that nobody comes for: a place would be of no use.
void HostQueue::no_longer_ask() {
    if (std::exchange(asked_, false)) dispatcher_.hosts().cancel(dispatcher_.number(), hop_);
}

bool HostQueue::should_yield() const {
    bool const one_leaves = Clock::now() < yielding_until_;
    return !one_leaves && dispatcher_.hosts().should_yield(dispatcher_.number(), hop_);
}

bool HostQueue::yields() {
    if (!should_yield()) return false;
    yielding_until_ = Clock::now() + lent_time;
    return true;
}

void HostQueue::give_back_idle_places() {
    if (idle_.empty() || !is_wanted_elsewhere()) return;
    auto until = Clock::now() + (should_yield() ? Clock::duration::zero() : lent_time);
    for (auto& idle : idle_) {
        if (idle.until <= until) continue;
        idle.until = std::exchange(until, Clock::now() + lent_time);
        idle.timer.cancel();
    }
}

void HostQueue::stop() {
    stopped_ = true;
    dispatcher_.hosts().cancel(dispatcher_.number(), hop_);
    for (auto& idle : idle_) idle.timer.cancel();
}

std::optional<Job> HostQueue::next_at_once() {
    if (stopped_ || paused_ || dispatcher_.ready_at(hop_) <= coming_) return std::nullopt;
    return dispatcher_.take_job(hop_);
}

asio::awaitable<std::optional<Job>> HostQueue::next() {
    for (bool goes_on = true; goes_on;) {
        if (stopped_ || paused_) break;
        auto job = dispatcher_.take_job(hop_);
        if (job) co_return job;
        if (!probing_) no_longer_ask();  // whoever comes to look comes without work, too
        // Others have less: give them this place.
        if (yields()) break;
        // A courier that is woken may find its job with one that was free sooner.
        goes_on = co_await is_woken();
    }
    co_return std::nullopt;
}

asio::awaitable<bool> HostQueue::is_woken() {
    auto const stay = is_wanted_elsewhere() ? Clock::duration(lent_time) : idle_time;
    idle_.push_back({asio::steady_timer(dispatcher_.loop()), Clock::now() + stay, false});
    auto const place = std::prev(idle_.end());
    constexpr asio::as_tuple_t<asio::use_awaitable_t<>> token{};
    while (!place->woken && !stopped_ && !paused_ && Clock::now() < place->until) {
        place->timer.expires_at(place->until);
        co_await place->timer.async_wait(token);
    }
    bool const woken = place->woken;
    if (woken) --coming_;
    idle_.erase(place);
    co_return woken;
}

}  // namespace splitmx::relay
