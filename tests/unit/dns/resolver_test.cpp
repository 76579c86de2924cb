#include "dns/resolver.hpp"

#include "support/fake_dns_server.hpp"

#include <boost/asio/steady_timer.hpp>

#include <catch2/catch.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace splitmx::dns {

using namespace smtp::net::test;
using Behaviour = FakeDnsServer::Behaviour;

namespace {

mail::Domain domain(std::string const& text) { return mail::Domain::parse(text).value(); }

Resolver resolver(
    asio::io_context& loop,
    std::string const& server,
    std::string const& hosts_file = "",
    mail::Duration timeout = mail::Duration(10'000)
) {
    Settings settings;
    settings.servers = {server};
    settings.hosts_file = hosts_file;
    settings.timeout = timeout;
    auto made = Resolver::create(loop.get_executor(), settings);
    REQUIRE(made.has_value());
    return std::move(*made);
}

std::string to_text(AddressAnswer const& answer) {
    if (std::holds_alternative<NoSuchName>(answer)) return "no such name";
    if (auto const* temporary = std::get_if<Temporary>(&answer))
        return "temporary " + temporary->why;
    std::string text;
    for (auto const& address : std::get<Addresses>(answer)) {
        text += (text.empty() ? "" : " ") + address.to_text();
    }
    return text;
}

std::string to_text(MxAnswer const& answer) {
    if (std::holds_alternative<NoSuchName>(answer)) return "no such name";
    if (std::holds_alternative<NullMx>(answer)) return "null";
    if (std::holds_alternative<NoMx>(answer)) return "none";
    if (auto const* temporary = std::get_if<Temporary>(&answer))
        return "temporary " + temporary->why;
    std::string text;
    for (auto const& mx : std::get<MailExchangers>(answer)) {
        text += (text.empty() ? "" : " ") + std::to_string(mx.preference) + ":" + mx.host.text();
    }
    return text;
}

std::string addresses(asio::io_context& loop, Resolver& dns, std::string const& name) {
    return to_text(run(loop, dns.addresses(domain(name))));
}

std::string exchangers(asio::io_context& loop, Resolver& dns, std::string const& name) {
    return to_text(run(loop, dns.mail_exchangers(domain(name))));
}

// A hosts file that lives as long as its test.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string const& text) {
        char path[] = "/tmp/splitmx-hosts-XXXXXX";
        int const file = ::mkstemp(path);
        require(file >= 0, "mkstemp");
        ::close(file);
        path_ = path;
        write(text);
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }

    void write(std::string const& text) { std::ofstream(path_, std::ios::trunc) << text; }
    std::string const& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace

TEST_CASE("DNS: addresses of a host, one row for each kind of answer") {
    struct Row {
        char const* name;
        char const* host;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"both families, IPv6 first", "both.example", "2001:db8::1 192.0.2.1"},
        Row{"IPv4 alone", "four.example", "192.0.2.4"},
        Row{"IPv6 alone", "six.example", "2001:db8::6"},
        Row{"no address", "empty.example", "no such name"},
        Row{"no such name", "absent.example", "no such name"},
        Row{"server failure", "broken.example", "temporary SERVFAIL"},
        Row{"a name below test., which is private", "four.test", "192.0.2.5"},
        Row{"an IPv4 literal", "[192.0.2.9]", "192.0.2.9"},
        Row{"an IPv6 literal", "[IPv6:2001:db8::9]", "2001:db8::9"},
        Row{"localhost", "localhost", "::1 127.0.0.1"},
        Row{"below localhost", "mail.localhost", "::1 127.0.0.1"}
    );
    INFO(row.name);
    FakeDnsServer server;
    server.add_a("both.example", "192.0.2.1");
    server.add_aaaa("both.example", "2001:db8::1");
    server.add_a("four.example", "192.0.2.4");
    server.add_aaaa("six.example", "2001:db8::6");
    server.add_a("four.test", "192.0.2.5");
    server.add_empty("empty.example");
    server.behave("broken.example", Behaviour::servfail);
    asio::io_context loop(1);
    auto dns = resolver(loop, server.server());
    CHECK(addresses(loop, dns, row.host) == row.expected);
}

