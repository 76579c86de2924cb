#include "smtp/net/listener.hpp"

#include "support/loopback.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
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

Listener open(Endpoint const& endpoint, std::size_t loops = 1) {
    auto listener = Listener::open(endpoint, loops);
    REQUIRE(listener.has_value());
    return std::move(*listener);
}

void no_problem(std::string const& what) { FAIL(what); }

// Leaves the process with `spare` free descriptors while it lives.
class FewDescriptors {
public:
    explicit FewDescriptors(rlim_t spare = 0) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        int const next = ::fcntl(0, F_DUPFD, 0);
        ::close(next);
        rlimit few = before_;
        few.rlim_cur = static_cast<rlim_t>(next) + spare;
        ::setrlimit(RLIMIT_NOFILE, &few);
    }
    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("Listener: port 0 takes a free port and says which") {
    auto const first = open(loopback(0));
    auto const second = open(loopback(0));
    CHECK(first.endpoint().port != 0);
    CHECK(first.endpoint().port != second.endpoint().port);
    CHECK(first.endpoint().address == loopback(0).address);
}

TEST_CASE("Listener: a port that is taken is an error that names it") {
    // Its sockets share the port with one another, not with those of another listener.
    auto const loops = GENERATE(1U, 3U);
    auto const first = open(loopback(0), loops);
    auto const second = Listener::open(first.endpoint(), loops);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().what.find(first.endpoint().to_text()) != std::string::npos);
    CHECK(second.error().what.find("in use") != std::string::npos);
}

TEST_CASE("Listener: an address of another machine is an error") {
    auto const foreign = Endpoint::parse("192.0.2.1:0");
    CHECK_FALSE(Listener::open(*foreign).has_value());
}

TEST_CASE("Listener: connections go to the loops in turn, on their threads") {
    asio::io_context loop(1);
    Core cores[2];
    auto listener = open(loopback(0));
    constexpr int clients = 6;
    int chosen = 0;
    int arrived = 0;
    std::vector<std::thread::id> threads;
    std::vector<Endpoint> peers;
    ListenerCallbacks callbacks;
    callbacks.choose = [&](std::size_t) { return Seat{cores[chosen++ % 2].executor()}; };
    callbacks.on_connection = [&](Connection connection) {
        asio::post(loop, [&, id = std::this_thread::get_id(), peer = connection.peer()] {
            threads.push_back(id);
            if (peer) peers.push_back(*peer);
            if (++arrived == clients) loop.stop();
        });
    };
    callbacks.on_problem = no_problem;
    listener.start({loop.get_executor()}, std::move(callbacks));
    std::vector<FileDescriptor> sockets;
    for (int i = 0; i < clients; ++i) sockets.push_back(connect_plain(listener.endpoint()));
    loop.run();
    CHECK(std::count(threads.begin(), threads.end(), cores[0].thread()) == clients / 2);
    CHECK(std::count(threads.begin(), threads.end(), cores[1].thread()) == clients / 2);
    CHECK(peers.size() == clients);
}

TEST_CASE("Listener: each loop accepts on its own, and may keep what it has accepted") {
    asio::io_context loop(1);
    auto const work = asio::make_work_guard(loop);
    Core cores[2];
    auto listener = open(loopback(0), 2);
    constexpr int clients = 64;  // the kernel spreads them by their ports
    int arrived = 0;
    std::vector<std::thread::id> threads;
    ListenerCallbacks callbacks;
    std::atomic<int> elsewhere = 0;
    callbacks.choose = [&](std::size_t accepting) {
        if (std::this_thread::get_id() != cores[accepting].thread()) ++elsewhere;
        return Seat{cores[accepting].executor()};
    };
    callbacks.on_connection = [&](Connection) {
        asio::post(loop, [&, id = std::this_thread::get_id()] {
            threads.push_back(id);
            if (++arrived == clients) loop.stop();
        });
    };
    callbacks.on_problem = no_problem;
    listener.start({cores[0].executor(), cores[1].executor()}, std::move(callbacks));
    std::vector<FileDescriptor> sockets;
    for (int i = 0; i < clients; ++i) sockets.push_back(connect_plain(listener.endpoint()));
    loop.run();
    listener.stop();
    auto const first = std::count(threads.begin(), threads.end(), cores[0].thread());
    auto const second = std::count(threads.begin(), threads.end(), cores[1].thread());
    CHECK(elsewhere == 0);
    CHECK(first + second == clients);
    CHECK(first > 0);
    CHECK(second > 0);
}

TEST_CASE("Listener: where there is no second socket, the first loop accepts for all") {
    asio::io_context loop(1);
    asio::io_context other(1);
    std::optional<FewDescriptors> shortage(1);
    auto listener = open(loopback(0), 2);
    shortage.reset();
    constexpr int clients = 16;
    int arrived = 0;
    ListenerCallbacks callbacks;
    callbacks.choose = [&](std::size_t accepting) {
        CHECK(accepting == 0);
        return Seat{loop.get_executor()};
    };
    callbacks.on_connection = [&](Connection) {
        if (++arrived == clients) loop.stop();
    };
    callbacks.on_problem = no_problem;
    listener.start({loop.get_executor(), other.get_executor()}, std::move(callbacks));
    std::vector<FileDescriptor> sockets;
    for (int i = 0; i < clients; ++i) sockets.push_back(connect_plain(listener.endpoint()));
    loop.run();
    CHECK(arrived == clients);
}

