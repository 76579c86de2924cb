#include "relay/log_level.hpp"

#include "observe/line.hpp"
#include "support/every_event.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace splitmx;

TEST_CASE("log level: the word of every event can be named") {
    auto const& words = relay::log_words();
    CHECK(std::is_sorted(words.begin(), words.end()));
    for (auto const& event : support::every_event("x")) {
        std::string const word(observe::content_of(event).word);
        INFO(word);
        if (std::holds_alternative<observe::AdminAction>(event)) continue;  // an audit has no gaps
        CHECK(std::binary_search(words.begin(), words.end(), word));
    }
}

TEST_CASE("log level: names of levels") {
    for (auto const* name : {"debug", "info", "warning", "error"}) {
        REQUIRE(relay::level_named(name));
        CHECK(relay::name_of(*relay::level_named(name)) == name);
    }
    CHECK_FALSE(relay::level_named("warn"));
}
