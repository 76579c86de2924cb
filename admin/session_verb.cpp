#include "admin/rehearsal.hpp"
#include "admin/verbs.hpp"

#include <memory>

namespace splitmx::admin {

void add_session(Verb& splitmx) {
    auto const options = std::make_shared<RehearsalOptions>();
    auto verb =
        splitmx.verb("session", "rehearse an SMTP dialogue: replies and their reasons, no mail");
    verb.option("--client", "IP", options->client, "address of the sending system");
    verb.option(
        "--listener", "NAME", options->listener, "listener that it reaches; else the first"
    );
    verb.option("--local-address", "IP", options->local_address, "our address that it reaches");
    verb.flag("--offline", options->offline, "decide here, without the daemon");
    verb.run([options](Context const& context) { return rehearse(*options, context); });
}

}  // namespace splitmx::admin