TEST_CASE("Listener: what goes wrong with one connection does not end the accepting") {
    asio::io_context loop(1);
    auto listener = open(loopback(0));
    int arrived = 0;
    ListenerCallbacks callbacks;
    callbacks.choose = [&](std::size_t) { return Seat{loop.get_executor()}; };
    callbacks.on_connection = [&](Connection) {
        if (++arrived == 1) throw std::runtime_error("broken");
        loop.stop();
    };
    callbacks.on_problem = no_problem;
    listener.start({loop.get_executor()}, std::move(callbacks));
    auto const first = connect_plain(listener.endpoint());
    auto const second = connect_plain(listener.endpoint());
    CHECK_THROWS(loop.run());
    loop.run();
    CHECK(arrived == 2);
}

TEST_CASE("Listener: the port of a stopped one is free at once") {
    asio::io_context loop(1);
    for (bool const started : {false, true}) {
        auto listener = open(loopback(0), 2);
        if (started) {
            ListenerCallbacks callbacks;
            callbacks.on_problem = no_problem;
            auto const executor = loop.get_executor();
            listener.start({executor, executor}, std::move(callbacks));
            loop.poll();
        }
        listener.stop();
        CHECK_THROWS(connect_plain(listener.endpoint()));
        auto const again = Listener::open(listener.endpoint(), 2);
        CHECK(again.has_value());
    }
    loop.run();
}

TEST_CASE("Listener: a stopped one takes nobody and lets its loop end") {
    asio::io_context loop(1);
    auto listener = open(loopback(0));
    auto const endpoint = listener.endpoint();
    ListenerCallbacks callbacks;
    callbacks.choose = [&](std::size_t) { return Seat{loop.get_executor()}; };
    callbacks.on_connection = [](Connection) { FAIL("a connection"); };
    callbacks.on_problem = no_problem;
    listener.start({loop.get_executor()}, std::move(callbacks));
    asio::post(loop, [&] { listener.stop(); });
    loop.run();
    CHECK_THROWS(connect_plain(endpoint));
}

TEST_CASE("Listener: IPv6 listens beside IPv4 on the same port") {
    auto const six = Listener::open(*Endpoint::parse("[::]:0"));
    if (!six) {
        WARN("no IPv6 here: " << six.error().what);
        return;
    }
    auto const four = Endpoint::parse("0.0.0.0:" + std::to_string(six->endpoint().port));
    CHECK(Listener::open(*four).has_value());
}

TEST_CASE("Listener: a shortage of descriptors is told, and accepting goes on after it") {
    asio::io_context loop(1);
    auto listener = open(loopback(0));
    std::vector<std::string> problems;
    int arrived = 0;
    std::optional<FewDescriptors> shortage;
    ListenerCallbacks callbacks;
    // A place is held until its connection is here.
    auto const place = std::make_shared<int>();
    callbacks.choose = [&](std::size_t) { return Seat{loop.get_executor(), place}; };
    callbacks.on_connection = [&](Connection) {
        CHECK(place.use_count() == 2);
        ++arrived;
        loop.stop();
    };
    callbacks.on_problem = [&](std::string const& what) {
        problems.push_back(what);
        shortage.reset();
    };
    listener.start({loop.get_executor()}, std::move(callbacks));
    auto const client = connect_plain(listener.endpoint());
    shortage.emplace();
    loop.run();
    CHECK(arrived == 1);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().find("open files") != std::string::npos);
}

TEST_CASE("Listener: a shortage that lasts is told now and then, not by each loop at each try") {
    asio::io_context loop(1);
    auto listener = open(loopback(0), 2);
    std::vector<std::chrono::steady_clock::time_point> told;
    ListenerCallbacks callbacks;
    callbacks.choose = [&](std::size_t) { return Seat{loop.get_executor()}; };
    callbacks.on_connection = [](Connection) {};
    callbacks.on_problem = [&](std::string const&) {
        told.push_back(std::chrono::steady_clock::now());
        if (told.size() == 2) loop.stop();
    };
    listener.start({loop.get_executor(), loop.get_executor()}, std::move(callbacks));
    // Enough for both sockets to be given some.
    std::vector<FileDescriptor> clients;
    for (int i = 0; i < 40; ++i) clients.push_back(connect_plain(listener.endpoint()));
    FewDescriptors const shortage;
    loop.run();
    REQUIRE(told.size() == 2);
    CHECK(told.back() - told.front() >= problem_interval - std::chrono::milliseconds(1));
}

}  // namespace splitmx::smtp::net
