#include "relay/settler.hpp"

#include "relay/report.hpp"
#include "relay/settle_log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;

// A change could not be written: the message stays as the disk has it, and is tried again.
constexpr std::chrono::minutes trouble_retry{1};
// Or what became of it is kept, and written again.
constexpr std::chrono::seconds next_write{1};

// An id that is there already, or a program that ends, will not be otherwise the next time.
bool may_pass(spool::Error const& error) {
    return error.code == spool::Errc::io || error.code == spool::Errc::no_space;
}

// Enough of the message for its headers, or all of it where it is to be returned.
std::string original_of(Parts& parts, Message const& message) {
    if (message.body) return *message.body;
    auto reader = parts.store.open_body(message.item.id);
    if (!reader) return {};
    std::string all;
    do {
        auto const chunk = reader->next();
        if (!chunk || chunk->empty()) break;
        all += *chunk;
    } while (wants_content(message.item));
    return all;
}

observe::ReportKind kind_of(mail::DsnAction action) {
    switch (action) {
        case mail::DsnAction::failed:
            return observe::ReportKind::failed;
        case mail::DsnAction::delayed:
            return observe::ReportKind::delayed;
        case mail::DsnAction::delivered:
            return observe::ReportKind::delivered;
        case mail::DsnAction::relayed:
            return observe::ReportKind::relayed;
        case mail::DsnAction::expanded:
            return observe::ReportKind::expanded;
    }
    return observe::ReportKind::failed;
}

}  // namespace

Written Settler::settle_soon(MessagePtr message, std::vector<spool::Outcome> outcomes) {
    log_outcomes(queue_.parts.log, message->item, outcomes, wall_clock());
    queue_.begin(message);
    auto const now = gather(message, std::move(outcomes));
    if (now.empty()) {
        queue_.update(*message);
        queue_.end(message);
        return nullptr;
    }
    auto round = make_round(*message, now);
    if (is_noted(round.settlement)) {
        conclude(*message, round);
        queue_.end(message);
        return nullptr;
    }
    give_back(*message, round);
    return write_soon(std::move(message), std::move(round));
}

// By far the most messages: all has arrived, and nobody is to be told.
bool Settler::is_noted(spool::Settlement const& settlement) {
    bool const is_quiet = settlement.failed.empty() && settlement.succeeded.empty();
    return settlement.finished && is_quiet && queue_.parts.spool.note_done(settlement.item.id);
}

Written Settler::write_soon(MessagePtr message, Round round) {
    ++queue_.under_way;
    auto const written = std::make_shared<Arrival<bool>>();
    auto const write = [](Settler& self, MessagePtr about, Round what, Written told
                       ) -> asio::awaitable<void> {
        auto const done =
            co_await self.write_round(about, std::move(what), Patience::until_written);
        --self.queue_.under_way;
        self.queue_.end(about);
        told->set(done.has_value());
    };
    asio::co_spawn(
        queue_.loop, write(*this, std::move(message), std::move(round), written), asio::detached
    );
    return written;
}

// What is to be written now. Refusals wait while others may still come.
std::vector<spool::Outcome> Settler::gather(
    MessagePtr const& message, std::vector<spool::Outcome> all
) {
    auto const refusals = std::stable_partition(all.begin(), all.end(), [](auto const& outcome) {
        return !outcome.status.is_permanent();
    });
    auto& refused = message->refused;
    if (refusals != all.end() && refused.empty() && message->in_delivery > 0) {
        waiting_.push_back({std::chrono::steady_clock::now() + report_patience, message});
    }
    std::move(refusals, all.end(), std::back_inserter(refused));
    all.erase(refusals, all.end());
    if (message->in_delivery == 0) {
        std::move(refused.begin(), refused.end(), std::back_inserter(all));
        refused.clear();
    }
    return all;
}

void Settler::look_after() {
    auto const now = std::chrono::steady_clock::now();
    while (!waiting_.empty() && waiting_.front().until <= now) {
        auto const message = waiting_.front().message.lock();
        waiting_.pop_front();
        if (!message || message->refused.empty()) continue;
        auto const outcomes = std::exchange(message->refused, {});
        queue_.begin(message);
        auto round = make_round(*message, outcomes);
        give_back(*message, round);
        write_soon(message, std::move(round));
    }
}

asio::awaitable<spool::Result<void>> Settler::settle(
    MessagePtr message, std::vector<spool::Outcome> outcomes, ByOperator by
) {
    log_ended(queue_.parts.log, message->item, outcomes, by, wall_clock());
    auto round = make_round(*message, outcomes);
    round.by = std::move(by);
    give_back(*message, round);
    auto const written =
        co_await write_round(std::move(message), std::move(round), Patience::none);
    co_return written;
}

