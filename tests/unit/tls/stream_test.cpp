#include "tls/stream.hpp"

#include "support/certificates.hpp"
#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace splitmx::tls {

using support::text_of_file;
using Kind = Progress::Kind;

namespace {

ContextPtr server_context(support::IssuedFiles const& files) {
    auto const identity =
        Identity::from_pem(text_of_file(files.certificate), text_of_file(files.key));
    return Context::for_server(identity.value()).value();
}

// Both ends in one thread: neither ever waits.
struct Ends {
    std::array<int, 2> socket{-1, -1};

    Ends() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, socket.data()) == 0); }
    ~Ends() {
        for (int const one : socket) ::close(one);
    }
    void close_first() { ::close(std::exchange(socket[0], -1)); }
};

bool is_waiting(Progress const& progress) {
    return progress.kind == Kind::wants_read || progress.kind == Kind::wants_write;
}

struct Outcome {
    Kind server;
    Kind client;
};

Outcome shake_hands(Stream& server, Stream& client) {
    Progress ours{Kind::wants_read, 0};
    Progress theirs{Kind::wants_read, 0};
    for (int round = 0; round < 20 && (is_waiting(ours) || is_waiting(theirs)); ++round) {
        if (is_waiting(theirs)) theirs = client.handshake();
        if (is_waiting(ours)) ours = server.handshake();
    }
    return {ours.kind, theirs.kind};
}

std::string read_all(Stream& stream) {
    std::string all;
    std::array<char, 100> block;
    for (;;) {
        auto const got = stream.read(block);
        if (got.kind != Kind::done) return all;
        all.append(block.data(), got.octets);
    }
}

}  // namespace

TEST_CASE("Stream: octets both ways, and an orderly end") {
    support::TestAuthority authority;
    auto const files = authority.issue("DNS:relay1.example.com");
    Ends ends;
    auto server = Stream::server(server_context(files), ends.socket[0]);
    auto client = Stream::client(
        Context::for_client(authority.ca_file()).value(),
        ends.socket[1],
        Peer("relay1.example.com", true)
    );
    auto const outcome = shake_hands(server, client);
    REQUIRE(outcome.server == Kind::done);
    REQUIRE(outcome.client == Kind::done);
    CHECK(server.agreed().version == "TLSv1.3");
    CHECK(server.agreed().cipher == client.agreed().cipher);
    CHECK(server.agreed().cipher.substr(0, 4) == "TLS_");

    CHECK(client.write("EHLO x\r\n").octets == 8);
    CHECK(read_all(server) == "EHLO x\r\n");
    CHECK(server.write("250 y\r\n").octets == 7);
    CHECK(read_all(client) == "250 y\r\n");

    server.say_end();
    std::array<char, 10> block;
    CHECK(client.read(block).kind == Kind::ended);
}

TEST_CASE("Stream: an end without a word is a reset") {
    support::TestAuthority authority;
    auto const files = authority.issue("DNS:relay1.example.com");
    Ends ends;
    auto server = Stream::server(server_context(files), ends.socket[0]);
    auto client = Stream::client(
        Context::for_client(authority.ca_file()).value(),
        ends.socket[1],
        Peer("relay1.example.com", false)
    );
    REQUIRE(shake_hands(server, client).client == Kind::done);
    CHECK(server.write("250 half a re").kind == Kind::done);
    ends.close_first();
    CHECK(read_all(client) == "250 half a re");
    std::array<char, 10> block;
    CHECK(client.read(block).kind == Kind::failed);
    CHECK(client.system_error() == ECONNRESET);
    // A second write to a dead connection would raise SIGPIPE and end the program.
    CHECK(client.write("x").kind == Kind::failed);
    CHECK(client.write("x").kind == Kind::failed);
}

