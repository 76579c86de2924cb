// What other threads may want from one that waits on a directory server: an end, or a new session.
//
// Every request makes descriptor() readable, so that a poll() on it and a socket wakes up. Requests
// come from any thread; the waiting one reads and clears them.
#pragma once

#include <atomic>
#include <chrono>
#include <stop_token>

namespace splitmx::ldap::net {

class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(Interrupt const&) = delete;
    Interrupt& operator=(Interrupt const&) = delete;

    void request_stop();
    void request_restart();

    [[nodiscard]] bool stop_requested() const noexcept { return source_.stop_requested(); }
    [[nodiscard]] bool is_pending() const noexcept { return stop_requested() || restart_; }
    // Whether there was a request for a new session since the last call.
    [[nodiscard]] bool take_restart() noexcept;

    // Until then, or until there is a request.
    void wait_until(std::chrono::steady_clock::time_point when) const;

    [[nodiscard]] int descriptor() const noexcept { return fd_; }
    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

private:
    void wake() const noexcept;

    int fd_;
    std::atomic<bool> restart_ = false;
    std::stop_source source_;
};

}  // namespace splitmx::ldap::net
