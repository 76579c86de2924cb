#include "resolver/outcome.hpp"

namespace splitmx::resolver {

namespace {

// Equal for equal copies. A domain has no line end, nor has the name of a host.
std::string key_of_copy(Route const& route) {
    auto const& mailbox = route.rcpt.mailbox();
    return (mailbox ? mailbox->key() : std::string()) + '\n' + route.host->name;
}

}  // namespace

void Outcome::absorb(Outcome&& part) {
    for (; keyed < routes.size(); ++keyed) {
        keys.insert(key_of_copy(routes[keyed]));
    }
    for (auto& route : part.routes) {
        if (!keys.insert(key_of_copy(route)).second) continue;
        routes.push_back(std::move(route));
        ++keyed;
    }
    for (auto& failure : part.failed) add_failure(std::move(failure));
}

void Outcome::add_failure(FailedRecipient failure) {
    auto key = failure.rcpt + '\n' + std::string(mail::to_id(failure.reason)) + '\n';
    if (keys.insert(std::move(key)).second) failed.push_back(std::move(failure));
}

}  // namespace splitmx::resolver
