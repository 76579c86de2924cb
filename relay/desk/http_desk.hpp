// What the HTTP server says: the pages for monitoring, from facts that are gathered for each
// request. Threads: the main loop's. Ownership: refers to parts of the service, which outlive it.
// Source: contract of [admin] http.
#pragma once

#include "observe/tally.hpp"
#include "relay/desk/facts.hpp"
#include "relay/listeners.hpp"
#include "relay/parts.hpp"
#include "relay/pulse.hpp"
#include "relay/queue_service.hpp"
#include "relay/settings_keeper.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <string>

#include "http/server.hpp"

namespace splitmx::relay::desk {

class HttpDesk {
public:
    struct Grounds {
        boost::asio::io_context& main;
        Parts& parts;
        SettingsKeeper& keeper;
        Listeners& listeners;
        QueueService& queue;
        Pulse const& pulse;
        observe::Tally const& tally;
        bool const& is_draining;
        std::string version;
    };

    explicit HttpDesk(Grounds grounds);

    boost::asio::awaitable<http::Response> answer(http::Request request);

private:
    Facts facts() const;
    boost::asio::awaitable<http::Response> metrics();

    Grounds grounds_;
    mail::Instant started_;
};

// The labels of the metrics, by the configuration.
observe::KnownNames known_names(resolver::RoutingTable const& table);

}  // namespace splitmx::relay::desk
