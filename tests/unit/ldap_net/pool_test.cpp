#include "ldap/net/pool.hpp"

#include "support/slapd.hpp"

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace splitmx::ldap;
using namespace splitmx::ldap::net;
using splitmx::test::Certificate;
using splitmx::test::Slapd;
using splitmx::test::TempDirectory;

namespace {

// Collects a pool's events and lets a test wait for one.
class Events {
public:
    [[nodiscard]] std::function<void(PoolEvent const&)> sink() {
        return [this](PoolEvent const& event) {
            std::lock_guard const lock(mutex_);
            events_.push_back(event);
            changed_.notify_all();
        };
    }

    // For the n-th event of this kind about this server. The limit is only there to end a failed
    // test.
    [[nodiscard]] bool wait(PoolEvent::Kind kind, std::string const& uri, int n = 1) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, [&] { return count(kind, uri) >= n; });
    }

private:
    [[nodiscard]] int count(PoolEvent::Kind kind, std::string const& uri) const {
        int n = 0;
        for (auto const& event : events_) n += event.kind == kind && event.uri == uri ? 1 : 0;
        return n;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<PoolEvent> events_;
};

PoolSettings settings_for(std::vector<std::string> uris) {
    PoolSettings settings;
    settings.uris = std::move(uris);
    settings.bind_dn = Slapd::admin_dn;
    settings.password = Slapd::admin_password;
    // Long, so that a busy machine does not fail a test that is about something else.
    settings.search_timeout = 30s;
    settings.lookup_timeout = 60s;
    settings.connect_timeout = 30s;
    settings.retry_min = 10ms;
    settings.retry_max = 50ms;
    return settings;
}

SearchRequest request_for(Filter filter) {
    SearchRequest request;
    request.base = Dn::parse(Slapd::base).value();
    request.filter = std::move(filter);
    return request;
}

SearchRequest by_cn(std::string_view name) { return request_for(Filter::equal("cn", name)); }

std::string people(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
        auto const n = std::to_string(i);
        out += "dn: cn=u" + n + ",dc=example,dc=com\nobjectClass: inetOrgPerson\ncn: u" + n +
               "\nsn: x\nmail: u" + n + "@example.com\n\n";
    }
    return out;
}

// A TCP server whose kernel accepts connections, and that never says a word.
class SilentPeer {
public:
    SilentPeer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(fd_, reinterpret_cast<sockaddr const*>(&address), size) == 0);
        REQUIRE(::listen(fd_, 100) == 0);
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    ~SilentPeer() { ::close(fd_); }
    SilentPeer(SilentPeer const&) = delete;
    SilentPeer& operator=(SilentPeer const&) = delete;

    [[nodiscard]] std::string uri(std::string const& scheme) const {
        return scheme + "://127.0.0.1:" + std::to_string(port_);
    }

private:
    int fd_;
    int port_ = 0;
};

std::string dead_uri() { return "ldap://127.0.0.1:" + std::to_string(splitmx::test::free_port()); }

}  // namespace

TEST_CASE("pool: finds an entry, and none") {
    Slapd const server({.ldif = people(3)});
    Pool pool(settings_for({server.uri()}));

    auto const found = pool.search_now(by_cn("u1"));
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 1);
    CHECK(found->front().dn().text() == "cn=u1,dc=example,dc=com");
    CHECK(found->front().first("mail") == "u1@example.com");

    auto const none = pool.search_now(by_cn("nobody"));
    REQUIRE(none.has_value());
    CHECK(none->empty());

    auto some = request_for(Filter::present("mail"));
    some.attributes = {"sn"};
    auto const few = pool.search_now(some);
    REQUIRE(few.has_value());
    CHECK(few->size() == 3);
    CHECK(few->front().has("sn"));
    CHECK_FALSE(few->front().has("mail"));

    auto top = request_for(Filter());
    top.scope = Scope::base;
    CHECK(pool.search_now(top).value().size() == 1);
    top.scope = Scope::one_level;
    CHECK(pool.search_now(top).value().size() == 3);
}

TEST_CASE("pool: over a local socket") {
    Slapd const server({.ldif = people(1)});
    Pool pool(settings_for({server.local_uri()}));
    CHECK(pool.search_now(by_cn("u0")).value().size() == 1);
}

