#include "smtp/net/connection.hpp"

#include "support/connection_ends.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <catch2/catch.hpp>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <thread>
#include <vector>

namespace splitmx::smtp::net {

using namespace test;

namespace {

awaitable<IoResult<std::size_t>> read(Connection& connection, std::span<char> into) {
    co_return co_await connection.read_some(into);
}

// Closes so that the other side gets a reset (RFC 9293 3.10.4 ABORT).
void reset(FileDescriptor socket) {
    linger const at_once{1, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

int unsent(FileDescriptor const& socket) {
    int octets = -1;
    ::ioctl(socket.get(), SIOCOUTQNSD, &octets);
    return octets;
}

}  // namespace

TEST_CASE("Connection: octets come one by one and are read until the end") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    std::string const sent = "MAIL FROM:<a@example.com>\r\n";
    std::thread peer([&] {
        for (char const octet : sent) send_plain(ends.peer, std::string_view(&octet, 1));
        ::shutdown(ends.peer.get(), SHUT_WR);
    });
    auto const got = run(loop, read_to_end(ends.connection));
    peer.join();
    REQUIRE(got.has_value());
    CHECK(*got == sent);
}

TEST_CASE("Connection: what came behind a short read is there for the next, and so is the end") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    std::array<char, 16> block;
    for (std::string_view const sent : {"NOOP\r\n", "QUIT\r\n"}) {
        send_plain(ends.peer, sent);
        auto const got = run(loop, read(ends.connection, block));
        REQUIRE(got.has_value());
        CHECK(std::string_view(block.data(), *got) == sent);
    }
    ::shutdown(ends.peer.get(), SHUT_WR);
    for (int times = 0; times < 2; ++times) {
        auto const end = run(loop, read(ends.connection, block));
        REQUIRE(end.has_value());
        CHECK(*end == 0);
    }
}

TEST_CASE("Connection: a half closed peer still gets what we write") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    ::shutdown(ends.peer.get(), SHUT_WR);
    std::array<char, 16> block;
    auto const end = run(loop, read(ends.connection, block));
    REQUIRE(end.has_value());
    CHECK(*end == 0);
    auto const written = run(loop, write(ends.connection, {"221 ", "", "bye\r\n"}));
    CHECK(written.has_value());
    CHECK(receive_plain(ends.peer) == "221 bye\r\n");
    CHECK_FALSE(ends.connection.shut_down_write());
    CHECK(receive_plain(ends.peer) == "");
}

TEST_CASE("Connection: last words wait for the end of our side, to be one packet with it") {
    // The system holds them back for 200 ms: a thread that sleeps so long does not see it.
    int waiting = 0;
    for (int attempt = 0; attempt < 20 && waiting == 0; ++attempt) {
        asio::io_context loop(1);
        auto pair = tcp_pair();
        FileDescriptor const ours(::dup(pair.ours.get()));
        auto connection = Connection::adopt(loop.get_executor(), std::move(pair.ours));
        REQUIRE(connection.has_value());
        auto const written =
            run(loop, connection->write_all("221 bye\r\n", Connection::Followed::by_end));
        CHECK(written.has_value());
        waiting = unsent(ours);
        CHECK_FALSE(connection->shut_down_write());
        CHECK(unsent(ours) == 0);
        CHECK(receive_plain(pair.theirs) == "221 bye\r\n");
        CHECK(receive_plain(pair.theirs) == "");
    }
    CHECK(waiting == 9);
}

TEST_CASE("Connection: last words are not lost where the peer has said more than was read") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    send_plain(ends.peer, "QUIT\r\nNOOP\r\n");
    auto const written =
        run(loop, ends.connection.write_all("221 bye\r\n", Connection::Followed::by_end));
    CHECK(written.has_value());
    CHECK_FALSE(ends.connection.shut_down_write());
    ends.connection.close();
    CHECK(receive_plain(ends.peer) == "221 bye\r\n");
}

TEST_CASE("Connection: a large write waits for a slow reader and loses nothing") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    std::vector<std::string> pieces;
    std::string expected;
    for (int i = 0; i < 40; ++i) {
        pieces.emplace_back(static_cast<std::size_t>(i) * 12'345, static_cast<char>('a' + i % 26));
        expected += pieces.back();
    }
    std::string got;
    std::thread peer([&] {
        while (got.size() < expected.size()) {
            auto const more = receive_plain(ends.peer);
            if (more.empty()) return;
            got += more;
        }
    });
    auto const written = run(loop, write(ends.connection, pieces));
    ends.connection.close();
    peer.join();
    CHECK(written.has_value());
    CHECK(got == expected);
}

