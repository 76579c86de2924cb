#include "observe/event.hpp"

namespace splitmx::observe {

RecipientDecided recipient_decided(
    std::string id, std::string address, resolver::Decision const& decision
) {
    RecipientDecided event{
        std::move(id),
        std::move(address),
        decision.verdict,
        decision.reason,
        {},
        decision.failed.size()};
    for (auto const& route : decision.routes) {
        event.routes.push_back(
            {route.rcpt.to_wire(), route.host->name, route.entry ? route.entry->text : ""}
        );
    }
    return event;
}

}  // namespace splitmx::observe
