#include "admin/replay_command.hpp"
#include "admin/verbs.hpp"

#include <memory>

namespace splitmx::admin {

void add_replay(Verb& splitmx) {
    auto const options = std::make_shared<ReplayOptions>();
    auto verb = splitmx.verb("replay", "what other rules would have made of the mail of the last days");
    verb.option("--since", "TIME", options->since, "how far back, 7d by default");
    verb.option("--at-config", "FILE", options->what_if.at_config, "as if this had been in force");
    verb.option(
        "--with-ldif", "FILE", options->what_if.with_ldif, "as if these changes had been made"
    );
    verb.flag("--offline", options->offline, "decide here, without the daemon");
    verb.flag("--json", options->json, "one JSON object a line: each decision that changes");
    verb.run([options](Context const& context) { return replay(*options, context); });
}

}  // namespace splitmx::admin