TEST_CASE("Connection: nothing to write is written at once") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    CHECK(run(loop, write(ends.connection, {})).has_value());
    CHECK(run(loop, write(ends.connection, {"", ""})).has_value());
}

TEST_CASE("Connection: a reset by the peer is an error of the read, and of the write") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    reset(std::move(ends.peer));
    std::array<char, 16> block;
    auto const got = run(loop, read(ends.connection, block));
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error() == asio::error::connection_reset);
    // A second write to a dead connection would raise SIGPIPE and end the program.
    auto const written = run(loop, write(ends.connection, {"x"}));
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error() == asio::error::broken_pipe);
}

TEST_CASE("Connection: abort ends a read that waits, with the reason") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    auto const cut = [&] { ends.connection.abort(asio::error::timed_out); };
    std::array<char, 16> block;
    auto const got = run(loop, read(ends.connection, block), cut);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error() == asio::error::timed_out);
    auto const later = run(loop, write(ends.connection, {"x"}));
    REQUIRE_FALSE(later.has_value());
    CHECK(later.error() == asio::error::timed_out);
    CHECK_FALSE(ends.connection.is_open());
    CHECK(receive_plain(ends.peer) == "");
}

TEST_CASE("Connection: close ends a read that waits") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    auto const cut = [&] { ends.connection.close(); };
    std::array<char, 16> block;
    auto const got = run(loop, read(ends.connection, block), cut);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error() == asio::error::operation_aborted);
    CHECK(run(loop, read(ends.connection, block)).error() == asio::error::bad_descriptor);
}

TEST_CASE("Connection: both ends know both addresses") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    REQUIRE(ends.connection.peer());
    REQUIRE(ends.connection.local());
    CHECK(ends.connection.peer()->address.is_loopback());
    SocketAddress far;
    REQUIRE(::getsockname(ends.peer.get(), far.data(), &far.size()) == 0);
    CHECK(ends.connection.peer() == far.endpoint());
}

TEST_CASE("Connection: a Unix socket has no addresses and carries octets") {
    asio::io_context loop(1);
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    FileDescriptor const peer(pair[1]);
    auto connection = Connection::adopt(loop.get_executor(), FileDescriptor(pair[0]));
    REQUIRE(connection.has_value());
    CHECK_FALSE(connection->peer());
    CHECK_FALSE(connection->local());
    CHECK(run(loop, write(*connection, {"LHLO x\r\n"})).has_value());
    CHECK(receive_plain(peer) == "LHLO x\r\n");
}

TEST_CASE("Connection: what is no socket is not adopted") {
    asio::io_context loop(1);
    CHECK_FALSE(Connection::adopt(loop.get_executor(), FileDescriptor()).has_value());
}

TEST_CASE("Connection: a peer that never pauses leaves time for others on the loop") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    send_plain(ends.peer, std::string(7 * 100, 'x'));
    ::shutdown(ends.peer.get(), SHUT_WR);
    std::size_t seen = 0;
    bool ended = false;
    asio::co_spawn(loop, read_to_end(ends.connection), [&](std::exception_ptr, auto const& all) {
        seen = all->size();
        ended = true;
    });
    loop.run_one();  // the coroutine's start
    CHECK_FALSE(ended);
    loop.run();
    CHECK(seen == 700);
}

TEST_CASE("Endpoint: text and back") {
    struct Row {
        char const* name;
        char const* text;
        bool valid;
    };
    auto const row = GENERATE(
        Row{"IPv4", "192.0.2.1:25", true},
        Row{"IPv6", "[2001:db8::1]:2525", true},
        Row{"port 0", "127.0.0.1:0", true},
        Row{"no port", "192.0.2.1", false},
        Row{"empty port", "192.0.2.1:", false},
        Row{"port too large", "192.0.2.1:65536", false},
        Row{"signed port", "192.0.2.1:+25", false},
        Row{"IPv6 without brackets", "2001:db8::1", false},
        Row{"a name", "mx.example.com:25", false},
        Row{"nothing", "", false}
    );
    INFO(row.name);
    auto const endpoint = Endpoint::parse(row.text);
    REQUIRE(endpoint.has_value() == row.valid);
    if (row.valid) {
        CHECK(endpoint->to_text() == row.text);
        CHECK(SocketAddress(*endpoint).endpoint() == *endpoint);
    }
}

}  // namespace splitmx::smtp::net
