#include "relay/host_queue.hpp"

#include "relay/courier.hpp"
#include "relay/dispatcher.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iterator>

namespace splitmx::relay {

namespace asio = boost::asio;

HostQueue::HostQueue(Dispatcher& dispatcher, resolver::HostPtr host, std::shared_ptr<HostGate> gate)
    : dispatcher_(dispatcher), host_(std::move(host)), gate_(std::move(gate)) {}

// A busy courier may be held up by its host for minutes: a job never waits for one while another
// connection is allowed.
void HostQueue::push(Job job) {
    jobs_.push_back(std::move(job));
    if (jobs_.size() <= coming_ || wake_courier()) return;
    start_courier();
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

void HostQueue::push_front(Job job) { jobs_.push_front(std::move(job)); }

std::deque<Job> HostQueue::take_all() { return std::exchange(jobs_, {}); }

void HostQueue::start_courier() {
    if (stopped_) return;
    auto const wake = [self = weak_from_this(), loop = dispatcher_.loop()] {
        asio::post(loop, [self] {
            if (auto const queue = self.lock(); queue && !queue->jobs_.empty()) {
                queue->start_courier();
            }
        });
    };
    if (!gate_->enter(this, wake)) return;
    ++couriers_;
    ++coming_;
    dispatcher_.courier_started();
    asio::co_spawn(dispatcher_.loop(), run_courier(shared_from_this()), asio::detached);
}

void HostQueue::courier_left() {
    --couriers_;
    gate_->leave();
    dispatcher_.courier_ended();
    if (!jobs_.empty() && couriers_ == 0) start_courier();
}

void HostQueue::stop() {
    stopped_ = true;
    for (auto& idle : idle_) idle.timer.cancel();
}

asio::awaitable<std::optional<Job>> HostQueue::next() {
    if (jobs_.empty()) {
        // Others wait for a place at this host: give it to them.
        if (stopped_ || dispatcher_.is_draining() || gate_->is_wanted()) co_return std::nullopt;
        idle_.push_back({asio::steady_timer(dispatcher_.loop()), false});
        auto const place = std::prev(idle_.end());
        place->timer.expires_after(idle_time);
        constexpr asio::as_tuple_t<asio::use_awaitable_t<>> token{};
        co_await place->timer.async_wait(token);
        if (place->woken) --coming_;
        idle_.erase(place);
        if (jobs_.empty()) co_return std::nullopt;
    }
    std::optional<Job> job(std::move(jobs_.front()));
    jobs_.pop_front();
    co_return job;
}

}  // namespace splitmx::relay
