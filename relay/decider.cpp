#include "relay/decider.hpp"

#include "directory/decide.hpp"
#include "relay/hop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <set>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;

void log_decisions(
    observe::Log& log,
    spool::QueueItem const& item,
    std::vector<Question> const& questions,
    std::vector<resolver::Decision> const& decisions
) {
    for (std::size_t i = 0; i < questions.size(); ++i) {
        log.write(observe::recipient_decided(item.id.to_text(), questions[i].original, decisions[i])
        );
    }
}

// Text that is no address can be decided by nobody.
void refuse_unaskable(
    Redecided& result, std::vector<Question> const& questions, resolver::RoutingTable const& table
) {
    for (std::size_t i = 0; i < result.item.recipients.size(); ++i) {
        auto const& recipient = result.item.recipients[i];
        if (recipient.state != spool::RecipientState::pending) continue;
        if (!is_undecided(recipient.hop, table)) continue;
        bool const asked = std::any_of(questions.begin(), questions.end(), [&](auto const& one) {
            return one.original == recipient.original;
        });
        if (asked) continue;
        result.outcomes.push_back({i, mail::status_of(mail::Reason::bad_address), {}, std::nullopt}
        );
    }
}

// The times of the record are those of attempts that somebody did not want to wait for.
void make_due(spool::QueueItem& item, mail::Instant now) {
    for (auto& recipient : item.recipients) {
        if (recipient.state != spool::RecipientState::pending) continue;
        recipient.next_attempt = std::min(recipient.next_attempt, now);
    }
}

}  // namespace

void Decider::decide_soon(spool::SpoolId id, Then then) {
    if (then != Then::in_its_time) wishes_[id] = std::max(wishes_[id], then);
    if (!known_.insert(id).second) return;
    waiting_.push_back(id);
    if (waiting_.size() == 1) asio::post(queue_.loop, [this] { start_some(); });
}

void Decider::start_some() {
    while (deciding_ < most_at_once && !waiting_.empty() && !queue_.draining) {
        auto const id = waiting_.front();
        waiting_.pop_front();
        auto message = queue_.load(id);
        // Whoever is busy with it looks at it again at the end.
        if (!message || message->busy > 0 || message->item.held) {
            known_.erase(id);
            if (!message) tries_.erase(id);
            if (!message || message->item.held) wishes_.erase(id);
            continue;
        }
        ++deciding_;
        queue_.begin(message);
        asio::co_spawn(queue_.loop, decide(std::move(message)), asio::detached);
    }
}

asio::awaitable<void> Decider::decide(MessagePtr message) {
    ++queue_.under_way;
    co_await decide_by(message, queue_.parts.settings());
    --queue_.under_way;
    --deciding_;
    known_.erase(message->item.id);
    queue_.end(message);
    start_some();
    // Of what was being delivered meanwhile, and is gone now.
    if (known_.empty()) {
        std::erase_if(wishes_, [this](auto const& one) { return !queue_.index.find(one.first); });
    }
}

asio::awaitable<void> Decider::decide_by(MessagePtr message, SettingsPtr settings) {
    auto const& table = settings->table;
    bool const outdated = message->generation != settings->generation;
    auto const questions = questions_about(message->item, *table, outdated);
    std::vector<resolver::Query> queries;
    for (auto const& question : questions) queries.push_back(question.query);
    std::vector<resolver::Decision> decisions;
    if (!queries.empty()) {
        decisions = co_await directory::decide(settings->directory, table, std::move(queries));
    }
    auto result = redecide(message->item, questions, decisions, *table, wall_clock());
    refuse_unaskable(result, questions, *table);
    if (result.changed) {
        log_decisions(queue_.parts.log, message->item, questions, decisions);
        spool::Changes changes;
        changes.emplace_back(spool::Update{result.item});
        auto const written = co_await commit(queue_.parts.spool, queue_.inbox, std::move(changes));
        if (!written) {
            auto const id = message->item.id.to_text();
            queue_.parts.log.write(observe::SpoolTrouble{id, written.error().what});
            // Not changed: as on the disk, and by today's hops where there are some.
            result = redecide(message->item, {}, {}, *table, wall_clock());
            result.certain = false;
        }
    }
    finish(message, std::move(result), *settings);
}

Decider::Then Decider::take_wish(spool::SpoolId id) {
    auto const found = wishes_.find(id);
    if (found == wishes_.end()) return Then::in_its_time;
    auto const then = found->second;
    wishes_.erase(found);
    return then;
}

void Decider::finish(MessagePtr const& message, Redecided result, Settings const& settings) {
    message->item = std::move(result.item);
    auto const decided_by = message->generation;
    message->generation = settings.generation;
    auto const then = take_wish(message->item.id);
    if (then != Then::in_its_time) make_due(message->item, wall_clock());
    queue_.replace(*message);
    // An old route serves this attempt; the question stays open for the next one.
    if (!result.certain) message->generation = decided_by;
    if (result.unknowable.empty())
        tries_.erase(message->item.id);
    else
        wait_for_directory(message, result, settings);
    if (!result.outcomes.empty()) {
        settler_.settle_soon(message, std::move(result.outcomes));
    } else if (then == Then::forced) {
        force_(message->item.id);
    } else if (queue_.changed) {
        queue_.changed(message->item.id);
    }
}

// The disk learns of it only when the sender is to be told: no attempt was made.
void Decider::wait_for_directory(
    MessagePtr const& message, Redecided const& result, Settings const& by
) {
    auto& index = queue_.index;
    auto const now = queue_.watch_clock();
    auto const& item = message->item;
    auto const arrived = queue_.arrival_of(item);
    auto const limits =
        spool::deadlines(by.schedule, arrived, item.from.is_null(), item.warning_sent);
    std::set<std::string> hops;
    for (auto const i : result.unknowable) hops.insert(item.recipients[i].hop);
    auto const wait = directory_wait(tries_[item.id]++);
    for (auto const& name : hops) {
        auto const hop = index.find_hop(name);
        auto const leg = hop ? index.leg_of(item.id, *hop) : std::nullopt;
        if (!leg) continue;
        auto const attempts = index.leg(*leg).attempts;
        index.wait(*leg, spool::in_time(limits, now, now + wait), attempts, false);
    }
    if (!spool::is_deadline_over(limits, now)) return;
    std::vector<spool::Outcome> late;
    for (auto const i : result.unknowable) {
        auto const status = mail::transient_status(mail::Reason::directory_unavailable);
        late.push_back({i, status, {}, directory_wait(4)});
    }
    settler_.settle_soon(message, std::move(late));
}

}  // namespace splitmx::relay
