#include "resolver/resolve.hpp"

#include "resolver/walk.hpp"

#include <fmt/format.h>

namespace splitmx::resolver {

Resolution Walk::run() {
    trace_.reserve(8);
    auto const permission = query_.own || query_.accepted ? Permission::granted : Permission::asked;
    auto outcome = query_.rcpt.is_bare_postmaster() ? postmaster(query_.rcpt)
                                                    : by_domain(*query_.rcpt.mailbox(), permission);
    if (!missing_.empty()) return Missing{std::move(missing_)};
    return finish(std::move(outcome));
}

Answer Walk::ask(LookupKey const& key) {
    auto answer = std::visit([this](auto const& k) { return directory_.find(k); }, key);
    if (!std::holds_alternative<NotAsked>(answer)) return answer;
    if (missing_keys_.insert(lookup_id(key)).second) missing_.push_back(key);
    return answer;
}

Walk::Step::Step(Walk& walk, EntryName const& name) : walk_(walk), key_(name.key) {
    is_new_ = walk_.followed_.size() < max_steps && walk_.followed_.insert(key_).second;
}

Walk::Step::~Step() {
    if (is_new_) walk_.followed_.erase(key_);
}

void Walk::note(Rule rule, std::string subject, std::string source) {
    trace_.push_back({rule, std::move(subject), std::move(source)});
}

Decision Walk::finish(Outcome&& outcome) {
    Decision decision;
    decision.reason = outcome.reason;
    decision.trace = std::move(trace_);
    decision.failed = std::move(outcome.failed);
    switch (outcome.kind) {
        case Outcome::Kind::routed:
            decision.verdict = Verdict::deliver;
            decision.status = mail::status_of(outcome.reason);
            decision.routes = std::move(outcome.routes);
            break;
        case Outcome::Kind::bounced:
            decision.verdict = Verdict::bounce;
            decision.status = mail::status_of(outcome.reason);
            break;
        case Outcome::Kind::deferred:
        case Outcome::Kind::waiting:  // run() has answered Missing already
            decision.verdict = Verdict::defer;
            decision.status = mail::transient_status(outcome.reason);
            break;
        case Outcome::Kind::refused:
            decision.verdict = Verdict::refuse;
            decision.status = mail::status_of(outcome.reason);
            if (!outcome.text.empty()) decision.status.text = std::move(outcome.text);
            break;
    }
    return decision;
}

Resolution resolve(Query const& query, RoutingTable const& table, Directory const& directory) {
    return Walk(query, table, directory).run();
}

Decision refuse_bad_address(std::string_view text, std::string_view why) {
    Decision decision;
    decision.verdict = Verdict::refuse;
    decision.reason = mail::Reason::bad_address;
    decision.status = mail::status_of(mail::Reason::bad_address);
    decision.trace.push_back(
        {Rule::bad_address, fmt::format("{}: {}", mail::to_log_text(text), why), {}}
    );
    return decision;
}

}  // namespace splitmx::resolver