TEST_CASE("pool: without a name the server shows nothing") {
    Slapd const server({.ldif = people(1)});
    auto settings = settings_for({server.uri()});
    settings.bind_dn.clear();
    settings.password.clear();
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::no_such_base);
}

TEST_CASE("pool: values are escaped all the way") {
    Slapd const server(
        {.ldif = "dn: cn=a*(b)\\5Cc,dc=example,dc=com\n"
                 "objectClass: device\ncn: a*(b)\\c\n\n" +
                 people(2)}
    );
    Pool pool(settings_for({server.uri()}));
    CHECK(pool.search_now(by_cn("a*(b)\\c")).value().size() == 1);
    CHECK(pool.search_now(by_cn("*")).value().empty());
    CHECK(pool.search_now(by_cn("u*")).value().empty());
    CHECK(pool.search_now(by_cn("u0)(objectClass=*")).value().empty());
    CHECK(pool.search_now(by_cn(std::string_view("u0\0", 3))).value().empty());
}

TEST_CASE("pool: a thousand searches at once") {
    Slapd const server({.ldif = people(100)});
    Pool pool(settings_for({server.uri()}));
    std::vector<std::promise<SearchResult>> results(1000);
    for (std::size_t i = 0; i < results.size(); ++i) {
        pool.search(by_cn("u" + std::to_string(i % 100)), [&results, i](SearchResult result) {
            results[i].set_value(std::move(result));
        });
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto const result = results[i].get_future().get();
        REQUIRE(result.has_value());
        REQUIRE(result->size() == 1);
        CHECK(result->front().first("cn") == "u" + std::to_string(i % 100));
    }
    CHECK(pool.state().searches == 0);
}

TEST_CASE("pool: an answer of thousands of entries") {
    Slapd const server({.ldif = people(3000)});
    Pool pool(settings_for({server.uri()}));
    CHECK(pool.search_now(request_for(Filter::present("mail"))).value().size() == 3000);
}

TEST_CASE("pool: more entries than asked for") {
    Slapd const server({.ldif = people(5)});
    Pool pool(settings_for({server.uri()}));
    auto request = request_for(Filter::present("mail"));
    request.size_limit = 4;
    CHECK(pool.search_now(request).error().code == Errc::size_limit);
    request.size_limit = 5;
    CHECK(pool.search_now(request).value().size() == 5);
}

TEST_CASE("pool: a base that is not there") {
    Slapd const server({});
    Pool pool(settings_for({server.uri()}));
    auto request = request_for(Filter());
    request.base = Dn::parse("ou=missing,dc=example,dc=com").value();
    auto const result = pool.search_now(request);
    CHECK(result.error().code == Errc::no_such_base);
    CHECK_FALSE(result.error().what.empty());
}

TEST_CASE("pool: referrals are told, references passed over, neither is followed") {
    Slapd const server(
        {.ldif = people(2) + "dn: ou=there,dc=example,dc=com\nobjectClass: referral\n"
                             "objectClass: extensibleObject\nou: there\n"
                             "ref: ldap://127.0.0.1:1/ou=there,dc=example,dc=com\n\n"}
    );
    Pool pool(settings_for({server.uri()}));
    CHECK(pool.search_now(request_for(Filter::present("mail"))).value().size() == 2);
    auto request = request_for(Filter());
    request.base = Dn::parse("ou=there,dc=example,dc=com").value();
    CHECK(pool.search_now(request).error().code == Errc::referral);
}

TEST_CASE("pool: refused credentials") {
    Slapd const server({});
    auto settings = settings_for({server.uri()});
    settings.password = GENERATE(as<std::string>(), "wrong", "");
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("x")).error().code == Errc::refused_credentials);
    CHECK(pool.state().connections.empty());
    CHECK(pool.state().last_error.find(server.uri()) == 0);
}

TEST_CASE("pool: a server that dies and comes back") {
    Slapd server({.ldif = people(1)});
    Events events;
    auto settings = settings_for({server.uri()});
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(pool.search_now(by_cn("u0")).has_value());
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 2));
    CHECK(pool.state().connections.size() == 2);

    server.kill();
    REQUIRE(events.wait(PoolEvent::Kind::lost, server.uri(), 2));
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::unreachable);
    CHECK(pool.state().connections.empty());
    CHECK_FALSE(pool.state().last_error.empty());

    server.start();
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 4));
    CHECK(pool.search_now(by_cn("u0")).value().size() == 1);
}

