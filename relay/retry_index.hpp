// Which messages are to be tried again, and when: due time and id only, the rest is in the spool.
// Threads: one loop.
#pragma once

#include "mail/clock.hpp"
#include "spool/spool_id.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>

namespace splitmx::relay {

class RetryIndex {
public:
    // `due` is called on the loop for every message whose time has come.
    RetryIndex(boost::asio::any_io_executor executor, std::function<void(spool::SpoolId)> due);

    void add(mail::Instant when, spool::SpoolId id);
    void stop();
    std::size_t size() const { return times_.size(); }

private:
    void arm();
    void fire();

    boost::asio::steady_timer timer_;
    std::function<void(spool::SpoolId)> due_;
    std::multimap<mail::Instant, spool::SpoolId> times_;
    bool stopped_ = false;
};

}  // namespace splitmx::relay
