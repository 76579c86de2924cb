#include "relay/desk/health_page.hpp"

#include <boost/json.hpp>

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::relay::desk;

namespace {

Facts well() {
    Facts facts;
    facts.listeners.push_back({"main", "127.0.0.1:25", 0});
    facts.directories.push_back({"main", directory::Health{directory::State::live, 2, ""}});
    return facts;
}

std::string status_of(http::Response const& response) {
    return std::string(boost::json::parse(response.body).as_object().at("status").as_string());
}

}  // namespace

TEST_CASE("health: what the relay is ready in spite of, and what not") {
    struct Row {
        char const* what;
        void (*change)(Facts&);
        unsigned code;
        char const* status;
    };
    auto const row = GENERATE(values<Row>({
        {"well", [](Facts&) {}, 200, "ok"},
        {"a loop is stuck", [](Facts& f) { f.loops_turn = false; }, 503, "failed"},
        {"going down", [](Facts& f) { f.is_draining = true; }, 503, "failed"},
        {"no listener", [](Facts& f) { f.listeners.clear(); }, 503, "failed"},
        {"no room", [](Facts& f) { f.pressure = "the disk is full"; }, 503, "failed"},
        {"no journal", [](Facts& f) { f.spool.is_degraded = true; }, 200, "degraded"},
        {"no directory", [](Facts& f) { f.directories.clear(); }, 200, "ok"},
        {"nothing known yet",
         [](Facts& f) { f.directories[0].health.state = directory::State::empty; },
         503,
         "failed"},
        {"the first copy is on its way",
         [](Facts& f) { f.directories[0].health.state = directory::State::loading; },
         200,
         "degraded"},
        {"an old copy",
         [](Facts& f) { f.directories[0].health.state = directory::State::stale; },
         200,
         "degraded"},
        {"asked one by one",
         [](Facts& f) { f.directories[0].health.state = directory::State::direct; },
         200,
         "degraded"},
        {"one of two",
         [](Facts& f) {
             f.directories.push_back({"second", directory::Health{directory::State::empty, 0, "\n"}}
             );
         },
         503,
         "failed"},
    }));
    INFO(row.what);
    auto facts = well();
    row.change(facts);
    auto const ready = readyz(facts);
    CHECK(ready.status == row.code);
    CHECK(status_of(ready) == row.status);
    CHECK(ready.type == "application/json");
    auto const live = livez(facts);
    CHECK(live.status == (facts.loops_turn ? 200 : 503));
}
