// What the relay tells the supervisor that started it, systemd or another with its protocol: one
// datagram to $NOTIFY_SOCKET. Nothing happens where there is none, or where it does not listen.
// Threads: notify_supervisor() any; the classes as they say. Source: sd_notify(3), whose datagram
// needs no library; systemd.service(5), WatchdogSec=.
#pragma once

#include "relay/pulse.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace splitmx::relay {

void notify_supervisor(std::string_view state);

// How often a supervisor wants to hear WATCHDOG=1: half of $WATCHDOG_USEC. None: not at all.
std::optional<std::chrono::microseconds> watchdog_interval();

// While it lives, a start that takes long is not taken for a hung one: more time is asked for
// (EXTEND_TIMEOUT_USEC), at most for `longest`. Threads: has one of its own.
class LongStart {
public:
    static constexpr std::chrono::seconds first{5};  // a usual start is done by then
    static constexpr std::chrono::seconds interval{20};
    static constexpr std::chrono::seconds extension{60};
    static constexpr std::chrono::minutes longest{30};

    LongStart();
    ~LongStart();
    LongStart(LongStart const&) = delete;
    LongStart& operator=(LongStart const&) = delete;

private:
    void ask();

    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread thread_;
};

// Tells a status now and then, and that the relay lives, but only while its loops turn: a
// supervisor ends and restarts one that is stuck. Threads: the main loop's. Ownership: refers to
// the pulse.
class Supervisor {
public:
    // `tell` gives one line, at once or later; it is called every few seconds.
    using Status = std::function<void(std::function<void(std::string)>)>;

    Supervisor(boost::asio::io_context& main, Pulse const& pulse, Status status);

    void start();
    void stop();

private:
    static constexpr std::chrono::seconds status_interval{5};
    void tell_status();
    void tell_life();

    Pulse const& pulse_;
    Status status_;
    std::optional<std::chrono::microseconds> watchdog_;
    boost::asio::steady_timer status_timer_;
    boost::asio::steady_timer watchdog_timer_;
};

}  // namespace splitmx::relay
