#include "http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <sstream>
#include <utility>

#include "http/session.hpp"

namespace splitmx::http {

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

}  // namespace

Server::Server(asio::io_context& loop, Handler handler, Limits limits)
    : loop_(loop),
      handler_(std::make_shared<Handler const>(std::move(handler))),
      limits_(limits),
      acceptor_(loop),
      pause_(loop) {}

mail::Result<std::unique_ptr<Server>> Server::open(
    asio::io_context& loop, Tcp::endpoint const& at, Handler handler, Limits limits
) {
    std::unique_ptr<Server> server(new Server(loop, std::move(handler), limits));
    boost::system::error_code error;
    auto& acceptor = server->acceptor_;
    acceptor.open(at.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && at.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor.bind(at, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) server->endpoint_ = acceptor.local_endpoint(error);
    if (error) {
        std::ostringstream text;
        text << "HTTP at " << at << ": " << error.message();
        return mail::Error{text.str(), 0};
    }
    server->accept();
    return server;
}

void Server::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void Server::accept() {
    acceptor_.async_accept([this](boost::system::error_code error, Tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!acceptor_.is_open()) return;
        if (!error) {
            welcome(std::move(socket));
            return accept();
        }
        pause_.expires_after(std::chrono::milliseconds(200));
        pause_.async_wait([this](boost::system::error_code cancelled) {
            if (!cancelled) accept();
        });
    });
}

// The server may be gone before its last client: what they share is counted apart.
void Server::welcome(Tcp::socket socket) {
    bool const is_full = clients_->count >= limits_.clients;
    ++clients_->count;
    asio::co_spawn(
        loop_,
        serve(std::move(socket), handler_, limits_, is_full),
        [clients = clients_](std::exception_ptr const&) { --clients->count; }
    );
}

}  // namespace splitmx::http
