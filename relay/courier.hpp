// A courier: one connection to one next hop, and the jobs it carries over it.
// A host that takes the connection but does not greet counts as failed, and the next address is
// tried (Q182821). What cannot be carried is transient, with the host and the step in its text;
// only what a host says about a recipient is final, and what the name service says about its
// domain. Threads: one loop. Source: RFC 5321 4.5.4.1, 5.1.
#pragma once

#include "relay/host_queue.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace splitmx::relay {

boost::asio::awaitable<void> run_courier(std::shared_ptr<HostQueue> queue);

}  // namespace splitmx::relay
