#include "smtp/net/watchdog.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <utility>

namespace splitmx::smtp::net {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto never = Clock::time_point::max();

// A limit beyond the clock's range, as a configuration may hold, is no limit.
Clock::time_point after(mail::Duration from_now) {
    auto const now = Clock::now();
    auto const longest = std::chrono::duration_cast<mail::Duration>(never - now);
    return from_now >= longest ? never : now + from_now;
}

}  // namespace

struct Watchdog::State : std::enable_shared_from_this<State> {
    State(Executor executor, std::function<void()> action)
        : timer(std::move(executor)), on_expiry(std::move(action)) {}

    Clock::time_point due() const { return std::min(moving, operation); }

    // The timer may fire too early, never too late.
    void arm() {
        if (expired || !on_expiry || due() == never || armed_for <= due()) return;
        armed_for = due();
        timer.expires_at(armed_for);
        timer.async_wait([self = shared_from_this()](ErrorCode error) { self->fire(error); });
    }

    void fire(ErrorCode error) {
        if (error || !on_expiry) return;  // armed anew, or the watchdog is gone
        armed_for = never;
        if (due() > Clock::now()) return arm();
        expired = true;
        auto const action = std::exchange(on_expiry, nullptr);
        action();
    }

    asio::steady_timer timer;
    std::function<void()> on_expiry;
    Clock::time_point moving = never;
    Clock::time_point operation = never;
    Clock::time_point armed_for = never;
    bool expired = false;
};

Watchdog::Watchdog(Connection& connection)
    : Watchdog(connection.executor(), [&connection] { connection.abort(asio::error::timed_out); }) {
}

Watchdog::Watchdog(Executor executor, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_expiry))) {}

Watchdog::~Watchdog() {
    // A handler that is due already still runs, and must find nothing to do.
    state_->on_expiry = nullptr;
    state_->timer.cancel();
}

void Watchdog::set(mail::Duration from_now) {
    state_->moving = after(from_now);
    state_->arm();
}

void Watchdog::clear() { state_->moving = never; }

bool Watchdog::expired() const { return state_->expired; }

Watchdog::OperationLimit Watchdog::limit_operation(mail::Duration from_now) {
    state_->operation = after(from_now);
    state_->arm();
    return OperationLimit(*this);
}

Watchdog::OperationLimit::~OperationLimit() { watchdog_.state_->operation = never; }

}  // namespace splitmx::smtp::net
