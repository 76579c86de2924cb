#include "observe/event.hpp"

#include <array>

namespace splitmx::observe {

namespace {

// The words of LoginResult and of ReportKind, in their order.
constexpr std::array<std::string_view, 3> login_words{"right", "refused", "unknowable"};
constexpr std::array<std::string_view, 5> kind_words{
    "failed", "delayed", "delivered", "relayed", "expanded"};

}  // namespace

std::string_view to_text(LoginResult result) {
    return login_words.at(static_cast<std::size_t>(result));
}

std::string_view to_text(ReportKind kind) { return kind_words.at(static_cast<std::size_t>(kind)); }

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
    event.decision = &decision;
    for (auto const& route : decision.routes) {
        event.routes.push_back(
            {route.rcpt.to_wire(), route.host->name, route.entry ? route.entry->text : ""}
        );
    }
    return event;
}

}  // namespace splitmx::observe
