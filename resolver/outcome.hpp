// What became of one address or entry on the way to a decision. Internal to the resolver.
#pragma once

#include "mail/reason.hpp"
#include "resolver/decision.hpp"

#include <cstddef>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace splitmx::resolver {

struct Outcome {
    // `waiting`: a lookup is missing; whatever else is here does not count.
    enum class Kind { routed, refused, deferred, bounced, waiting };

    Kind kind = Kind::waiting;
    mail::Reason reason = mail::Reason::no_route;
    std::vector<Route> routes;
    std::vector<FailedRecipient> failed;
    std::string text;  // of a refusal, in place of the reason's own; empty: that

    static Outcome waiting() { return {}; }
    static Outcome refused(mail::Reason reason) { return {Kind::refused, reason, {}, {}, {}}; }
    static Outcome refused(mail::Reason reason, std::string text) {
        return {Kind::refused, reason, {}, {}, std::move(text)};
    }
    static Outcome deferred(mail::Reason reason) { return {Kind::deferred, reason, {}, {}, {}}; }
    static Outcome routed(mail::Reason reason, Route route) {
        Outcome outcome{Kind::routed, reason, {}, {}, {}};
        outcome.routes.push_back(std::move(route));
        return outcome;
    }

    bool is_routed() const { return kind == Kind::routed; }
    bool is_failure() const { return kind == Kind::refused || kind == Kind::bounced; }

    // Takes over the routes and failures of another part of the same recipient; what is there
    // already is not repeated.
    void absorb(Outcome&& part);
    void add_failure(FailedRecipient failure);

    // Their own: of the first `keyed` routes and of all failures, as a group may have ten thousand.
    std::unordered_set<std::string> keys{};
    std::size_t keyed = 0;
};

}  // namespace splitmx::resolver
