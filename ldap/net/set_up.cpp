#include "ldap/net/set_up.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace splitmx::ldap::net {

SetUp::SetUp(
    boost::asio::io_context& io, ConnectSettings settings, std::vector<std::string> uris, Done done
)
    : io_(io), settings_(std::move(settings)), uris_(std::move(uris)), done_(std::move(done)) {}

SetUp::~SetUp() { stop(); }

void SetUp::start(std::vector<std::size_t> order) {
    thread_ =
        std::jthread([this, alive = alive_, order = std::move(order)](std::stop_token const& stop
                     ) mutable {
            auto finish = [this, alive, outcome = attempt(order, stop)]() mutable {
                if (!*alive) return;
                thread_.join();  // it has nothing left to do
                done_(std::move(outcome));
            };
            boost::asio::post(io_, std::move(finish));
        });
}

void SetUp::stop() {
    *alive_ = false;
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

SetUpOutcome SetUp::attempt(std::vector<std::size_t> const& order, std::stop_token const& stop)
    const {
    SetUpOutcome outcome;
    for (auto const server : order) {
        auto settings = settings_;
        settings.uri = uris_[server];
        auto handle = connect(settings, stop);
        if (handle) {
            outcome.handle = std::move(*handle);
            outcome.server = server;
            return outcome;
        }
        outcome.failures.push_back({server, handle.error()});
    }
    return outcome;
}

}  // namespace splitmx::ldap::net
