#include "relay/courier.hpp"

#include "relay/dispatcher.hpp"
#include "relay/link.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <span>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using smtp::ClientSession;

static_assert(
    static_cast<int>(smtp::ContentNeeds::eight_bit_header) ==
    static_cast<int>(spool::ContentOctets::eight_bit_header)
);

// Messages that are refused in one go before others get a turn on the loop.
constexpr std::size_t refusals_of_a_turn = 100;

enum class Carried {
    yes,
    not_begun,  // a kept connection broke before the host said anything about the message
    damaged,    // the message is out of the queue
};

smtp::Delivery delivery_of(Message const& message, std::span<std::size_t const> recipients) {
    auto const& item = message.item;
    smtp::Delivery delivery;
    delivery.from = item.from;
    for (auto const index : recipients) {
        auto const& recipient = item.recipients[index];
        auto orcpt = recipient.orcpt;
        // The address that the sender typed goes with the one that took its place.
        if (orcpt.empty() && !item.from.is_null() && recipient.original != recipient.rcpt) {
            orcpt = mail::original_recipient_of(recipient.original);
        }
        delivery.recipients.emplace_back(recipient.rcpt, recipient.notify, std::move(orcpt));
    }
    delivery.size = item.size;
    delivery.needs = static_cast<smtp::ContentNeeds>(item.octets);
    delivery.smtputf8 = item.smtputf8;
    delivery.returns = item.returns;
    delivery.envelope_id = item.envelope_id;
    if (item.body_kind == spool::BodyKind::eight_bit) {
        delivery.body = smtp::BodyKind::eight_bit;
    }
    return delivery;
}

spool::Result<spool::BodyReader> open_body(Parts& parts, Message const& message) {
    if (message.body) return spool::BodyReader::from_memory(message.body, message.item.checksum);
    return parts.store.open_body(message.item.id);
}

// What the host said. What we say ourselves of a connection that broke is not its answer: nobody
// said it, and it tells where that was.
HostReply reply_of(Link& link, mail::Status status) {
    auto const& session = link.session();
    if (!session.failure_is_ours() || status != *session.failure()) {
        return {std::move(status), link.peer()};
    }
    status.text = link.peer() + ": " + status.text;
    return {std::move(status), {}};
}

// RFC 3461 6.2: who tells the sender of a success, if he wants to hear of it.
spool::Success success_of(ClientSession const& session) {
    if (session.is_lmtp()) return spool::Success::delivered;
    return session.peer_offers(smtp::Extension::dsn) ? spool::Success::passed_on
                                                     : spool::Success::relayed;
}

// What the host has shown of itself with that transaction.
void tell_book(HostQueue& queue, Link& link) {
    auto& session = link.session();
    bool const is_open = session.next() != ClientSession::Step::closed;
    auto& hosts = queue.dispatcher().hosts();
    if (!is_open && session.failure())
        hosts.broke(queue.hop(), reply_of(link, *session.failure()));
    else if (!session.outcomes().empty())
        hosts.carried(queue.hop(), reply_of(link, session.outcomes().front()));
}

// What went over a connection before. Its outcome goes to the disk while the next message is
// announced; that is not given before, so that a crash repeats one transaction for each connection,
// no more.
struct Last {
    bool kept_connection = false;
    Written written;

    asio::awaitable<void> is_written() {
        if (auto const waited = std::exchange(written, nullptr)) co_await waited->wait();
    }
};

// Carries some recipients of a job: one transaction. `outcomes` gets one for each of them.
asio::awaitable<Carried> carry(
    HostQueue& queue,
    Link& link,
    MessagePtr message,
    std::span<std::size_t const> recipients,
    Last& last,
    std::vector<spool::Outcome>& outcomes
) {
    auto& parts = queue.dispatcher().parts();
    auto body = open_body(parts, *message);
    if (!body && body.error().code == spool::Errc::damaged) {
        queue.dispatcher().queue().set_aside(message->item.id, body.error());
        co_return Carried::damaged;
    }
    if (!body) {
        parts.log.write(observe::SpoolTrouble{message->item.id.to_text(), body.error().what});
        mail::Status const unreadable(451, {3, 0}, "The stored message cannot be read");
        for (auto const one : recipients) outcomes.push_back({one, unreadable, {}, std::nullopt});
        co_return Carried::yes;
    }
    auto& session = link.session();
    session.begin(delivery_of(*message, recipients));
    auto const step = co_await link.pump();
    bool const nothing_said = step == ClientSession::Step::closed;
    if (nothing_said && last.kept_connection) co_return Carried::not_begun;
    if (step == ClientSession::Step::send_content) {
        co_await last.is_written();
        auto const wrong = co_await link.send(std::move(*body));
        co_await link.pump();
        if (wrong && wrong->code == spool::Errc::damaged) {
            queue.dispatcher().queue().set_aside(message->item.id, *wrong);
            co_return Carried::damaged;
        }
        if (wrong) parts.log.write(observe::SpoolTrouble{message->item.id.to_text(), wrong->what});
    }
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        auto reply = reply_of(link, session.outcomes()[i]);
        bool const is_ours = session.was_unsendable(i);
        outcomes.push_back(
            {recipients[i],
             std::move(reply.status),
             is_ours ? std::string() : std::move(reply.host),
             std::nullopt,
             success_of(session)}
        );
    }
    tell_book(queue, link);
    co_return Carried::yes;
}

