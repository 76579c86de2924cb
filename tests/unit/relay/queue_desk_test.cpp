// Operations on a running queue, whose one host does not answer or hangs at will.
#include "relay/queue_desk.hpp"

#include "tests/unit/relay/relay_fixture.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

using namespace splitmx;
using namespace splitmx::relay;
using test::RelayFixture;
using Result = OperationResult;

namespace {

// A port that is ours; nobody is served until serve(), then one connection that hangs at MAIL.
class HangingHost {
public:
    HangingHost() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(socket_, generic, sizeof address) == 0);
        socklen_t size = sizeof address;
        ::getsockname(socket_, generic, &size);
        port_ = ntohs(address.sin_port);
    }
    ~HangingHost() {
        release();
        ::shutdown(socket_, SHUT_RDWR);
        ::close(socket_);
        if (thread_.joinable()) thread_.join();
    }
    std::uint16_t port() const { return port_; }
    void serve() {
        REQUIRE(::listen(socket_, 8) == 0);
        thread_ = std::thread([this] {
            peer_ = ::accept(socket_, nullptr, nullptr);
            say("220 hanging.example\r\n");
            hear();
            say("250 hanging.example\r\n");
            hear();
            hanging_ = true;
        });
    }
    bool is_hanging() const { return hanging_; }
    void release() {
        int const peer = peer_.exchange(-1);
        if (peer >= 0) ::close(peer);
    }

private:
    void say(std::string const& text) { (void)!::write(peer_, text.data(), text.size()); }
    void hear() {
        char buffer[512];
        (void)!::read(peer_, buffer, sizeof buffer);
    }

    int socket_;
    std::uint16_t port_ = 0;
    std::atomic<int> peer_ = -1;
    std::atomic<bool> hanging_ = false;
    std::thread thread_;
};

}  // namespace

TEST_CASE("queue desk: what waits is listed, held, released, returned and dropped") {
    support::TemporaryDirectory const directory;
    HangingHost host;
    RelayFixture relay(directory.path(), host.port());
    CHECK(relay.pause("away", "so that reports stay here") == HostChange::done);
    auto const id = relay.submit();
    auto const other = relay.submit();
    relay.wait_until([&] { return relay.host("mailboxes").condition == HostCondition::down; });
    relay.wait_until([&] { return relay.snapshot().totals.deferred == 2; });
    auto const view = relay.host("mailboxes");
    CHECK(view.waiting == 2);
    CHECK(view.next_probe);
    CHECK(view.last_answer.starts_with("451 4.4.1 "));
    CHECK(relay.operate(spool::SpoolId(1), Drop{}) == Result::not_here);

    SECTION("hold and release") {
        CHECK(relay.operate(id, Release{}) == Result::not_held);
        CHECK(relay.operate(id, Hold{"legal"}) == Result::done);
        CHECK(relay.store().read(id)->held == "legal");
        CHECK(relay.operate(id, Retry{}) == Result::is_held);
        CHECK(relay.snapshot().totals.held == 1);
        CHECK(relay.host("mailboxes").waiting == 1);
        CHECK(relay.operate(id, Release{}) == Result::done);
        CHECK_FALSE(relay.store().read(id)->held);
        CHECK(relay.host("mailboxes").waiting == 2);
    }
    SECTION("drop") {
        CHECK(relay.operate(id, Drop{}) == Result::done);
        CHECK_FALSE(relay.store().read(id).has_value());
        CHECK(relay.operate(id, Drop{}) == Result::not_here);
        CHECK(relay.snapshot().totals.messages == 1);
        auto const line = id.to_text() + " remove    delivered=0 failed=0 ";
        relay.wait_until([&] { return relay.log_text().find(line) != std::string::npos; });
        CHECK(relay.store().read(other).has_value());
    }
    SECTION("bounce with a report") {
        CHECK(relay.operate(id, Bounce{"The mailbox is closed", true}) == Result::done);
        CHECK_FALSE(relay.store().read(id).has_value());
        CHECK(relay.snapshot().totals.messages == 2);
        relay.wait_until([&] { return relay.host("away").waiting == 1; });
    }
    SECTION("bounce without one, also of a held message") {
        CHECK(relay.operate(id, Hold{"legal"}) == Result::done);
        CHECK(relay.operate(id, Bounce{"The mailbox is closed", false}) == Result::done);
        CHECK_FALSE(relay.store().read(id).has_value());
        CHECK(relay.snapshot().totals.messages == 1);
    }
    SECTION("retry goes ahead of the schedule") {
        host.serve();
        CHECK(relay.operate(id, Retry{}) == Result::done);
        relay.wait_until([&] { return host.is_hanging(); });
        CHECK(relay.host("mailboxes").condition == HostCondition::up);
    }
}

TEST_CASE("queue desk: what is in delivery cannot be taken back, what is left of it can") {
    support::TemporaryDirectory const directory;
    HangingHost host;
    host.serve();
    RelayFixture relay(directory.path(), host.port());
    auto const id = relay.submit();
    relay.wait_until([&] { return host.is_hanging(); });
    CHECK(relay.snapshot().in_delivery == std::vector{id});
    CHECK(relay.host("mailboxes").in_delivery == 1);
    CHECK(relay.operate(id, Retry{}) == Result::in_delivery);

    SECTION("hold") {
        CHECK(relay.operate(id, Hold{"legal"}) == Result::in_delivery);
        CHECK_FALSE(relay.store().read(id)->held);
        host.release();
        relay.wait_until([&] { return relay.store().read(id)->held.has_value(); });
        CHECK(relay.snapshot().totals.held == 1);
        CHECK(relay.snapshot().in_delivery.empty());
    }
    SECTION("drop") {
        CHECK(relay.operate(id, Drop{}) == Result::in_delivery);
        host.release();
        relay.wait_until([&] { return relay.snapshot().totals.messages == 0; });
        CHECK_FALSE(relay.store().read(id).has_value());
    }
}

TEST_CASE("queue desk: a pause outlives the relay") {
    support::TemporaryDirectory const directory;
    HangingHost host;
    {
        RelayFixture relay(directory.path(), host.port());
        CHECK(relay.pause("nobody", "") == HostChange::no_such_host);
        CHECK(relay.resume("mailboxes") == HostChange::unchanged);
        CHECK(relay.pause("mailboxes", "moving house") == HostChange::done);
        CHECK(relay.pause("mailboxes", "still moving") == HostChange::unchanged);
    }
    RelayFixture relay(directory.path(), host.port());
    auto const paused = relay.host("mailboxes");
    CHECK(paused.condition == HostCondition::paused);
    CHECK(paused.pause_reason == "still moving");
    host.serve();
    relay.submit();
    relay.wait_until([&] { return relay.host("mailboxes").waiting == 1; });
    CHECK(relay.snapshot().totals.deferred == 1);
    CHECK_FALSE(host.is_hanging());
    CHECK(relay.resume("mailboxes") == HostChange::done);
    relay.wait_until([&] { return host.is_hanging(); });
}
