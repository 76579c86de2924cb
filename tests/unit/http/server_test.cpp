#include "http/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace splitmx;
namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

std::string const big(64 * 1024 * 1024, 'x');

asio::awaitable<http::Response> answer(http::Request request) {
    http::Response response{200, "text/plain", "you asked for " + request.path};
    if (request.path == "/big") response.body = big;
    if (request.path == "/none") response.status = 404;
    co_return response;
}

// The server on a loop of its own.
class Served {
public:
    explicit Served(http::Limits limits = {}) {
        auto opened =
            http::Server::open(loop_, {asio::ip::make_address("127.0.0.1"), 0}, answer, limits);
        REQUIRE(opened.has_value());
        server_ = std::move(*opened);
        thread_ = std::jthread([this] { loop_.run(); });
    }
    ~Served() {
        asio::post(loop_, [this] { server_->stop(); });
        loop_.stop();
    }
    Tcp::endpoint endpoint() const { return server_->endpoint(); }

private:
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
    std::unique_ptr<http::Server> server_;
    std::jthread thread_;
};

class Client {
public:
    explicit Client(Served const& served) { socket_.connect(served.endpoint()); }

    void send(std::string const& octets) {
        boost::system::error_code ignored;  // it may have been left already
        asio::write(socket_, asio::buffer(octets), ignored);
    }
    // Until the server closes.
    std::string hear() {
        std::string heard;
        boost::system::error_code error;
        asio::read(socket_, asio::dynamic_buffer(heard), error);
        return heard;
    }
    std::string hear(std::size_t octets) {
        std::string heard(octets, '\0');
        heard.resize(asio::read(socket_, asio::buffer(heard)));
        return heard;
    }

private:
    asio::io_context loop_;
    Tcp::socket socket_{loop_};
};

std::string ask(Served const& served, std::string const& octets) {
    Client client(served);
    client.send(octets);
    return client.hear();
}

bool has(std::string const& text, char const* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("http: pages") {
    Served const served;
    auto const page =
        ask(served, "GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(page.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(has(page, "Content-Type: text/plain\r\n"));
    CHECK(has(page, "Cache-Control: no-store\r\n"));
    CHECK(page.ends_with("\r\n\r\nyou asked for /metrics"));
    auto const head = ask(served, "HEAD /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(has(head, "Content-Length: 16\r\n"));
    CHECK(head.ends_with("\r\n\r\n"));
    CHECK(ask(served, "GET /none HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404 "));
    for (auto const& [target, path] :
         {std::pair("http://a/b?c", "/b"), {"HTTP://a:9725/b/c", "/b/c"}, {"http://a", "/"}}) {
        auto const absolute =
            ask(served,
                std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        CHECK(absolute.ends_with(std::string("\r\n\r\nyou asked for ") + path));
    }
}

TEST_CASE("http: a connection stays, and takes requests that do not wait") {
    Served const served;
    auto const heard =
        ask(served,
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n"
            "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(has(heard, "you asked for /1HTTP/1.1 200 OK"));
    CHECK(heard.ends_with("you asked for /3"));
}

TEST_CASE("http: what is not taken") {
    http::Limits limits;
    limits.header = 1024;
    limits.body = 100;
    Served const served(limits);
    struct Row {
        std::string request;
        char const* status;
    };
    std::string const close = "Host: a\r\nConnection: close\r\n";
    std::vector<Row> const rows{
        {"POST /reload HTTP/1.1\r\n" + close + "Content-Length: 2\r\n\r\n{}", "405"},
        {"DELETE / HTTP/1.1\r\n" + close + "\r\n", "405"},
        {"BREW /pot HTTP/1.1\r\n" + close + "\r\n", "405"},
        {"POST / HTTP/1.1\r\n" + close + "Content-Length: 5000\r\n\r\n", "413"},
        {"GET /" + std::string(2000, 'a') + " HTTP/1.1\r\n" + close + "\r\n", "431"},
        {"GET / HTTP/1.1\r\nX: " + std::string(2000, 'a') + "\r\n\r\n", "431"},
        {"EHLO client.example\r\nMAIL FROM:<a@b.c>\r\n", "400"},
        {std::string("\x16\x03\x01\x02\x00\x01", 6) + "\r\n\r\n", "400"},
        {"GET / HTTP/9.9\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
    };
    for (auto const& row : rows) {
        INFO(row.request);
        auto const heard = ask(served, row.request);
        REQUIRE(heard.size() > 12);
        CHECK(heard.substr(9, 3) == row.status);
    }
    CHECK(has(ask(served, rows[0].request), "Allow: GET, HEAD\r\n"));
    CHECK(has(ask(served, "GET / HTTP/1.0\r\n\r\n"), "200 OK"));
}

TEST_CASE("http: who is slow is left") {
    http::Limits limits;
    limits.request = std::chrono::milliseconds(200);
    limits.answer = std::chrono::milliseconds(200);
    Served const served(limits);
    CHECK(ask(served, "GET / HT").empty());
    CHECK(ask(served, "").empty());
    // Who takes nothing of the answer keeps his place for a while only.
    limits.clients = 1;
    Served const narrow(limits);
    Client reader(narrow);
    reader.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    reader.hear(20);
    auto heard = ask(narrow, "GET / HTTP/1.0\r\n\r\n");
    CHECK(has(heard, "503 "));
    for (int i = 0; i < 600 && !has(heard, "200 OK"); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        heard = ask(narrow, "GET / HTTP/1.0\r\n\r\n");
    }
    CHECK(has(heard, "200 OK"));
    CHECK(reader.hear().size() < big.size());
}

TEST_CASE("http: clients beyond the limit are told so") {
    http::Limits limits;
    limits.clients = 2;
    Served const served(limits);
    std::string const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    Client first(served);
    Client second(served);
    for (auto* client : {&first, &second}) {
        client->send(request);
        client->hear(20);
    }
    auto const refused = ask(served, "");
    CHECK(refused.starts_with("HTTP/1.1 503 "));
    CHECK(refused.ends_with("Too many clients, try again later.\n"));
}

TEST_CASE("http: an address that is taken") {
    Served const served;
    asio::io_context loop;
    auto const opened = http::Server::open(loop, served.endpoint(), answer, {});
    REQUIRE_FALSE(opened.has_value());
    CHECK(has(opened.error().what, "HTTP at 127.0.0.1:"));
    CHECK(has(opened.error().what, "in use"));
}
