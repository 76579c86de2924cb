#include "relay/redecide.hpp"

#include "relay/hop.hpp"
#include "relay/message.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::relay {

namespace {

using spool::QueuedRecipient;
using spool::RecipientState;

constexpr std::chrono::seconds first_directory_wait{5};
constexpr std::chrono::seconds longest_directory_wait{60};

resolver::Query query_for(mail::ForwardPath path, spool::QueueItem const& item) {
    resolver::Client client;
    client.address = item.client_address;
    client.local_address = item.local_address;
    client.listener = item.listener;
    client.identity = item.identity;
    resolver::Query query{std::move(path), item.from, std::move(client), item.is_report};
    query.accepted = !item.is_report;
    return query;
}

// The route of a decision that a copy already has, by the entry it came from, else by its address.
resolver::Route const* same_copy(
    QueuedRecipient const& recipient, resolver::Decision const& decision
) {
    auto const find = [&](auto const& is_same) -> resolver::Route const* {
        auto const found = std::find_if(decision.routes.begin(), decision.routes.end(), is_same);
        return found == decision.routes.end() ? nullptr : &*found;
    };
    if (!recipient.entry.empty()) {
        auto const* route = find([&](resolver::Route const& one) {
            return one.entry && one.entry->text == recipient.entry;
        });
        if (route) return route;
    }
    auto const key = mail::address_key(recipient.rcpt);
    return find([&](resolver::Route const& one) {
        return mail::address_key(one.rcpt.to_wire()) == key;
    });
}

// The work on one item. Recipients that are replaced by others are marked and taken out at the end,
// so that indexes stay good until then.
class Redecision {
public:
    Redecision(spool::QueueItem item, resolver::RoutingTable const& table, mail::Instant now)
        : table_(table), now_(now), gone_(item.recipients.size()) {
        result_.item = std::move(item);
    }

    void apply(Question const& question, resolver::Decision const& decision) {
        for (auto const index : question.recipients) apply_one(index, question.original, decision);
    }

    Redecided finish() {
        auto& recipients = result_.item.recipients;
        std::vector<std::size_t> place(recipients.size());
        std::vector<QueuedRecipient> kept;
        for (std::size_t i = 0; i < recipients.size(); ++i) {
            place[i] = kept.size();
            if (i >= gone_.size() || !gone_[i]) kept.push_back(std::move(recipients[i]));
        }
        recipients = std::move(kept);
        for (auto& outcome : result_.outcomes) outcome.recipient = place[outcome.recipient];
        for (auto& index : result_.unknowable) index = place[index];
        return std::move(result_);
    }

private:
    QueuedRecipient& at(std::size_t index) { return result_.item.recipients[index]; }
    bool has_route(std::size_t index) { return !is_undecided(at(index).hop, table_); }

    void apply_one(
        std::size_t index, std::string const& original, resolver::Decision const& decision
    ) {
        switch (decision.verdict) {
            case resolver::Verdict::deliver:
                if (at(index).expanded)
                    follow(index, decision);
                else
                    replace(index, original, decision);
                return;
            case resolver::Verdict::bounce:
            case resolver::Verdict::refuse:
                // What became of a group says nothing about who was in it.
                if (at(index).expanded && has_route(index)) return;
                outcome(index, decision.status);
                return;
            case resolver::Verdict::defer:
                wait(index, decision);
                return;
        }
    }

    void outcome(std::size_t index, mail::Status status) {
        result_.outcomes.push_back({index, std::move(status), {}, std::nullopt});
    }

    void wait(std::size_t index, resolver::Decision const& decision) {
        result_.certain = false;
        if (decision.reason == mail::Reason::ambiguous) {
            outcome(index, decision.status);
        } else if (!has_route(index)) {
            result_.unknowable.push_back(index);
        }
    }

    void follow(std::size_t index, resolver::Decision const& decision) {
        if (auto const* route = same_copy(at(index), decision)) {
            take(at(index), *route);
        } else if (!has_route(index)) {
            auto const text = fmt::format("The next hop {} is not configured", at(index).hop);
            outcome(index, mail::Status(451, mail::EnhancedCode{4, 4}, text));
        }
    }

    void take(QueuedRecipient& recipient, resolver::Route const& route) {
        auto const hop = hop_of(*route.host, table_);
        auto rcpt = route.rcpt.to_wire();
        if (recipient.hop == hop && recipient.rcpt == rcpt) return;
        recipient.rcpt = std::move(rcpt);
        recipient.hop = hop;
        recipient.moved_from.clear();
        recipient.kind = resolver::to_text(route.kind);
        recipient.entry = route.entry ? route.entry->text : std::string();
        recipient.attempts = 0;
        recipient.next_attempt = now_;
        result_.changed = true;
    }

    void replace(
        std::size_t index, std::string const& original, resolver::Decision const& decision
    ) {
        if (decision.routes.size() == 1 && decision.failed.empty()) {
            take(at(index), decision.routes.front());
            return;
        }
        spool::QueueItem several;
        several.arrived = now_;
        ReportWish const wish{at(index).notify, at(index).orcpt};
        add_recipients(several, original, decision, table_, wish);
        auto& recipients = result_.item.recipients;
        std::move(
            several.recipients.begin(), several.recipients.end(), std::back_inserter(recipients)
        );
        gone_[index] = true;
        result_.changed = true;
    }

    resolver::RoutingTable const& table_;
    mail::Instant now_;
    std::vector<bool> gone_;
    Redecided result_;
};

}  // namespace

bool is_undecided(std::string const& hop, resolver::RoutingTable const& table) {
    return hop.empty() || (!reason_of_failed_hop(hop) && !host_of(hop, table));
}

std::vector<Question> questions_about(
    spool::QueueItem const& item, resolver::RoutingTable const& table, bool outdated
) {
    std::vector<Question> questions;
    for (std::size_t i = 0; i < item.recipients.size(); ++i) {
        auto const& recipient = item.recipients[i];
        if (recipient.state != RecipientState::pending) continue;
        if (reason_of_failed_hop(recipient.hop)) continue;
        bool const is_open = is_undecided(recipient.hop, table);
        bool const is_old = outdated && recipient.moved_from.empty();
        if (!is_open && !is_old) continue;
        auto const same = std::find_if(questions.begin(), questions.end(), [&](auto const& one) {
            return one.original == recipient.original;
        });
        if (same != questions.end()) {
            same->recipients.push_back(i);
            continue;
        }
        auto path = mail::ForwardPath::parse(recipient.original);
        if (!path) path = mail::ForwardPath::parse(recipient.rcpt);
        if (!path) continue;  // nobody could have typed it
        questions.push_back({recipient.original, query_for(std::move(*path), item), {i}});
    }
    return questions;
}

Redecided redecide(
    spool::QueueItem item,
    std::vector<Question> const& questions,
    std::vector<resolver::Decision> const& decisions,
    resolver::RoutingTable const& table,
    mail::Instant now
) {
    Redecision work(std::move(item), table, now);
    for (std::size_t i = 0; i < questions.size(); ++i) work.apply(questions[i], decisions[i]);
    return work.finish();
}

mail::Duration directory_wait(unsigned tries) {
    auto const doubled = first_directory_wait * (1U << std::min(tries, 4U));
    return std::min<mail::Duration>(doubled, longest_directory_wait);
}

}  // namespace splitmx::relay
