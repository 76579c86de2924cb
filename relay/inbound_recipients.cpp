#include "directory/decide.hpp"
#include "relay/inbound_session.hpp"
#include "relay/meters.hpp"
#include "relay/pressure.hpp"

#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;

namespace {

mail::Status const too_often{450, {7, 1}, "Too much mail from you in a minute, try again later"};

}  // namespace

asio::awaitable<void> InboundSession::verify_recipients() {
    if (session_.is_first_group()) drop_message();  // what a transaction left that was given up
    auto const paths = session_.to_verify();
    auto const& config = settings_->config;
    if (auto const why = too_much(pressure_on(parts_), config.queue, config.spool)) {
        parts_.log.write(observe::SpoolTrouble{id_, "no more mail for now: " + *why});
        session_.recipients_verified(std::vector<mail::Status>(paths.size(), no_room()));
        co_return;
    }
    auto const granted = recipients_granted(paths.size());
    std::vector<resolver::Query> queries;
    queries.reserve(granted);
    for (std::size_t i = 0; i < granted; ++i) {
        queries.push_back({paths[i], session_.transaction().from, client(), false});
    }
    watchdog_.clear();  // our own time, not the client's
    auto const began = std::chrono::steady_clock::now();
    bool waited = false;
    auto decisions = co_await directory::decide(
        settings_->directory, settings_->table, std::move(queries), &waited
    );
    auto& durations = waited ? parts_.meters.resolved_by_asking : parts_.meters.resolved_from_memory;
    durations.add(std::chrono::steady_clock::now() - began);
    auto& message = incoming();
    if (session_.transaction().recipients.empty()) message.id.reset();  // of a mail that was dropped
    std::vector<mail::Status> verdicts;
    verdicts.reserve(paths.size());
    for (std::size_t i = 0; i < granted; ++i) {
        auto& decision = decisions[i];
        bool const accepted = decision.verdict == resolver::Verdict::deliver ||
                              decision.verdict == resolver::Verdict::bounce;
        if (accepted && !message.id) message.id = parts_.ids.next(std::chrono::system_clock::now());
        log_decision(paths[i], decision);
        verdicts.push_back(accepted ? mail::status_of(mail::Reason::mailbox) : decision.status);
        if (accepted) message.decisions.insert_or_assign(paths[i].typed(), std::move(decision));
    }
    verdicts.resize(paths.size(), too_often);
    session_.recipients_verified(verdicts);
}

// As many as the limits of a minute leave. The first ones of a message count it, too: once, also when
// nobody of them is accepted.
std::size_t InboundSession::recipients_granted(std::size_t wanted) {
    auto const& limits = session_.settings();
    auto const now = std::chrono::steady_clock::now();
    auto const client = client_address();
    auto& is_counted = incoming().is_counted;
    if (!is_counted) {
        is_counted = parts_.rates.messages.take(client, 1, limits.messages_per_minute, now) != 0;
    }
    std::size_t granted = is_counted ? wanted : 0;
    granted = parts_.rates.recipients.take(client, granted, limits.recipients_per_minute, now);
    if (granted < wanted) {
        auto const* const why = "too much mail in a minute";
        parts_.log.write(observe::ClientRefused{client, listener_, why, id_});
    }
    return granted;
}

void InboundSession::log_decision(
    mail::ForwardPath const& path, resolver::Decision const& decision
) {
    auto const id = incoming_->id ? incoming_->id->to_text() : id_;
    if (decision.verdict == resolver::Verdict::deliver ||
        decision.verdict == resolver::Verdict::bounce) {
        auto event = observe::recipient_decided(id, path.typed(), decision);
        event.session = id_;
        event.from = session_.transaction().from;
        event.client = client_address();
        parts_.log.write(event);
        return;
    }
    parts_.log.write(observe::RecipientRefused{
        id,
        client_address(),
        session_.identity().value_or(""),
        session_.transaction().from,
        path.typed(),
        decision.reason,
        decision.status,
        id_,
        session_.helo(),
        mail::name_of(trace_protocol()),
        &decision});
}

}  // namespace splitmx::relay
