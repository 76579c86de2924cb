#include "relay/dispatcher.hpp"

#include "directory/decide.hpp"
#include "relay/hop.hpp"
#include "relay/report.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;

// The directory did not tell about a sender: soon again, and no attempt that counts.
constexpr std::chrono::seconds directory_retry{30};
// Jobs for one host that keep their bodies in memory; those behind them read theirs from the spool.
constexpr std::size_t bodies_in_memory = 500;
// A change could not be written: the message stays as the disk has it.
constexpr std::chrono::minutes trouble_retry{1};

mail::Instant now() { return std::chrono::system_clock::now(); }

mail::Duration since(mail::Instant start) {
    return std::chrono::duration_cast<mail::Duration>(now() - start);
}

bool is_pending(spool::QueuedRecipient const& recipient) {
    return recipient.state == spool::RecipientState::pending;
}

}  // namespace

Dispatcher::Dispatcher(
    Parts& parts, asio::any_io_executor loop, SpoolInbox& inbox, std::span<char> buffer
)
    : parts_(parts),
      loop_(loop),
      inbox_(inbox),
      buffer_(buffer),
      retries_(loop, [this](spool::SpoolId id) { retry(id); }),
      random_(std::random_device{}()) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::drain() {
    draining_ = true;
    retries_.stop();
    for (auto& [hop, queue] : queues_) queue->stop();
}

void Dispatcher::stop() {
    drain();
    queues_.clear();
}

double Dispatcher::chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

void Dispatcher::retry(spool::SpoolId id) {
    auto item = parts_.store.read(id);
    if (!item) {
        parts_.log.write(observe::SpoolTrouble{id.to_text(), item.error().what});
        return;
    }
    if (item->held) return;
    auto message = std::make_shared<Message>();
    message->item = std::move(*item);
    take(std::move(message));
}

void Dispatcher::take(MessagePtr message) {
    if (draining_) return;  // the spool has it
    auto const& recipients = message->item.recipients;
    bool const undecided = std::any_of(recipients.begin(), recipients.end(), [](auto const& r) {
        return is_pending(r) && r.hop.empty();
    });
    if (undecided) {
        ++settling_;
        asio::co_spawn(loop_, decide(std::move(message)), asio::detached);
    } else {
        hand_out(message);
    }
}

// Sorts the pending recipients into jobs by hop; those that go nowhere are settled at once.
void Dispatcher::hand_out(MessagePtr const& message) {
    auto const at = now();
    auto const settings = parts_.settings();
    std::map<std::string, std::vector<std::size_t>> by_hop;
    std::vector<spool::Outcome> outcomes;
    auto const& recipients = message->item.recipients;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        if (!is_pending(recipients[i]) || recipients[i].next_attempt > at) continue;
        if (auto const reason = reason_of_failed_hop(recipients[i].hop)) {
            outcomes.push_back({i, mail::status_of(*reason), {}, std::nullopt});
        } else {
            by_hop[recipients[i].hop].push_back(i);
        }
    }
    for (auto const& [hop, indexes] : by_hop) {
        auto const host = host_of(hop, *settings->table);
        if (!host) {
            for (auto const i : indexes) {
                outcomes.push_back(
                    {i,
                     {451, {4, 4}, "The next hop " + hop + " is not configured"},
                     {},
                     std::nullopt}
                );
            }
            continue;
        }
        auto& queue = queue_of(hop, host);
        if (queue.waiting() >= bodies_in_memory) message->body.reset();
        for (std::size_t start = 0; start < indexes.size(); start += recipients_per_job) {
            auto const end = std::min(start + recipients_per_job, indexes.size());
            auto const from = indexes.begin() + static_cast<std::ptrdiff_t>(start);
            ++message->jobs;
            queue.push({message, {from, indexes.begin() + static_cast<std::ptrdiff_t>(end)}, false}
            );
        }
    }
    if (!outcomes.empty()) settle_soon(message, std::move(outcomes));
}

HostQueue& Dispatcher::queue_of(std::string const& hop, resolver::HostPtr const& host) {
    auto& queue = queues_[hop];
    if (!queue) queue = std::make_shared<HostQueue>(*this, host, parts_.gates.gate(host->name));
    return *queue;
}

// Mail of our own is decided here, by the rules of all other mail but without asking permission.
asio::awaitable<void> Dispatcher::decide(MessagePtr message) {
    auto& item = message->item;
    auto const settings = parts_.settings();
    std::vector<spool::QueuedRecipient> decided;
    std::vector<spool::Outcome> outcomes;
    for (auto& recipient : item.recipients) {
        auto const path = mail::ForwardPath::parse(recipient.rcpt);
        if (!recipient.hop.empty() || !is_pending(recipient)) {
            decided.push_back(recipient);
            continue;
        }
        auto decision = resolver::refuse_bad_address(recipient.rcpt, "");
        if (path) {
            std::vector<resolver::Query> query;
            query.push_back({*path, item.from, resolver::Client{}, true});
            auto decisions =
                co_await directory::decide(settings->directory, settings->table, std::move(query));
            decision = std::move(decisions.front());
        }
        auto const id = item.id.to_text();
        parts_.log.write(observe::recipient_decided(id, recipient.original, decision));
        if (decision.verdict == resolver::Verdict::deliver) {
            spool::QueueItem routes;
            routes.arrived = item.arrived;
            add_recipients(routes, recipient.original, decision, *settings->table);
            decided.insert(decided.end(), routes.recipients.begin(), routes.recipients.end());
            continue;
        }
        spool::Outcome outcome{decided.size(), decision.status, {}, std::nullopt};
        if (decision.verdict == resolver::Verdict::defer) outcome.retry_in = directory_retry;
        outcomes.push_back(std::move(outcome));
        decided.push_back(recipient);
    }
    item.recipients = std::move(decided);
    spool::Changes changes;
    changes.emplace_back(spool::Update{item});
    co_await commit(parts_.spool, inbox_, std::move(changes));
    --settling_;
    if (!outcomes.empty()) {
        settle_soon(message, std::move(outcomes));
    } else {
        hand_out(message);
    }
}

