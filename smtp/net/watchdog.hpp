// A deadline that moves: one timer for a session, armed once and looked at when it fires, so that
// moving the deadline costs a clock reading and no system call.
// When the deadline passes, the watched connection is aborted with timed_out, once.
// A second, fixed limit can stand for a whole operation: the earlier of both counts.
// Ownership: refers to the connection, which outlives it and does not move. Threads: one, that of
// the executor. Errors: none. Source: RFC 5321 4.5.3.2 (timeouts).
#pragma once

#include "mail/clock.hpp"
#include "smtp/net/connection.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace splitmx::smtp::net {

class Watchdog {
public:
    explicit Watchdog(Connection& connection);
    // Something else to end than a connection.
    Watchdog(Executor executor, std::function<void()> on_expiry);
    ~Watchdog();
    Watchdog(Watchdog const&) = delete;
    Watchdog& operator=(Watchdog const&) = delete;

    // The deadline, from now. Replaces the one before.
    void set(mail::Duration from_now);
    void clear();
    bool expired() const;

    // The limit of an operation, while this object lives. One at a time; inside the watchdog's
    // life.
    class OperationLimit {
    public:
        explicit OperationLimit(Watchdog& watchdog) : watchdog_(watchdog) {}
        ~OperationLimit();
        OperationLimit(OperationLimit const&) = delete;
        OperationLimit& operator=(OperationLimit const&) = delete;

    private:
        Watchdog& watchdog_;
    };
    [[nodiscard]] OperationLimit limit_operation(mail::Duration from_now);

private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the timer's handler
};

}  // namespace splitmx::smtp::net
