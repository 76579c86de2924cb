// One client of the control socket: its lines in, the desk's answers out.
// Output gathers up to a piece and is then written; a client that takes none of it in time is left.
// Threads: the main loop's. Ownership: of its coroutine.
#pragma once

#include "control/protocol.hpp"
#include "relay/desk/control_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace splitmx::relay::desk {

// Ends a wait with its error and result, and throws nothing.
inline constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<>> as_result{};

class ControlSession : public std::enable_shared_from_this<ControlSession> {
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    ControlSession(Socket socket, ControlPeer peer);

    // The next line without its end; none: the client is gone, or its line has no end in sight.
    boost::asio::awaitable<std::optional<std::string>> read_line();
    // For the request that is being answered. False: the client is gone.
    boost::asio::awaitable<bool> row(control::json::object content);
    boost::asio::awaitable<bool> done(control::json::object content);
    boost::asio::awaitable<bool> fail(int exit, std::string text);
    // Writes the rows that have gathered, for who waits for each. False: the client is gone.
    boost::asio::awaitable<bool> flush();

    void begin(std::uint64_t request) { request_ = request; }
    ControlPeer const& peer() const { return peer_; }
    bool line_too_long() const { return too_long_; }

private:
    static constexpr std::size_t piece = 64 * 1024;

    boost::asio::awaitable<bool> put(control::Answer answer, bool at_once);
    void set_limit(std::chrono::seconds limit);

    Socket socket_;
    boost::asio::steady_timer limit_;
    ControlPeer peer_;
    std::uint64_t request_ = 0;
    std::string input_;
    std::string output_;
    bool too_long_ = false;
};

}  // namespace splitmx::relay::desk
