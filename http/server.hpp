// A small HTTP server for administrators and their monitoring: GET and HEAD of pages that one
// handler makes. HTTP/1.1 with connections that stay; no TLS, no cookies, nothing that changes
// anything. Bounded: clients at a time, octets of a request, time to send it, time to take the
// answer. Whoever oversteps is told (400, 405, 413, 431, 503) as long as he can be, and left.
// Threads: the loop's that it was opened on. Ownership: the handler outlives the loop's last run.
// Errors: open() tells why an address cannot be had. Source: RFC 9110, RFC 9112.
#pragma once

#include "mail/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace splitmx::http {

struct Request {
    std::string path;  // of the target, without its query
};

struct Response {
    unsigned status = 200;
    std::string type;  // Content-Type
    std::string body;
};

using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

struct Limits {
    std::size_t clients = 32;
    std::size_t header = 8 * 1024;  // octets
    std::size_t body = 8 * 1024;
    std::chrono::milliseconds request{10'000};  // from the first look for it to its end
    std::chrono::milliseconds answer{30'000};   // until the client has taken all of it
};

class Server {
public:
    static mail::Result<std::unique_ptr<Server>> open(
        boost::asio::io_context& loop,
        boost::asio::ip::tcp::endpoint const& at,
        Handler handler,
        Limits limits
    );
    ~Server() { stop(); }
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;

    boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
    void stop();  // no new clients

private:
    struct Clients {
        std::size_t count = 0;
    };
    Server(boost::asio::io_context& loop, Handler handler, Limits limits);
    void accept();
    void welcome(boost::asio::ip::tcp::socket socket);

    boost::asio::io_context& loop_;
    std::shared_ptr<Handler const> handler_;
    Limits limits_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::endpoint endpoint_;
    boost::asio::steady_timer pause_;  // after a shortage of descriptors
    std::shared_ptr<Clients> clients_ = std::make_shared<Clients>();
};

}  // namespace splitmx::http