asio::awaitable<spool::Result<void>> Settler::write(
    spool::SpoolId id, spool::Changes changes, Patience patience
) {
    auto& parts = queue_.parts;
    bool waited = false;
    for (;;) {
        auto again = changes;  // bodies are shared
        auto const written = co_await commit(parts.spool, queue_.inbox, std::move(again));
        bool const ends = written || patience == Patience::none || queue_.draining;
        if (written && waited) parts.log.info("spool", id.to_text() + ": written after all");
        if (ends || !may_pass(written.error())) co_return written;
        if (!std::exchange(waited, true)) {
            parts.log.write(observe::SpoolTrouble{id.to_text(), written.error().what});
        }
        asio::steady_timer timer(queue_.loop);
        timer.expires_after(next_write);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

Settler::Round Settler::make_round(
    Message& message, std::vector<spool::Outcome> const& outcomes
) {
    auto const present = queue_.parts.settings();
    auto const now = queue_.watch_clock();
    Round round;
    auto item = std::move(message.item);
    round.arrived = std::exchange(item.arrived, queue_.arrival_of(item));
    round.settlement =
        spool::settle(std::move(item), outcomes, now, present->schedule, queue_.chance());
    return round;
}

void Settler::give_back(Message& message, Round& round) {
    auto& settlement = round.settlement;
    message.item = settlement.item;
    message.item.arrived = round.arrived;
    if (round.by && !round.by->with_report) settlement.report_due = false;
    round.reports = reports_on(settlement, message);
}

asio::awaitable<spool::Result<void>> Settler::write_round(
    MessagePtr message, Round round, Patience patience
) {
    auto changes = std::move(round.reports.changes);
    if (round.settlement.finished)
        changes.emplace_back(spool::Remove{message->item.id});
    else
        changes.emplace_back(spool::Update{message->item});
    auto const written = co_await write(message->item.id, std::move(changes), patience);
    if (written)
        conclude(*message, round);
    else
        not_written(message, written.error());
    co_return written;
}

void Settler::conclude(Message const& message, Round& round) {
    auto& log = queue_.parts.log;
    auto const& settlement = round.settlement;
    auto const by = round.by ? round.by->name : std::string();
    for (auto& report : round.reports.all) {
        bool const is_theirs = report.kind == observe::ReportKind::failed;
        log_report(
            log,
            settlement.item,
            *report.message,
            report.kind,
            std::move(report.named),
            is_theirs ? by : std::string()
        );
    }
    bool const is_wanted = !round.by || round.by->with_report;
    log_settled(log, settlement, wall_clock(), is_wanted);
    if (settlement.finished)
        queue_.index.remove(message.item.id);
    else
        queue_.update(message);
    for (auto& report : round.reports.all) {
        queue_.live.keep(report.message);
        queue_.update(*report.message);
    }
}

Settler::Reports Settler::reports_on(spool::Settlement const& settlement, Message const& message) {
    Reports all;
    auto const present = queue_.parts.settings();
    Reader const reader{audience_of(settlement.item.from, *present->table), *present->table};
    auto const add = [&](mail::DsnAction action, std::vector<mail::DsnRecipient> recipients) {
        if (recipients.empty()) return;
        std::vector<std::string> named;
        for (auto const& recipient : recipients) named.push_back(recipient.original);
        auto report = make_report(message, action, std::move(recipients));
        auto body = spool::Body::from_text(*report->body);
        report->item.checksum = body.checksum;
        all.changes.emplace_back(spool::Put(item_of(report), std::move(body)));
        all.all.push_back({std::move(report), kind_of(action), std::move(named)});
    };
    using mail::DsnAction;
    using spool::Success;
    if (settlement.report_due) add(DsnAction::failed, failed_recipients(settlement, reader));
    add(DsnAction::delayed, delayed_recipients(settlement, present->schedule, reader));
    add(DsnAction::delivered, succeeded_recipients(settlement, Success::delivered, reader));
    add(DsnAction::relayed, succeeded_recipients(settlement, Success::relayed, reader));
    return all;
}

MessagePtr Settler::make_report(
    Message const& message, mail::DsnAction action, std::vector<mail::DsnRecipient> recipients
) {
    auto const present = queue_.parts.settings();
    auto const original = original_of(queue_.parts, message);
    auto const now = wall_clock();
    auto report = build_report(
        {message.item,
         action,
         std::move(recipients),
         audience_of(message.item.from, *present->table),
         original,
         present->config.server.hostname.text(),
         *present->table->postmaster},
        queue_.parts.ids.next(now),
        now
    );
    report->generation = present->generation;
    return report;
}

void Settler::not_written(MessagePtr const& message, spool::Error const& error) {
    auto const id = message->item.id;
    queue_.parts.log.write(observe::SpoolTrouble{id.to_text(), error.what});
    if (auto stored = queue_.parts.store.read(id)) message->item = std::move(*stored);
    queue_.replace(*message);
    auto const later = wall_clock() + trouble_retry;
    auto& index = queue_.index;
    for (auto const leg : index.legs_of(id)) {
        auto const view = index.leg(leg);
        if (view.state == spool::QueueIndex::LegState::in_delivery) continue;
        index.wait(leg, later, view.attempts, false);
    }
}

}  // namespace splitmx::relay
