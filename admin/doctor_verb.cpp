#include "admin/doctor_command.hpp"
#include "admin/verbs.hpp"

#include <memory>

namespace splitmx::admin {

void add_doctor(Verb& splitmx) {
    auto const options = std::make_shared<DoctorOptions>();
    auto verb = splitmx.verb("doctor", "what around the relay could keep it from working?");
    verb.flag("--json", options->json, "one JSON object a line");
    verb.flag("--strict", options->strict, "exit 1 when there are warnings");
    verb.flag("--no-network", options->no_network, "no directory, next hop or DNS is asked");
    verb.run([options](Context const& context) { return examine(*options, context); });
}

}  // namespace splitmx::admin
