#include "migration/routes.hpp"

#include <fmt/format.h>

namespace splitmx::migration {

namespace {

std::string key_of(Route const& route) {
    if (route.scope == Route::Scope::everything) return "*";
    return (route.scope == Route::Scope::below ? "." : "") + route.domain->text();
}

}  // namespace

mail::Result<void> Routes::add(Route route, std::size_t line) {
    auto const key = key_of(route);
    auto const [found, is_new] = known_.try_emplace(key, routes_.size(), line);
    if (is_new) {
        routes_.push_back(std::move(route));
        return {};
    }
    auto& before = routes_[found->second.first];
    using Action = Route::Action;
    if (before.action == Action::inbound && route.action == Action::reroute) {
        before = std::move(route);
        return {};
    }
    if (before.action == Action::reroute && route.action == Action::inbound) return {};
    return mail::Error{fmt::format("{} is on line {} already", key, found->second.second), 0};
}

}  // namespace splitmx::migration
