// The list of unfound X500 addresses in a small file of the state directory, so that it outlives
// restarts: read at the start, written within a minute of a change, and at the end. A run that is
// killed loses the last minute of it.
// Threads: the main loop's; the file is written on `disk`. Ownership: refers to all that it is made
// of; the pool is joined before it ends. Errors: what cannot be read is logged, and counting begins
// anew; what cannot be written is logged, and tried again.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"
#include "observe/log.hpp"
#include "relay/unfound_x500.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace splitmx::relay {

std::string to_text(UnfoundX500::List const& list);
mail::Result<UnfoundX500::List> parse_unfound_x500(std::string_view text);

class UnfoundKeeper {
public:
    UnfoundKeeper(
        boost::asio::io_context& main,
        boost::asio::thread_pool& disk,
        observe::Log& log,
        UnfoundX500& names,
        std::filesystem::path file,
        mail::Duration between_writes = std::chrono::minutes(1)
    );

    void start();
    // Requires: the pool is joined.
    void stop();

private:
    void read();
    void write();
    void wait();

    boost::asio::thread_pool& disk_;
    observe::Log& log_;
    UnfoundX500& names_;
    std::filesystem::path file_;
    mail::Duration between_writes_;
    boost::asio::steady_timer timer_;
    std::atomic<std::uint64_t> written_ = 0;  // changes that the file has
};

}  // namespace splitmx::relay
