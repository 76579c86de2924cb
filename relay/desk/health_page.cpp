#include "relay/desk/health_page.hpp"

#include "mail/mailbox.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace splitmx::relay::desk {

namespace {

namespace json = boost::json;

enum class Grade { ok, degraded, failed };

std::string_view to_text(Grade grade) {
    switch (grade) {
        case Grade::ok:
            return "ok";
        case Grade::degraded:
            return "degraded";
        case Grade::failed:
            break;
    }
    return "failed";
}

class Checks {
public:
    void add(std::string name, Grade grade, std::string_view detail) {
        json::object check;
        check["name"] = std::move(name);
        check["status"] = to_text(grade);
        check["detail"] = mail::to_log_text(detail);
        all_.push_back(std::move(check));
        worst_ = std::max(worst_, grade);
    }

    http::Response response() {
        json::object body;
        body["status"] = to_text(worst_);
        body["checks"] = std::move(all_);
        unsigned const status = worst_ == Grade::failed ? 503 : 200;
        return {status, "application/json", json::serialize(body) + "\n"};
    }

private:
    json::array all_;
    Grade worst_ = Grade::ok;
};

void check_loops(Checks& checks, Facts const& facts) {
    if (facts.loops_turn)
        checks.add("loops", Grade::ok, "all turn");
    else
        checks.add("loops", Grade::failed, "one does not answer");
}

void check_directory(Checks& checks, std::string const& name, directory::Health const& health) {
    auto const detail =
        health.detail.empty()
            ? std::string(directory::to_text(health.state))
            : fmt::format("{}: {}", directory::to_text(health.state), health.detail);
    auto grade = Grade::failed;
    switch (health.state) {
        case directory::State::live:
            grade = Grade::ok;
            break;
        case directory::State::stale:
        case directory::State::direct:
        case directory::State::loading:
            grade = Grade::degraded;
            break;
        case directory::State::empty:
            break;
    }
    checks.add("directory " + name, grade, detail);
}

}  // namespace

http::Response livez(Facts const& facts) {
    Checks checks;
    check_loops(checks, facts);
    return checks.response();
}

http::Response readyz(Facts const& facts) {
    Checks checks;
    check_loops(checks, facts);
    if (facts.is_draining)
        checks.add("listeners", Grade::failed, "the relay is going down");
    else if (facts.listeners.empty())
        checks.add("listeners", Grade::failed, "none is open");
    else
        checks.add("listeners", Grade::ok, fmt::format("{} open", facts.listeners.size()));
    if (facts.pressure)
        checks.add("spool", Grade::failed, *facts.pressure);
    else if (facts.spool.is_degraded)
        checks.add("spool", Grade::degraded, "takes mail, more slowly: the journal cannot be used");
    else
        checks.add("spool", Grade::ok, "takes mail");
    for (auto const& [name, health] : facts.directories) check_directory(checks, name, health);
    return checks.response();
}

}  // namespace splitmx::relay::desk
