// The control socket: a Unix stream socket for administrators of this machine. Who may use it says
// the kernel (SO_PEERCRED): root, the daemon's own user, and members of the socket's group. What is
// asked is answered by the ControlDesk; this is only the way there and back.
// A client that does not read or does not finish its line is left after a while, and costs nothing
// but its connection; there are at most max_clients.
// Threads: the main loop's. Ownership: removes the socket's file at its end. Errors: open() tells
// why not; a file that nobody answers at is replaced, the socket of a living daemon never.
#pragma once

#include "observe/log.hpp"
#include "relay/desk/control_desk.hpp"
#include "relay/desk/control_peer.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <memory>

namespace splitmx::relay::desk {

class ControlServer {
public:
    static constexpr std::size_t max_clients = 32;
    static constexpr std::chrono::seconds write_limit{30};  // without any progress
    static constexpr std::chrono::seconds idle_limit{600};

    static mail::Result<std::unique_ptr<ControlServer>> open(
        boost::asio::io_context& main,
        std::filesystem::path const& path,
        ControlDesk& desk,
        observe::Log& log
    );
    ~ControlServer();
    void stop();

private:
    using Socket = boost::asio::local::stream_protocol::socket;
    struct Clients {
        std::size_t count = 0;
    };

    ControlServer(
        boost::asio::io_context& main,
        std::filesystem::path path,
        ControlDesk& desk,
        observe::Log& log
    );
    void accept();
    void welcome(Socket socket);

    std::filesystem::path path_;
    ControlDesk& desk_;
    observe::Log& log_;
    boost::asio::local::stream_protocol::acceptor acceptor_;
    boost::asio::steady_timer pause_;  // after a shortage of descriptors
    std::shared_ptr<Clients> clients_ = std::make_shared<Clients>();
};

}  // namespace splitmx::relay::desk
