#include "smtp/net/front_end.hpp"

#include "support/connection_ends.hpp"


#include <catch2/catch.hpp>
#include <sys/socket.h>

#include <string>
#include <thread>

namespace splitmx::smtp::net {

using namespace test;

namespace {

// "ADDRESS:PORT" of the peer afterwards and what follows the header, or why not.
awaitable<std::string> hear(Connection& connection, mail::Duration limit) {
    auto const heard = co_await hear_front_end(connection, limit);
    if (!heard) co_return heard.error().what;
    auto const rest = co_await read_to_end(connection);
    co_return connection.peer()->to_text() + " " + *rest;
}

std::string const line = "PROXY TCP4 192.0.2.10 10.0.0.1 56324 25\r\n";

}  // namespace

TEST_CASE("front end: the client that it names is the peer, and nothing of what follows is lost") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    auto const itself = ends.connection.peer();
    std::string const sent = line + "EHLO client\r\n";
    std::thread peer([&] {
        for (char const octet : sent) send_plain(ends.peer, std::string_view(&octet, 1));
        ::shutdown(ends.peer.get(), SHUT_WR);
    });
    CHECK(run(loop, hear(ends.connection, mail::Duration(60'000))) ==
          "192.0.2.10:56324 EHLO client\r\n");
    peer.join();
    CHECK(ends.connection.local()->to_text() == "10.0.0.1:25");
    CHECK(ends.connection.front_end() == itself);
}

TEST_CASE("front end: one that speaks for itself stays the peer") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    auto const itself = ends.connection.peer()->to_text();
    send_plain(ends.peer, "PROXY UNKNOWN\r\nQUIT\r\n");
    ::shutdown(ends.peer.get(), SHUT_WR);
    CHECK(run(loop, hear(ends.connection, mail::Duration(60'000))) == itself + " QUIT\r\n");
    CHECK_FALSE(ends.connection.front_end());
}

TEST_CASE("front end: one without a header is told of") {
    struct Row {
        std::string sent;
        std::string expected;
    };
    auto const row = GENERATE(values<Row>({
        {"EHLO client\r\n", "does not begin with a PROXY header"},
        {"", "ends the connection before its PROXY header is complete"},
        {"PROXY TCP4", "ends the connection before its PROXY header is complete"},
    }));
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    send_plain(ends.peer, row.sent);
    ::shutdown(ends.peer.get(), SHUT_WR);
    CHECK(run(loop, hear(ends.connection, mail::Duration(60'000))) == row.expected);
}

TEST_CASE("front end: one that says nothing is not waited for") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    send_plain(ends.peer, "PROXY TCP4 192.0.");
    CHECK(run(loop, hear(ends.connection, mail::Duration(20))) == "sends no PROXY header");
    CHECK_FALSE(ends.connection.is_open());
}

}  // namespace splitmx::smtp::net
