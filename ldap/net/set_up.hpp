// Makes one connection on a thread of its own: the first server of a list that works.
//
// One attempt at a time. `done` runs on the io_context's thread, which also calls everything here.
// The destructor and stop() wait for the thread; `done` is not called any more after them.
#pragma once

#include "ldap/net/connect.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace splitmx::ldap::net {

struct SetUpOutcome {
    struct Failure {
        std::size_t server;
        Error error;
    };
    Handle handle;                  // null: none of them works
    std::size_t server = 0;         // the one that does
    std::vector<Failure> failures;  // of those before it
};

class SetUp {
public:
    using Done = std::function<void(SetUpOutcome)>;

    // `settings.uri` is ignored: the URIs are those of `uris`.
    SetUp(
        boost::asio::io_context& io,
        ConnectSettings settings,
        std::vector<std::string> uris,
        Done done
    );
    ~SetUp();
    SetUp(SetUp const&) = delete;
    SetUp& operator=(SetUp const&) = delete;

    // Tries these servers (indices of the URIs) in this order. Requires: !is_running().
    void start(std::vector<std::size_t> order);

    [[nodiscard]] bool is_running() const noexcept { return thread_.joinable(); }

    void stop();

private:
    [[nodiscard]] SetUpOutcome attempt(
        std::vector<std::size_t> const& order, std::stop_token const& stop
    ) const;

    boost::asio::io_context& io_;
    ConnectSettings const settings_;
    std::vector<std::string> const uris_;
    Done const done_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // read on the io thread only
    std::jthread thread_;
};

}  // namespace splitmx::ldap::net
