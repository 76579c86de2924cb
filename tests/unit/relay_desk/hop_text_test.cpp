#include "relay/desk/hop_text.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace std::chrono_literals;
using relay::HostState;

namespace {

HostState::Moment const start{1000s};

resolver::HostPtr notes() {
    auto host = std::make_shared<resolver::Host>();
    host->name = "notes";
    for (auto const* address : {"notes1.adatum.com:25", "10.0.0.9:25"}) {
        host->addresses.push_back(
            resolver::HostAddress::parse(address, resolver::Protocol::smtp).value()
        );
    }
    return host;
}

std::string text_after(HostState const& state, std::chrono::seconds passed) {
    return relay::desk::hop_text(*notes(), state, start + passed);
}

std::string const places = "notes1.adatum.com:25, 10.0.0.9:25  ";

}  // namespace

TEST_CASE("hop text: how a next hop is") {
    HostState state(8, 30s, start);
    CHECK(text_after(state, 5s) == places + "not used yet");
    state.carried(start, {mail::Status(250, {0, 0}, "ok"), "notes1"});
    CHECK(text_after(state, 4s) == places + "up, last used 4 s ago");
    CHECK(text_after(state, 14min) == places + "up, last used 14 min ago");
    SECTION("down") {
        state.unreachable(start + 1min, {mail::Status(451, {4, 1}, "refused"), ""});
        auto const text = text_after(state, 61s);
        CHECK(text.starts_with(places + "down for 1 s, next try in "));
        CHECK(text.ends_with(": 451 4.4.1 refused"));
    }
    SECTION("paused") {
        state.pause(start, "upgrade\nuntil noon");
        CHECK(text_after(state, 12min) == places + "paused for 12 min: upgrade\\x0Auntil noon");
        state.pause(start, "");
        CHECK(text_after(state, 12min) == places + "paused for 12 min");
    }
}

TEST_CASE("hop text: each next hop of a decision once") {
    resolver::Decision decision;
    CHECK(relay::desk::hop_lines(decision, [](auto const&) { return HostState(8, 30s, start); }, start)
              .empty());
    for (auto const* rcpt : {"a@contoso.com", "b@contoso.com"}) {
        decision.routes.push_back(
            {mail::ForwardPath::parse(rcpt).value(),
             rcpt,
             resolver::RouteKind::custom_recipient,
             notes(),
             std::nullopt}
        );
    }
    auto const lines = relay::desk::hop_lines(
        decision, [](auto const&) { return HostState(8, 30s, start); }, start
    );
    CHECK(lines == "    next hop   notes1.adatum.com:25, 10.0.0.9:25  not used yet\n");
}
