#include "resolver/outcome.hpp"

#include <algorithm>

namespace splitmx::resolver {

namespace {

bool is_same_copy(Route const& a, Route const& b) {
    return a.rcpt == b.rcpt && a.host->name == b.host->name;
}

}  // namespace

void Outcome::absorb(Outcome&& part) {
    for (auto& route : part.routes) {
        bool const known = std::any_of(routes.begin(), routes.end(), [&](Route const& other) {
            return is_same_copy(route, other);
        });
        if (!known) routes.push_back(std::move(route));
    }
    std::move(part.failed.begin(), part.failed.end(), std::back_inserter(failed));
}

}  // namespace splitmx::resolver
