// A value that comes later to a coroutine of one loop: from the spool thread, or from a pool.
// Threads: set() and wait() on the loop; whoever is elsewhere posts there first. At most one waits.
// Ownership: shared by the one who waits and the one who brings the value.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace splitmx::relay {

template <class T>
class Arrival {
public:
    void set(T value) {
        value_.emplace(std::move(value));
        if (auto const waiter = std::move(waiter_)) std::move (*waiter)();
    }

    boost::asio::awaitable<T> wait() {
        if (!value_) co_await suspend();
        co_return std::move(*value_);
    }

private:
    using Waiter = boost::asio::any_completion_handler<void()>;

    boost::asio::awaitable<void> suspend() {
        auto const initiate = [this](auto handler) {
            waiter_ = std::make_unique<Waiter>(std::move(handler));
        };
        return boost::asio::async_initiate<boost::asio::use_awaitable_t<> const, void()>(
            initiate, boost::asio::use_awaitable
        );
    }

    std::optional<T> value_;
    std::unique_ptr<Waiter> waiter_;
};

}  // namespace splitmx::relay
