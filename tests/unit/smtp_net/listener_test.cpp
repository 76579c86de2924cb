#include "smtp/net/listener.hpp"

#include "support/loopback.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace splitmx::smtp::net {

using namespace test;

namespace {

// A second loop with its own thread, as each core has one.
class Core {
public:
    Core() : work_(loop_.get_executor()), thread_([this] { loop_.run(); }) {}
    ~Core() {
        work_.reset();
        thread_.join();
    }
    Executor executor() { return loop_.get_executor(); }
    std::thread::id thread() const { return thread_.get_id(); }

private:
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

Listener open(asio::io_context& loop, Endpoint const& endpoint) {
    auto listener = Listener::open(loop.get_executor(), endpoint);
    REQUIRE(listener.has_value());
    return std::move(*listener);
}

void no_problem(std::string const& what) { FAIL(what); }

// Leaves the process without a free descriptor while it lives.
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        int const next = ::fcntl(0, F_DUPFD, 0);
        ::close(next);
        rlimit none = before_;
        none.rlim_cur = static_cast<rlim_t>(next);
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("Listener: port 0 takes a free port and says which") {
    asio::io_context loop(1);
    auto const first = open(loop, loopback(0));
    auto const second = open(loop, loopback(0));
    CHECK(first.endpoint().port != 0);
    CHECK(first.endpoint().port != second.endpoint().port);
    CHECK(first.endpoint().address == loopback(0).address);
}

TEST_CASE("Listener: a port that is taken is an error that names it") {
    asio::io_context loop(1);
    auto const first = open(loop, loopback(0));
    auto const second = Listener::open(loop.get_executor(), first.endpoint());
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().what.find(first.endpoint().to_text()) != std::string::npos);
    CHECK(second.error().what.find("in use") != std::string::npos);
}

TEST_CASE("Listener: an address of another machine is an error") {
    asio::io_context loop(1);
    auto const foreign = Endpoint::parse("192.0.2.1:0");
    CHECK_FALSE(Listener::open(loop.get_executor(), *foreign).has_value());
}

TEST_CASE("Listener: connections go to the loops in turn, on their threads") {
    asio::io_context loop(1);
    Core cores[2];
    auto listener = open(loop, loopback(0));
    constexpr int clients = 6;
    int chosen = 0;
    int arrived = 0;
    std::vector<std::thread::id> threads;
    std::vector<Endpoint> peers;
    ListenerCallbacks callbacks;
    callbacks.choose = [&] { return Seat{cores[chosen++ % 2].executor()}; };
    callbacks.on_connection = [&](Connection connection) {
        asio::post(loop, [&, id = std::this_thread::get_id(), peer = connection.peer()] {
            threads.push_back(id);
            if (peer) peers.push_back(*peer);
            if (++arrived == clients) loop.stop();
        });
    };
    callbacks.on_problem = no_problem;
    listener.start(std::move(callbacks));
    std::vector<FileDescriptor> sockets;
    for (int i = 0; i < clients; ++i) sockets.push_back(connect_plain(listener.endpoint()));
    loop.run();
    CHECK(std::count(threads.begin(), threads.end(), cores[0].thread()) == clients / 2);
    CHECK(std::count(threads.begin(), threads.end(), cores[1].thread()) == clients / 2);
    CHECK(peers.size() == clients);
}

TEST_CASE("Listener: a stopped one takes nobody and lets its loop end") {
    asio::io_context loop(1);
    auto listener = open(loop, loopback(0));
    auto const endpoint = listener.endpoint();
    ListenerCallbacks callbacks;
    callbacks.choose = [&] { return Seat{loop.get_executor()}; };
    callbacks.on_connection = [](Connection) { FAIL("a connection"); };
    callbacks.on_problem = no_problem;
    listener.start(std::move(callbacks));
    asio::post(loop, [&] { listener.stop(); });
    loop.run();
    CHECK_THROWS(connect_plain(endpoint));
}

TEST_CASE("Listener: IPv6 listens beside IPv4 on the same port") {
    asio::io_context loop(1);
    auto const six = Listener::open(loop.get_executor(), *Endpoint::parse("[::]:0"));
    if (!six) {
        WARN("no IPv6 here: " << six.error().what);
        return;
    }
    auto const four = Endpoint::parse("0.0.0.0:" + std::to_string(six->endpoint().port));
    CHECK(Listener::open(loop.get_executor(), *four).has_value());
}

TEST_CASE("Listener: a shortage of descriptors is told, and accepting goes on after it") {
    asio::io_context loop(1);
    auto listener = open(loop, loopback(0));
    std::vector<std::string> problems;
    int arrived = 0;
    std::optional<NoDescriptors> shortage;
    ListenerCallbacks callbacks;
    // A place is held until its connection is here.
    auto const place = std::make_shared<int>();
    callbacks.choose = [&] { return Seat{loop.get_executor(), place}; };
    callbacks.on_connection = [&](Connection) {
        CHECK(place.use_count() == 2);
        ++arrived;
        loop.stop();
    };
    callbacks.on_problem = [&](std::string const& what) {
        problems.push_back(what);
        shortage.reset();
    };
    listener.start(std::move(callbacks));
    auto const client = connect_plain(listener.endpoint());
    shortage.emplace();
    loop.run();
    CHECK(arrived == 1);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().find("open files") != std::string::npos);
}

}  // namespace splitmx::smtp::net
