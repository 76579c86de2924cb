#include "admin/decision_diff.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::admin {

namespace {

using resolver::Decision;
using resolver::Verdict;

std::string addresses_of(resolver::Host const& host) {
    std::string all;
    for (auto const& address : host.addresses) all += (all.empty() ? "" : ", ") + address.text;
    return all;
}

bool is_alike(resolver::Route const& a, resolver::Route const& b) {
    return a.host->name == b.host->name && a.host->protocol == b.host->protocol &&
           addresses_of(*a.host) == addresses_of(*b.host) && a.rcpt.to_wire() == b.rcpt.to_wire();
}

bool is_alike(resolver::FailedRecipient const& a, resolver::FailedRecipient const& b) {
    return a.rcpt == b.rcpt && a.reason == b.reason;
}

template <class Items>
bool all_alike(Items const& a, Items const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto const& x, auto const& y) {
        return is_alike(x, y);
    });
}

bool is_alike(Decision const& a, Decision const& b) {
    return a.verdict == b.verdict && a.reason == b.reason && a.status.code == b.status.code &&
           all_alike(a.routes, b.routes) && all_alike(a.failed, b.failed);
}

std::string refusal(std::string_view verb, Decision const& decision) {
    return fmt::format("{} {}", verb, decision.status.enhanced_text());
}

std::string outcome(Decision const& decision) {
    switch (decision.verdict) {
        case Verdict::refuse:
            return refusal("refused", decision);
        case Verdict::bounce:
            return refusal("returned", decision);
        case Verdict::defer:
            return refusal("deferred", decision);
        case Verdict::deliver:
            break;
    }
    auto const reason = mail::to_id(decision.reason);
    std::string text = decision.routes.size() == 1
                           ? fmt::format("{} ({})", decision.routes.front().host->name, reason)
                           : fmt::format("{} copies ({})", decision.routes.size(), reason);
    if (!decision.failed.empty()) text += fmt::format(", {} failed", decision.failed.size());
    return text;
}

// Where the short words are the same, what is behind them is not.
std::string in_full(Decision const& decision) {
    std::string text;
    for (auto const& route : decision.routes) {
        text += fmt::format(
            "{}{} at {} as {}",
            text.empty() ? "" : ", ",
            route.host->name,
            addresses_of(*route.host),
            route.rcpt.to_log()
        );
    }
    for (auto const& failed : decision.failed) {
        text += fmt::format(
            "{}{} {}",
            text.empty() ? "" : ", ",
            mail::to_log_text(failed.rcpt),
            failed.status.enhanced_text()
        );
    }
    return text.empty() ? fmt::format("{} {}", outcome(decision), mail::to_id(decision.reason))
                        : text;
}

bool comes_back(Decision const& decision) {
    return decision.verdict == Verdict::refuse || decision.verdict == Verdict::bounce;
}

}  // namespace

std::string grouped(std::size_t number) {
    auto text = std::to_string(number);
    for (auto at = text.size(); at > 3;) text.insert(at -= 3, 1, ' ');
    return text;
}

std::optional<ChangedDecision> difference(
    std::string const& address, Decision const& now, Decision const& then
) {
    if (is_alike(now, then)) return std::nullopt;
    ChangedDecision change;
    change.address = mail::to_log_text(address);
    change.now = outcome(now);
    change.then = outcome(then);
    if (change.now == change.then) {
        change.now = in_full(now);
        change.then = in_full(then);
    }
    change.would_bounce = comes_back(then) && !comes_back(now);
    change.would_wait = then.verdict == Verdict::defer && now.verdict == Verdict::deliver;
    return change;
}

void DiffCounts::add(ChangedDecision const& change, std::size_t times) {
    changed += times;
    would_bounce += change.would_bounce ? times : 0;
    would_wait += change.would_wait ? times : 0;
}

std::string to_text(DiffCounts const& counts) {
    if (counts.changed == 0) {
        return counts.addresses == 1
                   ? "the decision stays as it is"
                   : fmt::format("none of {} decisions changes", grouped(counts.addresses));
    }
    auto text = fmt::format(
        "{} of {} decision{} change{}",
        grouped(counts.changed),
        grouped(counts.addresses),
        counts.addresses == 1 ? "" : "s",
        counts.changed == 1 ? "s" : ""
    );
    if (counts.would_bounce > 0) {
        text += fmt::format(", {} would bounce", grouped(counts.would_bounce));
    }
    if (counts.would_wait > 0) text += fmt::format(", {} would wait", grouped(counts.would_wait));
    return text;
}

std::string to_text(std::vector<ChangedDecision> const& changes) {
    // Few long ones must not push the others apart.
    constexpr std::size_t widest = 28;
    std::size_t address_width = 0;
    std::size_t now_width = 0;
    for (auto const& change : changes) {
        address_width = std::max(address_width, std::min(change.address.size(), widest));
        now_width = std::max(now_width, std::min(change.now.size(), widest));
    }
    std::string text;
    for (auto const& change : changes) {
        text += fmt::format(
            "  {:<{}}  {:<{}}  ->  {}",
            change.address,
            address_width,
            change.now,
            now_width,
            change.then
        );
        if (change.would_bounce) text += "  !! would bounce";
        if (change.would_wait) text += "  !! would wait";
        text += "\n";
    }
    return text;
}

}  // namespace splitmx::admin
