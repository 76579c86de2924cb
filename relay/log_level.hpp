// How much is logged, as an administrator changes it at run time: for good, or for a while. A reload
// and a restart go back to what the configuration says.
// Threads: the main loop's. Ownership: refers to the log, which outlives it.
#pragma once

#include "observe/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace splitmx::relay {

// The words of `log.level`.
std::optional<observe::Level> level_named(std::string_view word);
std::string_view name_of(observe::Level level);

class LogLevel {
public:
    LogLevel(boost::asio::io_context& main, observe::Log& log) : log_(log), fall_back_(main) {}

    observe::Level level() const { return log_.level(); }
    // `lasting` from now, then as it is now; none: until it is changed again.
    void set(observe::Level level, std::optional<std::chrono::seconds> lasting);

private:
    observe::Log& log_;
    boost::asio::steady_timer fall_back_;
    std::optional<observe::Level> before_;  // while a change lasts only for a while
};

}  // namespace splitmx::relay
