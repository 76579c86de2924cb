#include "relay/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace splitmx::relay {

namespace {

// Nobody needs more, and "unlimited" is a number, too.
constexpr rlim_t most_descriptors = 1'048'576;

}  // namespace

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    auto const wanted = std::min(limit.rlim_max, most_descriptors);
    if (limit.rlim_cur < wanted) {
        auto raised = limit;
        raised.rlim_cur = wanted;
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return static_cast<std::size_t>(std::min(limit.rlim_cur, most_descriptors));
}

}  // namespace splitmx::relay
