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
    queue_.begin(message);
    ++queue_.under_way;
    auto const written = std::make_shared<Arrival<bool>>();
    asio::co_spawn(
        queue_.loop, settle_round(std::move(message), std::move(outcomes), written), asio::detached
    );
    return written;
}

asio::awaitable<void> Settler::settle_round(
    MessagePtr message, std::vector<spool::Outcome> outcomes, Written written
) {
    log_outcomes(queue_.parts.log, message->item, outcomes, wall_clock());
    auto now = gather(message, std::move(outcomes));
    bool is_written = true;
    if (now.empty()) {
        queue_.update(*message);
    } else {
        auto const done =
            co_await settle_with(message, std::move(now), Reporting::yes, Patience::until_written);
        is_written = done.has_value();
    }
    --queue_.under_way;
    queue_.end(message);
    written->set(is_written);
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
        auto outcomes = std::exchange(message->refused, {});
        queue_.begin(message);
        ++queue_.under_way;
        auto const write = [](Settler& self, MessagePtr about, std::vector<spool::Outcome> what
                           ) -> asio::awaitable<void> {
            co_await self.settle_with(
                about, std::move(what), Reporting::yes, Patience::until_written
            );
            --self.queue_.under_way;
            self.queue_.end(about);
        };
        asio::co_spawn(queue_.loop, write(*this, message, std::move(outcomes)), asio::detached);
    }
}

asio::awaitable<spool::Result<void>> Settler::settle(
    MessagePtr message, std::vector<spool::Outcome> outcomes, Reporting reporting
) {
    co_return co_await settle_with(
        std::move(message), std::move(outcomes), reporting, Patience::none
    );
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

asio::awaitable<spool::Result<void>> Settler::settle_with(
    MessagePtr message, std::vector<spool::Outcome> outcomes, Reporting reporting, Patience patience
) {
    auto& parts = queue_.parts;
    auto const present = parts.settings();
    auto const now = queue_.watch_clock();
    auto const arrived = message->item.arrived;
    auto item = message->item;
    item.arrived = queue_.arrival_of(item);
    auto settlement =
        spool::settle(std::move(item), outcomes, now, present->schedule, queue_.chance());
    if (reporting == Reporting::no) settlement.report_due = false;
    message->item = settlement.item;
    message->item.arrived = arrived;
    auto reports = reports_on(settlement, *message);
    auto changes = std::move(reports.changes);
    if (settlement.finished)
        changes.emplace_back(spool::Remove{message->item.id});
    else
        changes.emplace_back(spool::Update{message->item});
    auto const written = co_await write(message->item.id, std::move(changes), patience);
    if (!written) {
        not_written(message, written.error());
        co_return written;
    }
    for (auto& report : reports.all) {
        log_report(
            parts.log, settlement.item, *report.message, report.kind, std::move(report.named)
        );
    }
    log_settled(parts.log, settlement, wall_clock());
    if (settlement.finished)
        queue_.index.remove(message->item.id);
    else
        queue_.update(*message);
    for (auto& report : reports.all) {
        queue_.live.keep(report.message);
        queue_.update(*report.message);
    }
    co_return written;
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
