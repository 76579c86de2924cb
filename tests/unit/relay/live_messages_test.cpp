#include "relay/live_messages.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using relay::LiveMessages;

namespace {

relay::MessagePtr message(std::uint64_t id, std::size_t octets = 100) {
    auto made = std::make_shared<relay::Message>();
    made->item.id = spool::SpoolId(id);
    made->body = std::make_shared<std::string const>(octets, 'x');
    return made;
}

}  // namespace

TEST_CASE("live messages: the newest stay, whatever the backlog") {
    LiveMessages live;
    for (std::uint64_t id = 1; id <= 2 * LiveMessages::most_fresh; ++id) live.keep(message(id));
    CHECK(live.size() == LiveMessages::most_fresh);
    CHECK_FALSE(live.find(spool::SpoolId(1)));
    CHECK(live.find(spool::SpoolId(2 * LiveMessages::most_fresh)));
}

TEST_CASE("live messages: large bodies make room sooner") {
    LiveMessages live;
    for (std::uint64_t id = 1; id <= 100; ++id) live.keep(message(id, 1024 * 1024));
    CHECK(live.octets() <= LiveMessages::most_octets);
    CHECK(live.size() <= LiveMessages::most_octets / (1024 * 1024));
}

TEST_CASE("live messages: those in work stay until the last one is done") {
    LiveMessages live;
    auto const one = message(1);
    live.begin(one);
    live.begin(one);
    for (std::uint64_t id = 2; id <= 2 * LiveMessages::most_fresh; ++id) live.keep(message(id));
    CHECK(live.find(spool::SpoolId(1)) == one);
    CHECK_FALSE(live.end(one));
    CHECK(live.find(spool::SpoolId(1)) == one);
    CHECK(live.end(one));
    CHECK_FALSE(live.find(spool::SpoolId(1)));
}