// All transactions of a job. What is left when the connection ends is ready again.
asio::awaitable<void> carry_job(HostQueue& queue, Link& link, Job job, Last& last) {
    auto& dispatcher = queue.dispatcher();
    std::span<std::size_t const> rest(job.recipients);
    std::vector<spool::Outcome> outcomes;
    for (;;) {
        auto const now = rest.first(std::min(rest.size(), recipients_of_a_transaction));
        auto const carried =
            co_await carry(queue, link, job.message, now, last, outcomes);
        if (carried == Carried::not_begun) {
            dispatcher.put_back(std::move(job));
            co_return;
        }
        if (carried == Carried::damaged) {
            dispatcher.queue().end(job.message);
            co_return;
        }
        last.kept_connection = true;
        rest = rest.subspan(now.size());
        bool const goes_on = !rest.empty() && link.session().next() != ClientSession::Step::closed;
        if (!goes_on) break;
        dispatcher.transaction_done(job, std::exchange(outcomes, {}));
    }
    last.written = dispatcher.job_done(std::move(job), std::move(outcomes));
}

// `generation`: of the settings that the connection was opened by. With others the host may be at
// another place, or want TLS: what comes then goes over a new connection.
asio::awaitable<void> carry_all(HostQueue& queue, Link& link, std::uint64_t generation) {
    auto& dispatcher = queue.dispatcher();
    Last last;
    for (std::size_t carried = 0;; ++carried) {
        if (carried >= jobs_of_a_turn && queue.should_yield()) break;
        auto next = co_await queue.next();
        if (!next) break;
        auto job = std::move(*next);
        if (dispatcher.parts().settings()->generation != generation) {
            dispatcher.put_back(std::move(job));
            break;
        }
        co_await carry_job(queue, link, std::move(job), last);
        if (link.session().next() == ClientSession::Step::closed) break;
    }
    co_await last.is_written();
    if (link.session().next() != ClientSession::Step::closed) co_await link.quit();
}

// Of a loop a report names both ends: who handed the message over, and where it would have gone.
mail::Status with_both_ends(mail::Status status, spool::QueueItem const& item) {
    if (status.enhanced == mail::EnhancedCode{4, 6} && !item.client.empty()) {
        status.text += "; it was handed over by " + item.client;
    }
    return status;
}

// The name service says that nobody will ever take this mail: each message learns it.
asio::awaitable<void> refuse_all(HostQueue& queue, NoLink const& failure) {
    auto& dispatcher = queue.dispatcher();
    for (std::size_t refused = 1;; ++refused) {
        auto job = dispatcher.take_job(queue.hop());
        if (!job) co_return;
        auto const status = with_both_ends(failure.status, job->message->item);
        auto outcomes = job->same_for_all(status, {});
        dispatcher.job_done(std::move(*job), std::move(outcomes));
        if (refused % refusals_of_a_turn == 0) {
            co_await asio::post(dispatcher.loop(), asio::use_awaitable);
        }
    }
}

// One message carries the failure to the disk; the others only learn that the host is down.
void fail_one(HostQueue& queue, NoLink const& failure) {
    auto& dispatcher = queue.dispatcher();
    dispatcher.hosts().unreachable(queue.hop(), {failure.status, {}});
    // A host that takes no further connection still works on those it has.
    if (dispatcher.hosts().condition(queue.hop()) == HostCondition::up) return;
    if (auto job = dispatcher.take_job(queue.hop())) {
        auto outcomes = job->same_for_all(failure.status, {});
        dispatcher.job_done(std::move(*job), std::move(outcomes));
    }
    dispatcher.hold_back(queue.hop());
}

}  // namespace

asio::awaitable<void> run_courier(std::shared_ptr<HostQueue> queue) {
    auto& dispatcher = queue->dispatcher();
    auto const generation = dispatcher.parts().settings()->generation;
    auto const host = dispatcher.host_at(queue->hop());
    if (!host) {
        queue->courier_arrived();
        dispatcher.decide_all(queue->hop());
        queue->courier_left(false);
        co_return;
    }
    auto answer = co_await open_link(dispatcher.parts(), *host, dispatcher.read_buffer());
    queue->courier_arrived();
    auto* link = std::get_if<std::unique_ptr<Link>>(&answer);
    if (link) {
        dispatcher.hosts().connected(queue->hop());
        co_await carry_all(*queue, **link, generation);
    } else if (std::get<NoLink>(answer).status.is_permanent()) {
        co_await refuse_all(*queue, std::get<NoLink>(answer));
    } else {
        fail_one(*queue, std::get<NoLink>(answer));
    }
    queue->courier_left(link != nullptr);
}

}  // namespace splitmx::relay