TEST_CASE("DNS: mail exchangers, one row for each kind of answer") {
    struct Row {
        char const* name;
        char const* domain;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"sorted by preference", "sorted.example", "5:a.example 10:b.example 20:c.example"},
        Row{"null MX", "null.example", "null"},
        Row{"a root MX beside another is none", "odd.example", "10:a.example"},
        Row{"none", "four.example", "none"},
        Row{"no such name", "absent.example", "no such name"},
        Row{"server failure", "broken.example", "temporary SERVFAIL"},
        Row{"a literal", "[192.0.2.9]", "none"},
        Row{"localhost", "localhost", "none"}
    );
    INFO(row.name);
    FakeDnsServer server;
    server.add_mx("sorted.example", 20, "c.example");
    server.add_mx("sorted.example", 5, "a.example");
    server.add_mx("sorted.example", 10, "b.example");
    server.add_mx("null.example", 0, "");
    server.add_mx("odd.example", 0, "");
    server.add_mx("odd.example", 10, "a.example");
    server.add_a("four.example", "192.0.2.4");
    server.behave("broken.example", Behaviour::servfail);
    asio::io_context loop(1);
    auto dns = resolver(loop, server.server());
    CHECK(exchangers(loop, dns, row.domain) == row.expected);
}

TEST_CASE("DNS: exchangers of equal preference come in varying order") {
    FakeDnsServer server;
    for (char letter = 'a'; letter < 'k'; ++letter) {
        server.add_mx("many.example", 10, std::string(1, letter) + ".example");
    }
    asio::io_context loop(1);
    auto dns = resolver(loop, server.server());
    auto const first = exchangers(loop, dns, "many.example");
    bool varies = false;
    for (int i = 0; i < 20 && !varies; ++i) {
        varies = exchangers(loop, dns, "many.example") != first;
    }
    CHECK(varies);
    CHECK(server.asked("many.example", RecordType::mx) == 1);
}

TEST_CASE("DNS: a silent server is temporary within the timeout") {
    FakeDnsServer server;
    server.behave("quiet.example", Behaviour::silent);
    asio::io_context loop(1);
    auto dns = resolver(loop, server.server(), "", mail::Duration(50));
    CHECK(addresses(loop, dns, "quiet.example") == "temporary no answer in time");
    CHECK(exchangers(loop, dns, "quiet.example") == "temporary no answer in time");
}

TEST_CASE("DNS: a server that is not there is temporary, and localhost works all the same") {
    auto const nobody = bind_loopback(SOCK_STREAM);
    asio::io_context loop(1);
    auto const server = "127.0.0.1@" + std::to_string(nobody.endpoint.port);
    auto dns = resolver(loop, server, "", mail::Duration(200));
    CHECK(addresses(loop, dns, "mx.example").starts_with("temporary "));
    CHECK(addresses(loop, dns, "localhost") == "::1 127.0.0.1");
}

TEST_CASE("DNS: an answer of one family counts though the other failed") {
    FakeDnsServer server;
    server.add_a("half.example", "192.0.2.7", 600);
    server.behave("half.example", RecordType::aaaa, Behaviour::servfail);
    asio::io_context loop(1);
    auto dns = resolver(loop, server.server());
    CHECK(addresses(loop, dns, "half.example") == "192.0.2.7");
}

TEST_CASE("DNS: no address of one family and a failure of the other is temporary") {
    FakeDnsServer server;
    server.add_empty("half.example");
    server.behave("half.example", RecordType::a, Behaviour::refuse);
    asio::io_context loop(1);
    auto dns = resolver(loop, server.server());
    CHECK(addresses(loop, dns, "half.example").starts_with("temporary "));
}

TEST_CASE("DNS: answers are kept for their TTL, and not asked for again") {
    FakeDnsServer server;
    server.add_a("kept.example", "192.0.2.1", 600);
    asio::io_context loop(1);
    auto dns = resolver(loop, server.server());
    CHECK(addresses(loop, dns, "kept.example") == "192.0.2.1");
    server.remove("kept.example");
    CHECK(addresses(loop, dns, "kept.example") == "192.0.2.1");
    CHECK(addresses(loop, dns, "KEPT.example.") == "192.0.2.1");
    CHECK(server.asked("kept.example", RecordType::a) == 1);
}

