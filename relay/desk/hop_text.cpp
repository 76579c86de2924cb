#include "relay/desk/hop_text.hpp"

#include "mail/date_time.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <vector>

#include "control/decision_text.hpp"

namespace splitmx::relay::desk {

namespace {

constexpr std::size_t most_hops = 5;

std::string span(HostState::Moment::duration duration) {
    return mail::to_short_words(std::chrono::duration_cast<mail::Duration>(duration));
}

std::string condition_text(HostState const& state, HostState::Moment now) {
    auto const since = span(now - state.since());
    switch (state.condition()) {
        case HostCondition::up:
            if (!state.last_reply_at()) return "not used yet";
            return fmt::format("up, last used {} ago", span(now - *state.last_reply_at()));
        case HostCondition::down: {
            auto text = fmt::format("down for {}", since);
            auto const next = state.next_probe();
            if (next && *next > now) text += fmt::format(", next try in {}", span(*next - now));
            if (state.last_reply()) text += fmt::format(": {}", state.last_reply()->status.to_log());
            return text;
        }
        case HostCondition::paused:
            break;
    }
    auto const& reason = state.pause_reason();
    return fmt::format(
        "paused for {}{}{}", since, reason.empty() ? "" : ": ", mail::to_log_text(reason)
    );
}

}  // namespace

std::string hop_text(resolver::Host const& host, HostState const& state, HostState::Moment now) {
    std::vector<std::string> places;
    for (auto const& address : host.addresses) places.push_back(address.text);
    return fmt::format("{}  {}", fmt::join(places, ", "), condition_text(state, now));
}

std::string hop_lines(
    resolver::Decision const& decision,
    std::function<HostState(resolver::Host const&)> const& state_of,
    HostState::Moment now
) {
    std::string text;
    std::set<std::string> told;
    for (auto const& route : decision.routes) {
        if (!told.insert(route.host->name).second) continue;
        if (told.size() > most_hops) break;
        auto const state = state_of(*route.host);
        text += control::explanation_line("next hop", hop_text(*route.host, state, now));
    }
    return text;
}

}  // namespace splitmx::relay::desk
