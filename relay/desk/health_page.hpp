// Whether the relay lives and whether it may be sent mail, for probes: 200 or 503, and a JSON body
// that names each check. `/livez`: the loops turn; anything else is no reason to kill it.
// `/readyz`: listeners are open and it is not going down, the spool takes mail, each directory can
// tell something. A directory that only has an old copy, or is asked question by question, makes it
// "degraded": known recipients are served, and the probe says 200. Threads: pure functions.
#pragma once

#include "relay/desk/facts.hpp"

#include "http/server.hpp"

namespace splitmx::relay::desk {

http::Response livez(Facts const& facts);
http::Response readyz(Facts const& facts);

}  // namespace splitmx::relay::desk
