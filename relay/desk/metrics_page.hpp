// The relay in numbers, as Prometheus reads them: what has been counted since the start, and how it
// is now. The names are stable; docs/monitoring.md lists them, and a test compares. Threads: pure
// function. Source: naming rules of Prometheus (base units, `_total`).
#pragma once

#include "relay/desk/facts.hpp"

#include <string>

namespace splitmx::relay::desk {

std::string metrics_page(Facts const& facts);

}  // namespace splitmx::relay::desk
