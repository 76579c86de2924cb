// The routes of a file, each domain once. Threads: plain values.
#pragma once

#include "migration/person.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::migration {

class Routes {
public:
    // Fails where the domain has another route already. A domain that gets another one is not also
    // ours: then the line that says so has been read.
    [[nodiscard]] mail::Result<void> add(Route route, std::size_t line);

    std::vector<Route> const& all() const { return routes_; }

private:
    std::vector<Route> routes_;
    std::map<std::string, std::pair<std::size_t, std::size_t>> known_;  // to its place and line
};

}  // namespace splitmx::migration