TEST_CASE("Stream: whom a client trusts") {
    support::TestAuthority authority;
    support::TestAuthority stranger;
    auto const good =
        authority.issue("DNS:relay1.example.com,DNS:*.hosts.example.com,IP:127.0.0.1");
    auto const old = authority.issue("DNS:relay1.example.com", -1);
    auto const foreign = stranger.issue("DNS:relay1.example.com");
    struct Row {
        char const* name;
        support::IssuedFiles files;
        Peer peer;
        Kind outcome;
        char const* why;
    };
    std::vector<Row> const rows{
        {"its name", good, Peer("relay1.example.com", true), Kind::done, ""},
        {"in capitals", good, Peer("RELAY1.example.com", true), Kind::done, ""},
        {"its address", good, Peer("127.0.0.1", true), Kind::done, ""},
        {"a wildcard", good, Peer("mx.hosts.example.com", true), Kind::done, ""},
        {"another name",
         good,
         Peer("relay2.example.com", true),
         Kind::failed,
         "the certificate is not for relay2.example.com, but for relay1.example.com, "
         "*.hosts.example.com, 127.0.0.1"},
        {"a wildcard is for one label",
         good,
         Peer("a.b.hosts.example.com", true),
         Kind::failed,
         "the certificate is not for a.b.hosts.example.com, but for relay1.example.com, "
         "*.hosts.example.com, 127.0.0.1"},
        {"another address",
         good,
         Peer("127.0.0.2", true),
         Kind::failed,
         "the certificate is not for 127.0.0.2, but for relay1.example.com, "
         "*.hosts.example.com, 127.0.0.1"},
        {"expired",
         old,
         Peer("relay1.example.com", true),
         Kind::failed,
         "the certificate cannot be trusted: certificate has expired"},
        {"an unknown authority",
         foreign,
         Peer("relay1.example.com", true),
         Kind::failed,
         "the certificate cannot be trusted: unable to get local issuer certificate"},
        {"whoever does not ask takes all", foreign, Peer("other.example", false), Kind::done, ""},
    };
    for (auto const& row : rows) {
        INFO(row.name);
        Ends ends;
        auto server = Stream::server(server_context(row.files), ends.socket[0]);
        auto client = Stream::client(
            Context::for_client(authority.ca_file()).value(), ends.socket[1], row.peer
        );
        CHECK(shake_hands(server, client).client == row.outcome);
        CHECK(client.failure() == row.why);
    }
}

TEST_CASE("Stream: what is no TLS fails at once, with a reason") {
    support::TestAuthority authority;
    auto const files = authority.issue("DNS:relay1.example.com");
    auto const context = server_context(files);
    struct Row {
        char const* name;
        std::string sent;
        char const* why;
    };
    auto const row = GENERATE(
        Row{"plain SMTP", "EHLO client.example\r\n", "wrong version number"},
        Row{"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "http request"},
        Row{"a record that is no handshake",
            std::string("\x17\x03\x03\x00\x01x", 6),
            "unexpected message"}
    );
    INFO(row.name);
    Ends ends;
    auto server = Stream::server(context, ends.socket[0]);
    REQUIRE(::write(ends.socket[1], row.sent.data(), row.sent.size()) > 0);
    CHECK(server.handshake().kind == Kind::failed);
    CHECK(server.system_error() == EPROTO);
    CHECK(server.failure() == row.why);
}

TEST_CASE("Context: the system's authorities are found by the hashes of their names") {
    support::TestAuthority authority;
    support::TestAuthority foreign;
    support::TemporaryDirectory folder;
    auto const pem = authority.ca_file();
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::fopen(pem.c_str(), "r"), std::fclose);
    REQUIRE(file);
    std::unique_ptr<X509, void (*)(X509*)> const certificate(
        PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free
    );
    REQUIRE(certificate);
    auto const name = fmt::format("{:08x}.0", X509_subject_name_hash(certificate.get()));
    std::filesystem::create_symlink(pem, folder.path() / name);
    REQUIRE(::setenv("SSL_CERT_DIR", folder.path().c_str(), 1) == 0);
    auto const trust = Context::for_client("");
    ::unsetenv("SSL_CERT_DIR");
    REQUIRE(trust.has_value());
    for (auto* const issuer : {&authority, &foreign}) {
        Ends ends;
        auto const files = issuer->issue("DNS:relay1.example.com");
        auto server = Stream::server(server_context(files), ends.socket[0]);
        auto client = Stream::client(*trust, ends.socket[1], Peer("relay1.example.com", true));
        CHECK(shake_hands(server, client).client == (issuer == &authority ? Kind::done : Kind::failed));
    }
}

TEST_CASE("Context: authorities that cannot be read") {
    auto const none = Context::for_client("/nonexistent/ca.pem");
    REQUIRE_FALSE(none.has_value());
    CHECK_THAT(
        none.error().what, Catch::Matchers::StartsWith("/nonexistent/ca.pem: no certificates")
    );
    CHECK(Context::for_client("").has_value());
}

}  // namespace splitmx::tls
