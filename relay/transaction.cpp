#include "relay/transaction.hpp"

#include "relay/dispatcher.hpp"

namespace splitmx::relay {

namespace asio = boost::asio;
using smtp::ClientSession;

namespace {

static_assert(
    static_cast<int>(smtp::ContentNeeds::eight_bit_header) ==
    static_cast<int>(spool::ContentOctets::eight_bit_header)
);

// The next job may be announced with content up to this size, on a connection whose host took the
// last one within this time: else it might come sooner over another connection.
constexpr std::uint64_t content_before_another = 64 * 1024;
constexpr std::chrono::milliseconds quick_answer{500};

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

// Saves a round trip and half of all writes where every connection to the host is busy. A job that
// somebody else is coming for is left to him.
void announce_next(HostQueue& queue, Link& link, Message const& present, Course& course) {
    if (!course.host_is_quick || present.item.size > content_before_another) return;
    if (course.carried + 1 >= jobs_of_a_turn && queue.should_yield()) return;
    auto job = queue.next_at_once();
    if (!job) return;
    auto const recipients = first_transaction(job->recipients);
    if (link.session().announce(delivery_of(*job->message, recipients)))
        course.ahead = std::move(*job);
    else
        queue.dispatcher().put_back(std::move(*job));
}

// What a body that cannot be given means for its recipients.
Carried give_up_on(
    HostQueue& queue,
    Message const& message,
    std::span<std::size_t const> recipients,
    spool::Error const& error,
    std::vector<spool::Outcome>& outcomes
) {
    if (error.code == spool::Errc::damaged) {
        queue.dispatcher().queue().set_aside(message.item.id, error);
        return Carried::damaged;
    }
    queue.dispatcher().parts().log.write(observe::SpoolTrouble{
        message.item.id.to_text(), error.what});
    mail::Status const unreadable(451, {3, 0}, "The stored message cannot be read");
    for (auto const one : recipients) outcomes.push_back({one, unreadable, {}, std::nullopt});
    return Carried::yes;
}

// RFC 5321 5.1: where the connection broke before the content, another address is tried for those
// of whom the host said nothing. What it said of a recipient stays its answer.
bool is_for_another_address(ClientSession const& session, std::size_t recipient) {
    return !session.was_unsendable(recipient) &&
           session.outcomes()[recipient] == *session.failure();
}

bool has_any_for_another_address(ClientSession const& session) {
    for (std::size_t i = 0; i < session.outcomes().size(); ++i) {
        if (is_for_another_address(session, i)) return true;
    }
    return false;
}

void add_outcomes(
    Link& link,
    std::span<std::size_t const> recipients,
    Carried carried,
    std::vector<spool::Outcome>& outcomes
) {
    auto& session = link.session();
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        if (carried == Carried::elsewhere && is_for_another_address(session, i)) continue;
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
}

}  // namespace

asio::awaitable<Carried> carry(
    HostQueue& queue, Link& link, Load load, Course& course, std::vector<spool::Outcome>& outcomes
) {
    auto& parts = queue.dispatcher().parts();
    auto const& message = *load.message;
    auto& session = link.session();
    bool const is_announced = session.has_announced();
    if (is_announced) session.go_on();
    auto body = open_body(parts, message);
    if (!body) {
        // The host waits for content that will not come.
        if (is_announced) session.connection_lost("The stored message cannot be read");
        co_return give_up_on(queue, message, load.recipients, body.error(), outcomes);
    }
    if (!is_announced) session.begin(delivery_of(message, load.recipients));
    auto const step = co_await link.pump();
    bool const nothing_said = step == ClientSession::Step::closed;
    if (nothing_said && course.kept_connection) co_return Carried::not_begun;
    if (nothing_said && course.has_other_address && has_any_for_another_address(session)) {
        add_outcomes(link, load.recipients, Carried::elsewhere, outcomes);
        co_return Carried::elsewhere;
    }
    if (step == ClientSession::Step::send_content) {
        if (course.written) co_await course.is_written();
        if (load.is_last) announce_next(queue, link, message, course);
        auto const begun = Course::Clock::now();
        auto const wrong = co_await link.send(std::move(*body));
        co_await link.pump();
        course.host_is_quick = Course::Clock::now() - begun < quick_answer;
        if (wrong && wrong->code == spool::Errc::damaged) {
            co_return give_up_on(queue, message, load.recipients, *wrong, outcomes);
        }
        if (wrong) parts.log.write(observe::SpoolTrouble{message.item.id.to_text(), wrong->what});
    }
    add_outcomes(link, load.recipients, Carried::yes, outcomes);
    tell_book(queue, link);
    co_return Carried::yes;
}

}  // namespace splitmx::relay
