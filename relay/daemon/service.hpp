// The daemon: builds the parts in their order, runs them, and takes them down so that nothing that
// was promised is lost. Threads: run() blocks the calling thread until a signal or stop(). Errors:
// whatever keeps the relay from starting is told before any listener opens. A directory that is
// down does not.
#pragma once

#include "config/config.hpp"
#include "mail/result.hpp"
#include "relay/log_place.hpp"
#include "relay/sandbox.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace splitmx::relay::daemon {

inline constexpr std::chrono::seconds drain_limit{30};

class Service {
public:
    static mail::Result<std::unique_ptr<Service>> create(
        config::Config config, LogPlace log, Sandbox sandbox, std::string version
    );
    ~Service();

    // "ADDR:PORT" of every listener, with the true ports.
    std::vector<std::string> endpoints() const;
    // "ADDR:PORT" of the pages for monitoring; empty: there are none.
    std::string http_endpoint() const;
    // Until SIGTERM or SIGINT; then finishes what is in flight, at most for drain_limit.
    void run();

private:
    class Running;
    explicit Service(std::unique_ptr<Running> running);
    std::unique_ptr<Running> running_;
};

}  // namespace splitmx::relay::daemon
