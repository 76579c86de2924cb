// Whether the loops of the relay turn: each is asked once a second to say so. A loop that waits for
// something it must not wait for, or runs in a circle, falls silent.
// Threads: start(), stop() and is_beating() are the main loop's. Ownership: refers to the loops,
// which outlive stop(). Source: sd_watchdog_enabled(3); liveness probes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

namespace splitmx::relay {

class Pulse {
public:
    // A loop that has said nothing for so long is stuck.
    static constexpr std::chrono::seconds usual_silence{15};

    Pulse(
        boost::asio::io_context& main,
        std::vector<boost::asio::io_context*> loops,
        std::chrono::milliseconds silence = usual_silence
    );

    void start();
    void stop();
    bool is_beating() const;

private:
    using Clock = std::chrono::steady_clock;
    using Heard = std::atomic<Clock::rep>;
    void ask();

    std::vector<boost::asio::io_context*> loops_;
    std::chrono::milliseconds silence_;
    std::vector<std::shared_ptr<Heard>> heard_;  // by loop, when it last answered
    boost::asio::steady_timer timer_;
};

}  // namespace splitmx::relay