TEST_CASE("DNS: equal questions under way are asked once and all answered") {
    FakeDnsServer server;
    server.add_mx("busy.example", 10, "mx.example");
    asio::io_context loop(1);
    auto dns = resolver(loop, server.server());
    int answered = 0;
    for (int i = 0; i < 20; ++i) {
        asio::co_spawn(
            loop,
            dns.mail_exchangers(domain("busy.example")),
            [&](std::exception_ptr, MxAnswer const& answer) {
                CHECK(to_text(answer) == "10:mx.example");
                if (++answered == 20) loop.stop();
            }
        );
    }
    loop.run();
    CHECK(answered == 20);
    CHECK(server.asked("busy.example", RecordType::mx) == 1);
}

TEST_CASE("DNS: the answer comes back on the asker's loop") {
    FakeDnsServer server;
    server.add_a("four.example", "192.0.2.4");
    asio::io_context dns_loop(1);
    auto dns = resolver(dns_loop, server.server());
    std::thread other([&] { dns_loop.run(); });
    asio::io_context loop(1);
    std::thread::id resumed;
    auto ask = [](Resolver& resolver, std::thread::id& where) -> awaitable<bool> {
        auto const answer = co_await resolver.addresses(domain("four.example"));
        where = std::this_thread::get_id();
        co_return std::holds_alternative<Addresses>(answer);
    };
    CHECK(run(loop, ask(dns, resumed)));
    CHECK(resumed == std::this_thread::get_id());
    dns_loop.stop();
    other.join();
}

TEST_CASE("DNS: a hosts file comes before DNS, is followed, and never gives an MX") {
    FakeDnsServer server;
    server.add_a("mbx1.example", "192.0.2.1");
    asio::io_context loop(1);
    TemporaryFile hosts("198.51.100.1 mbx1.example\n2001:db8::1 mbx1.example\n");
    auto dns = resolver(loop, server.server(), hosts.path());
    CHECK(addresses(loop, dns, "MBX1.example") == "2001:db8::1 198.51.100.1");
    CHECK(exchangers(loop, dns, "mbx1.example") == "none");
    CHECK(server.asked("mbx1.example", RecordType::a) == 0);
    hosts.write("198.51.100.22 mbx1.example\n");
    CHECK(addresses(loop, dns, "mbx1.example") == "198.51.100.22");
    hosts.write("# nobody\n");
    CHECK(addresses(loop, dns, "mbx1.example") == "192.0.2.1");
}

TEST_CASE("DNS: the hosts file may move localhost, and may be missing") {
    FakeDnsServer server;
    asio::io_context loop(1);
    TemporaryFile hosts("127.0.0.2 localhost\n");
    auto dns = resolver(loop, server.server(), hosts.path());
    CHECK(addresses(loop, dns, "localhost") == "127.0.0.2");
    auto without = resolver(loop, server.server(), "/nonexistent/hosts");
    CHECK(addresses(loop, without, "localhost") == "::1 127.0.0.1");
}

TEST_CASE("DNS: a server address that is none is an error at once") {
    asio::io_context loop(1);
    Settings settings;
    settings.servers = {"ns1.example.com"};
    auto const made = Resolver::create(loop.get_executor(), settings);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().what.find("servers") != std::string::npos);
}

TEST_CASE("DNS: a resolver with questions under way can end with its loop") {
    FakeDnsServer server;
    server.behave("quiet.example", Behaviour::silent);
    asio::io_context loop(1);
    auto dns = std::make_unique<Resolver>(resolver(loop, server.server()));
    bool answered = false;
    asio::co_spawn(
        loop,
        dns->addresses(domain("quiet.example")),
        [&](std::exception_ptr, AddressAnswer const&) { answered = true; }
    );
    while (server.asked("quiet.example", RecordType::a) == 0) loop.poll();
    dns.reset();
    CHECK_FALSE(answered);
}

}  // namespace splitmx::dns
