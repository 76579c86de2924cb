#include "admin/probe_command.hpp"
#include "admin/verbs.hpp"

#include <memory>

namespace splitmx::admin {

void add_probe(Verb& splitmx) {
    auto const options = std::make_shared<ProbeOptions>();
    auto verb = splitmx.verb("probe", "ask the host that mail for an address goes to about it");
    verb.word("address", options->address, "whose mail");
    verb.flag("--send", options->send, "hand over a marked message, and wait for the last reply");
    verb.option("--from", "ADDRESS", options->from, "sender; the null sender unless it is given");
    verb.option("--client", "IP", options->client, "decide as for mail of this system");
    verb.option("--timeout", "TIME", options->timeout, "the longest wait for a reply, such as 10s");
    verb.flag("--json", options->json, "one JSON object for each host that was asked");
    verb.flag("--offline", options->offline, "decide here, without the daemon");
    verb.run([options](Context const& context) { return probe(*options, context); });
}

}  // namespace splitmx::admin
