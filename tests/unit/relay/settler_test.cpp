// What became of a message, while the disk does not take it.
#include "relay/settler.hpp"

#include "tests/support/disk_calls.hpp"
#include "tests/unit/relay/hanging_host.hpp"
#include "tests/unit/relay/relay_fixture.hpp"

#include <cerrno>

using namespace splitmx;
using namespace splitmx::relay;
using test::HangingHost;
using test::RelayFixture;
namespace disk = support::disk;

TEST_CASE("settler: what a host took is not sent again while the disk refuses writes") {
    support::TemporaryDirectory const directory;
    disk::watch(directory.path() / "spool");
    {
        HangingHost host;
        host.serve(".");
        RelayFixture relay(directory.path(), host.port());
        auto const is_logged = [&](std::string const& text) {
            return relay.log_text().find(text) != std::string::npos;
        };
        auto const id = relay.submit();
        relay.wait_until([&] { return host.is_hanging(); });
        disk::fail_all(EROFS);
        host.go_on();
        relay.wait_until([&] { return is_logged("Read-only file system"); });
        // The patience of one write goes by, and of the next.
        auto const before = disk::calls();
        relay.wait_until([&] { return disk::calls() >= before + 2; });
        CHECK(relay.store().read(id).has_value());
        disk::fail_at(0, 0);
        relay.wait_until([&] { return is_logged(id.to_text() + ": written after all"); });
        CHECK_FALSE(relay.store().read(id).has_value());
        CHECK(relay.snapshot().totals.messages == 0);
        CHECK(host.taken() == 1);
    }
    disk::watch({});
}