TEST_CASE("pool: a search makes a connection at once, whatever the pause") {
    Slapd server({.ldif = people(1)});
    Events events;
    auto settings = settings_for({server.uri()});
    settings.retry_min = 1ms;
    settings.retry_max = 1h;
    settings.on_event = events.sink();
    server.kill();
    Pool pool(settings);
    // Pauses double from a millisecond; from the 16th on they would outlast the test.
    REQUIRE(events.wait(PoolEvent::Kind::failed, server.uri(), 8));
    server.start();
    CHECK(pool.search_now(by_cn("u0")).has_value());
}

TEST_CASE("pool: a server that hangs") {
    Slapd server({.ldif = people(1)});
    auto settings = settings_for({server.uri()});
    settings.search_timeout = 300ms;
    settings.lookup_timeout = 500ms;
    settings.connect_timeout = 300ms;
    Events events;
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 2));
    server.freeze();
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::timeout);
    REQUIRE(events.wait(PoolEvent::Kind::lost, server.uri(), 2));
    server.thaw();
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 3));
    CHECK(pool.search_now(by_cn("u0")).has_value());
}

TEST_CASE("pool: searches under way go to the other server when theirs dies") {
    Slapd first({.ldif = people(1)});
    Slapd const second({.ldif = people(1)});
    Events events;
    auto settings = settings_for({first.uri(), second.uri()});
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, first.uri(), 2));
    first.freeze();
    std::vector<std::promise<SearchResult>> results(200);
    for (auto& result : results) {
        pool.search(by_cn("u0"), [&result](SearchResult r) { result.set_value(std::move(r)); });
    }
    first.kill();
    for (auto& result : results) CHECK(result.get_future().get().has_value());
    CHECK(events.wait(PoolEvent::Kind::connected, second.uri()));
}

TEST_CASE("pool: a search whose server hangs is answered by the other") {
    Slapd first({.ldif = people(1)});
    Slapd const second({.ldif = people(1)});
    Events events;
    auto settings = settings_for({first.uri(), second.uri()});
    settings.search_timeout = 300ms;
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, first.uri(), 2));
    first.freeze();
    // The server that hung is tried last, though its kernel still takes connections.
    CHECK(pool.search_now(by_cn("u0")).has_value());
}

TEST_CASE("pool: the second server while the first is dead, and back") {
    Slapd first({.ldif = people(1)});
    Slapd const second({.ldif = people(1)});
    first.kill();
    Events events;
    auto settings = settings_for({first.uri(), second.uri()});
    settings.return_interval = 20ms;
    settings.on_event = events.sink();
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("u0")).has_value());
    REQUIRE(events.wait(PoolEvent::Kind::connected, second.uri(), 2));
    for (auto const& connection : pool.state().connections) CHECK(connection.uri == second.uri());
    first.start();
    REQUIRE(events.wait(PoolEvent::Kind::connected, first.uri(), 2));
    CHECK(pool.search_now(by_cn("u0")).has_value());
    for (auto const& connection : pool.state().connections) CHECK(connection.uri == first.uri());
}

TEST_CASE("pool: nobody there") {
    Pool pool(settings_for({dead_uri(), dead_uri()}));
    auto const result = pool.search_now(by_cn("x"));
    CHECK(result.error().code == Errc::unreachable);
    CHECK(result.error().what.find("; ") != std::string::npos);  // both are named
}

TEST_CASE("pool: addresses that are none") {
    struct Row {
        std::string uri;
        Errc code;
    };
    auto const row = GENERATE(
        Row{"http://127.0.0.1", Errc::syntax},
        Row{"nonsense", Errc::syntax},
        Row{"ldap://name.invalid", Errc::unreachable},
        Row{"ldapi://%2Fmissing%2Fsocket", Errc::unreachable},
        Row{"ldapi://%2F" + std::string(200, 'x'), Errc::syntax}
    );
    CAPTURE(row.uri);
    Pool pool(settings_for({row.uri}));
    CHECK(pool.search_now(by_cn("x")).error().code == row.code);
}