void Dispatcher::finished(Job job, std::vector<spool::Outcome> outcomes) {
    --job.message->jobs;
    settle_soon(std::move(job.message), std::move(outcomes));
}

void Dispatcher::settle_soon(MessagePtr message, std::vector<spool::Outcome> outcomes) {
    ++settling_;
    asio::co_spawn(loop_, settle(std::move(message), std::move(outcomes)), asio::detached);
}

asio::awaitable<void> Dispatcher::settle(MessagePtr message, std::vector<spool::Outcome> outcomes) {
    log_outcomes(*message, outcomes);
    auto const settings = parts_.settings();
    auto settlement = spool::settle(message->item, outcomes, now(), settings->schedule, chance());
    message->item = settlement.item;
    spool::Changes changes;
    std::vector<MessagePtr> reports;
    add_reports(settlement, *message, changes, reports);
    if (settlement.finished)
        changes.emplace_back(spool::Remove{message->item.id});
    else
        changes.emplace_back(spool::Update{message->item});
    auto const written = co_await commit(parts_.spool, inbox_, std::move(changes));
    --settling_;
    if (!written) {
        parts_.log.write(observe::SpoolTrouble{message->item.id.to_text(), written.error().what});
        retries_.add(now() + trouble_retry, message->item.id);
        co_return;
    }
    log_settled(settlement);
    for (auto& report : reports) take(std::move(report));
    if (message->jobs == 0 && settlement.next_attempt) {
        retries_.add(*settlement.next_attempt, message->item.id);
    }
}

void Dispatcher::add_reports(
    spool::Settlement const& settlement,
    Message const& message,
    spool::Changes& changes,
    std::vector<MessagePtr>& reports
) {
    auto const add = [&](mail::DsnAction action, std::vector<mail::DsnRecipient> recipients) {
        auto report = make_report(message, action, std::move(recipients));
        auto body = spool::Body::from_text(*report->body);
        report->item.checksum = body.checksum;
        changes.emplace_back(spool::Put{report->item, std::move(body)});
        reports.push_back(std::move(report));
    };
    if (settlement.report_due) add(mail::DsnAction::failed, failed_recipients(settlement));
    if (!settlement.delayed.empty()) {
        auto const settings = parts_.settings();
        add(mail::DsnAction::delayed, delayed_recipients(settlement, settings->schedule));
    }
    for (auto const& report : reports) {
        observe::ReportSent event;
        event.id = report->item.id.to_text();
        event.about = message.item.id.to_text();
        event.to = message.item.from;
        event.kind = &report == &reports.front() && settlement.report_due
                         ? observe::ReportKind::failed
                         : observe::ReportKind::delayed;
        for (auto const& failed : settlement.failed) {
            event.recipients.push_back(failed.recipient.original);
        }
        parts_.log.write(event);
    }
}

MessagePtr Dispatcher::make_report(
    Message const& message, mail::DsnAction action, std::vector<mail::DsnRecipient> recipients
) {
    auto const original = original_of(message);
    return build_report(
        {message.item, action, std::move(recipients), original},
        parts_.settings()->config,
        parts_.ids.next(now()),
        now()
    );
}

// Enough of the message for its headers.
std::string Dispatcher::original_of(Message const& message) const {
    if (message.body) return *message.body;
    auto reader = parts_.store.open_body(message.item.id);
    if (!reader) return {};
    auto const chunk = reader->next();
    return chunk ? std::string(*chunk) : std::string();
}

void Dispatcher::log_outcomes(Message const& message, std::vector<spool::Outcome> const& outcomes) {
    auto const& item = message.item;
    for (auto const& outcome : outcomes) {
        auto const& recipient = item.recipients[outcome.recipient];
        parts_.log.write(observe::DeliveryAttempted{
            item.id.to_text(),
            recipient.rcpt,
            recipient.original,
            outcome.host.empty() ? recipient.hop : outcome.host,
            outcome.status,
            since(item.arrived)});
    }
}

void Dispatcher::log_settled(spool::Settlement const& settlement) {
    auto const& item = settlement.item;
    auto const id = item.id.to_text();
    if (!settlement.report_due) {
        for (auto const& failed : settlement.failed) {
            parts_.log.write(observe::ReportSuppressed{id, failed.recipient.original, failed.status}
            );
        }
    }
    auto const count = [&item](spool::RecipientState state) {
        return static_cast<std::size_t>(std::count_if(
            item.recipients.begin(),
            item.recipients.end(),
            [state](auto const& r) { return r.state == state; }
        ));
    };
    if (settlement.finished) {
        parts_.log.write(observe::MessageRemoved{
            id,
            count(spool::RecipientState::delivered),
            count(spool::RecipientState::failed),
            since(item.arrived)});
    } else if (settlement.next_attempt) {
        parts_.log.write(observe::MessageDeferred{
            id, count(spool::RecipientState::pending), *settlement.next_attempt});
    }
}

}  // namespace splitmx::relay
