#include "smtp/net/connection.hpp"
#include "smtp/net/watchdog.hpp"
#include "support/certificates.hpp"
#include "support/connection_ends.hpp"

#include <boost/asio/error.hpp>

#include <catch2/catch.hpp>
#include <sys/socket.h>

#include <array>
#include <thread>

namespace splitmx::smtp::net {

using namespace test;
using support::text_of_file;
using Kind = tls::Progress::Kind;

namespace {

support::TestAuthority& authority() {
    static support::TestAuthority one;
    return one;
}

tls::ContextPtr server_context() {
    static auto const files = authority().issue("DNS:relay1.example.com,IP:127.0.0.1");
    auto const identity =
        tls::Identity::from_pem(text_of_file(files.certificate), text_of_file(files.key));
    return tls::Context::for_server(identity.value()).value();
}

tls::ContextPtr client_context() { return tls::Context::for_client(authority().ca_file()).value(); }

using Agreed = mail::Result<tls::Agreed>;

awaitable<Agreed> accept_tls(Connection& connection) {
    auto context = server_context();
    co_return co_await connection.accept_tls(std::move(context));
}

awaitable<Agreed> connect_tls(Connection& connection, std::string name) {
    auto context = client_context();
    tls::Peer peer(std::move(name), true);
    co_return co_await connection.connect_tls(std::move(context), std::move(peer));
}

// The other side, on a thread: a client with its handshake done.
struct Peer {
    tls::Stream stream;
    explicit Peer(FileDescriptor const& socket)
        : stream(tls::Stream::client(
              client_context(), socket.get(), tls::Peer("relay1.example.com", true)
          )) {
        stream.handshake();
    }
    std::string read() {
        std::string block(4096, '\0');
        auto const got = stream.read(block);
        block.resize(got.kind == Kind::done ? got.octets : 0);
        return block;
    }
};

}  // namespace

TEST_CASE("Connection: goes on under TLS, octets both ways and an orderly end") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    std::string received;
    std::thread client([&] {
        Peer peer(ends.peer);
        peer.stream.write("EHLO client.example\r\n");
        received = peer.read();
        peer.stream.say_end();
        ::shutdown(ends.peer.get(), SHUT_WR);
        while (!peer.read().empty()) continue;
    });
    auto const agreed = run(loop, accept_tls(ends.connection));
    REQUIRE(agreed.has_value());
    CHECK(agreed->version == "TLSv1.3");
    CHECK(ends.connection.is_tls());
    CHECK(run(loop, write(ends.connection, {"250", "", "-", "relay1\r\n"})).has_value());
    auto const got = run(loop, read_to_end(ends.connection));
    REQUIRE(got.has_value());
    CHECK(*got == "EHLO client.example\r\n");
    CHECK_FALSE(ends.connection.shut_down_write());
    ends.connection.close();
    client.join();
    CHECK(received == "250-relay1\r\n");  // one record
}

TEST_CASE("Connection: as a client it proves the name of the host") {
    asio::io_context loop(1);
    auto const row = GENERATE(
        std::pair("relay1.example.com", ""),
        std::pair("127.0.0.1", ""),
        std::pair(
            "relay2.example.com",
            "the certificate is not for relay2.example.com, but for relay1.example.com, 127.0.0.1"
        )
    );
    auto ends = open_ends(loop);
    std::thread server([&] {
        auto stream = tls::Stream::server(server_context(), ends.peer.get());
        stream.handshake();
    });
    auto const agreed = run(loop, connect_tls(ends.connection, row.first));
    server.join();
    CHECK(agreed.has_value() == std::string_view(row.second).empty());
    if (!agreed) CHECK(agreed.error().what == row.second);
}

TEST_CASE("Connection: a large write under TLS waits for a slow reader and loses nothing") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    std::vector<std::string> pieces;
    std::string expected;
    for (int i = 0; i < 60; ++i) {
        pieces.emplace_back(
            static_cast<std::size_t>(i) * 7'345 % 20'001, static_cast<char>('a' + i % 26)
        );
        expected += pieces.back();
    }
    pieces.emplace_back(3'000'000, 'z');
    expected += pieces.back();
    std::string got;
    std::thread client([&] {
        Peer peer(ends.peer);
        while (got.size() < expected.size()) {
            auto const more = peer.read();
            if (more.empty()) return;
            got += more;
        }
    });
    REQUIRE(run(loop, accept_tls(ends.connection)).has_value());
    auto const written = run(loop, write(ends.connection, pieces));
    ends.connection.close();
    client.join();
    CHECK(written.has_value());
    CHECK(got == expected);
}

TEST_CASE("Connection: a handshake that breaks says why") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    SECTION("the peer closes") {
        ends.peer = FileDescriptor();
        CHECK(
            run(loop, accept_tls(ends.connection)).error().what == "the peer closed the connection"
        );
    }
    SECTION("the peer resets") {
        linger const at_once{1, 0};
        ::setsockopt(ends.peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ends.peer = FileDescriptor();
        CHECK(run(loop, accept_tls(ends.connection)).error().what == "Connection reset by peer");
    }
    SECTION("the peer goes on in plain") {
        send_plain(ends.peer, "MAIL FROM:<x@example.com>\r\n");
        CHECK(run(loop, accept_tls(ends.connection)).error().what == "wrong version number");
    }
    SECTION("the peer is silent") {
        Watchdog watchdog(ends.connection);
        watchdog.set(mail::Duration(50));
        CHECK(run(loop, accept_tls(ends.connection)).error().what == "Connection timed out");
    }
}

TEST_CASE("Connection: under TLS an end without a word is a reset") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    std::thread client([&] {
        Peer peer(ends.peer);
        peer.stream.write("QUI");
        ::shutdown(ends.peer.get(), SHUT_WR);
    });
    REQUIRE(run(loop, accept_tls(ends.connection)).has_value());
    auto const got = run(loop, read_to_end(ends.connection));
    client.join();
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error() == asio::error::connection_reset);
}

TEST_CASE("Connection: abort ends a read under TLS, with the reason") {
    asio::io_context loop(1);
    auto ends = open_ends(loop);
    std::thread client([&] { Peer peer(ends.peer); });
    REQUIRE(run(loop, accept_tls(ends.connection)).has_value());
    client.join();
    auto const cut = [&] { ends.connection.abort(asio::error::timed_out); };
    auto const got = run(loop, read_to_end(ends.connection), cut);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error() == asio::error::timed_out);
    auto const later = run(loop, write(ends.connection, {"x"}));
    REQUIRE_FALSE(later.has_value());
    CHECK(later.error() == asio::error::timed_out);
}

}  // namespace splitmx::smtp::net