TEST_CASE("pool: a peer that takes the connection and says nothing") {
    SilentPeer const peer;
    auto const scheme = GENERATE(as<std::string>(), "ldap", "ldaps");
    auto const starttls = GENERATE(false, true);
    CAPTURE(scheme, starttls);
    auto settings = settings_for({peer.uri(scheme)});
    settings.starttls = starttls;
    settings.connect_timeout = 300ms;
    {
        Pool pool(settings);
        CHECK(pool.search_now(by_cn("x")).error().code == Errc::timeout);
    }
    settings.connect_timeout = 30s;
    settings.lookup_timeout = 300ms;
    if (scheme == "ldaps") return;  // a handshake cannot be broken off: stop() would take the 30 s
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("x")).error().code == Errc::timeout);
}

TEST_CASE("pool: TLS with a certificate that is right") {
    Slapd const server({.ldif = people(1), .config = "security ssf=128", .tls = true});
    auto const starttls = GENERATE(true, false);
    auto settings = settings_for({starttls ? server.uri() : server.tls_uri()});
    settings.starttls = starttls;
    settings.tls_ca = server.certificate();
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("u0")).value().size() == 1);
}

TEST_CASE("pool: without TLS to a server that wants it") {
    Slapd const server({.config = "security ssf=128", .tls = true});
    Pool pool(settings_for({server.uri()}));
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::stronger_auth_required);
}

TEST_CASE("pool: TLS with a certificate that is not trusted") {
    Slapd const server({.ldif = people(1), .tls = true});
    TempDirectory const elsewhere;
    Certificate const other(elsewhere.path());
    struct Row {
        std::string name, uri;
        std::filesystem::path ca;
    };
    std::vector<Row> const rows = {
        {"other CA", server.uri(), other.certificate},
        {"other CA, ldaps", server.tls_uri(), other.certificate},
        {"other name", server.other_uri(), server.certificate()},
        {"the system's CAs", server.uri(), ""},
        {"no such file", server.uri(), "/missing/ca.pem"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        auto settings = settings_for({row.uri});
        settings.starttls = true;
        settings.tls_ca = row.ca;
        CHECK(Pool(settings).search_now(by_cn("u0")).error().code == Errc::tls);
        if (row.name == "no such file") continue;
        settings.tls_verify = false;
        CHECK(Pool(settings).search_now(by_cn("u0")).has_value());
    }
}

TEST_CASE("pool: StartTLS that the server does not know is no reason to go on without") {
    Slapd const server({.ldif = people(1)});
    auto settings = settings_for({server.uri()});
    settings.starttls = true;
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::tls);
}

TEST_CASE("pool: stop ends what is under way") {
    Slapd server({.ldif = people(1)});
    Events events;
    auto settings = settings_for({server.uri()});
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 2));
    server.freeze();
    std::vector<std::promise<SearchResult>> results(200);  // more than connections take
    for (auto& result : results) {
        pool.search(by_cn("u0"), [&result](SearchResult r) { result.set_value(std::move(r)); });
    }
    pool.stop();
    for (auto& result : results) CHECK(result.get_future().get().error().code == Errc::stopped);
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::stopped);
    pool.stop();
}

TEST_CASE("pool: stop while connecting") {
    SilentPeer const peer;
    Pool pool(settings_for({peer.uri("ldap")}));
    std::promise<SearchResult> result;
    pool.search(by_cn("u0"), [&](SearchResult r) { result.set_value(std::move(r)); });
    pool.stop();
    CHECK(result.get_future().get().error().code == Errc::stopped);
}

TEST_CASE("pool: more searches than it keeps") {
    SilentPeer const peer;
    Pool pool(settings_for({peer.uri("ldap")}));
    for (std::size_t i = 0; i < Pool::max_waiting; ++i) {
        pool.search(SearchRequest(), [](SearchResult const&) {});
    }
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::busy);
    CHECK(pool.state().searches == Pool::max_waiting);
}

TEST_CASE("pool: settings that make no sense are a programming error") {
    CHECK_THROWS_AS(Pool(PoolSettings()), std::invalid_argument);
    auto settings = settings_for({dead_uri()});
    settings.connections = 0;
    CHECK_THROWS_AS(Pool(settings), std::invalid_argument);
}
