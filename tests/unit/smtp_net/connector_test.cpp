#include "smtp/net/connector.hpp"

#include "support/loopback.hpp"

#include <boost/asio/error.hpp>

#include <catch2/catch.hpp>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace splitmx::smtp::net {

using namespace test;

namespace {

BoundSocket listening(int backlog = 8) {
    auto bound = bind_loopback(SOCK_STREAM);
    require(::listen(bound.socket.get(), backlog) == 0, "listen");
    return bound;
}

std::vector<Candidate> candidates(std::vector<Endpoint> const& endpoints) {
    std::vector<Candidate> list;
    for (auto const& endpoint : endpoints) list.emplace_back(endpoint, "mx.example");
    return list;
}

// A Unix socket in a directory of its own.
class UnixServer {
public:
    explicit UnixServer(int backlog) {
        char directory[] = "/tmp/splitmx-unix-XXXXXX";
        require(::mkdtemp(directory) != nullptr, "mkdtemp");
        directory_ = directory;
        path_ = directory_ + "/lmtp";
        socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path_.data(), path_.size());
        auto const* const general = reinterpret_cast<sockaddr const*>(&address);
        require(::bind(socket_.get(), general, sizeof address) == 0, "bind");
        require(::listen(socket_.get(), backlog) == 0, "listen");
    }
    ~UnixServer() { std::filesystem::remove_all(directory_); }

    std::string const& path() const { return path_; }
    FileDescriptor accept() const {
        return FileDescriptor(::accept(socket_.get(), nullptr, nullptr));
    }

private:
    std::string directory_;
    std::string path_;
    FileDescriptor socket_;
};

awaitable<bool> say(Connection& connection, std::string text) {
    auto const written = co_await connection.write_all(text);
    co_return written.has_value();
}

}  // namespace

TEST_CASE("Connector: the second candidate when the first refuses") {
    auto const refusing = bind_loopback(SOCK_STREAM);
    auto const server = listening();
    asio::io_context loop(1);
    auto const outcome =
        run(loop, connect(candidates({refusing.endpoint, server.endpoint, server.endpoint})));
    REQUIRE(outcome.connection.has_value());
    CHECK(outcome.candidate == 1);
    CHECK(outcome.connection->peer() == server.endpoint);
    REQUIRE(outcome.failures.size() == 1);
    CHECK(outcome.failures[0].candidate == 0);
    CHECK(
        outcome.failures[0].text ==
        "mx.example[127.0.0.1]:" + std::to_string(refusing.endpoint.port) + ": Connection refused"
    );
}

TEST_CASE("Connector: it goes on behind one that did not talk") {
    auto const first = listening();
    auto const second = listening();
    asio::io_context loop(1);
    auto const outcome =
        run(loop, connect(candidates({first.endpoint, second.endpoint}), connect_timeout, 1));
    REQUIRE(outcome.connection.has_value());
    CHECK(outcome.candidate == 1);
    CHECK(outcome.connection->peer() == second.endpoint);
    CHECK(outcome.failures.empty());
}

TEST_CASE("Connector: nobody there, one failure for each") {
    auto const one = bind_loopback(SOCK_STREAM);
    auto const two = bind_loopback(SOCK_STREAM);
    asio::io_context loop(1);
    auto const outcome = run(loop, connect(candidates({one.endpoint, two.endpoint})));
    CHECK_FALSE(outcome.connection.has_value());
    CHECK(outcome.failures.size() == 2);
    CHECK(run(loop, connect({})).failures.empty());
    CHECK(run(loop, connect(candidates({one.endpoint}), connect_timeout, 1)).failures.empty());
}

TEST_CASE("Connector: a host that does not answer is given up after its time") {
    // A full backlog: the system drops what comes then.
    auto const full = listening(0);
    auto const waiting = connect_plain(full.endpoint);
    auto const server = listening();
    asio::io_context loop(1);
    auto const outcome =
        run(loop, connect(candidates({full.endpoint, server.endpoint}), mail::Duration(50)));
    REQUIRE(outcome.connection.has_value());
    CHECK(outcome.candidate == 1);
    REQUIRE(outcome.failures.size() == 1);
    CHECK(outcome.failures[0].text.find("timed out") != std::string::npos);
}

TEST_CASE("Connector: a Unix socket") {
    UnixServer const server(8);
    asio::io_context loop(1);
    std::vector<Candidate> const list(1, Candidate(UnixSocket(server.path())));
    auto outcome = run(loop, connect(list));
    REQUIRE(outcome.connection.has_value());
    auto const accepted = server.accept();
    CHECK(run(loop, say(*outcome.connection, "LHLO relay.example\r\n")));
    CHECK(receive_plain(accepted) == "LHLO relay.example\r\n");
}

TEST_CASE("Connector: Unix sockets that take nobody") {
    UnixServer const full(0);
    asio::io_context loop(1);
    std::vector<Candidate> list;
    list.emplace_back(UnixSocket("/nonexistent/lmtp"));
    list.emplace_back(UnixSocket("/" + std::string(200, 'x')));
    CHECK(run(loop, connect(list)).failures.size() == 2);
    std::vector<Candidate> const one(1, Candidate(UnixSocket(full.path())));
    auto const first = run(loop, connect(one));
    CHECK(first.connection.has_value());
    auto const second = run(loop, connect(one, mail::Duration(100)));
    CHECK_FALSE(second.connection.has_value());
    CHECK(second.failures.size() == 1);
}

}  // namespace splitmx::smtp::net
