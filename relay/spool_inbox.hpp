// Brings the completions of the spool thread to one loop: one post a batch, however many messages
// rode in it.
// Threads: deliver() on the spool thread; commit() on the loop.
#pragma once

#include "relay/arrival.hpp"
#include "spool/spool_thread.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace splitmx::relay {

class SpoolInbox final : public spool::Inbox {
public:
    explicit SpoolInbox(boost::asio::any_io_executor loop) : loop_(std::move(loop)) {}

    void deliver(std::vector<spool::Completion> completions) override;

private:
    boost::asio::any_io_executor loop_;
};

// Done when the changes are on the disk, or when it is known that they are not.
boost::asio::awaitable<spool::Result<void>> commit(
    spool::SpoolThread& spool, SpoolInbox& inbox, spool::Changes changes
);

}  // namespace splitmx::relay
