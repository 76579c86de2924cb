#include "relay/courier.hpp"

#include "relay/dispatcher.hpp"
#include "relay/link.hpp"

#include <fmt/format.h>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using smtp::ClientSession;

std::vector<spool::Outcome> same_for_all(
    Job const& job, mail::Status const& status, std::string const& host
) {
    std::vector<spool::Outcome> outcomes;
    for (auto const recipient : job.recipients) {
        outcomes.push_back({recipient, status, host, std::nullopt});
    }
    return outcomes;
}

void fail_all(HostQueue& queue, NoLink const& failure) {
    for (auto& job : queue.take_all()) {
        auto outcomes = same_for_all(job, failure.status, failure.host);
        queue.dispatcher().finished(std::move(job), std::move(outcomes));
    }
}

smtp::Delivery delivery_of(Job const& job) {
    auto const& item = job.message->item;
    smtp::Delivery delivery;
    delivery.from = item.from;
    for (auto const recipient : job.recipients) {
        delivery.recipients.push_back(item.recipients[recipient].rcpt);
    }
    delivery.size = item.size;
    if (item.body_kind == spool::BodyKind::eight_bit) {
        delivery.body = smtp::BodyKind::eight_bit;
    }
    return delivery;
}

spool::Result<spool::BodyReader> open_body(Parts& parts, Message const& message) {
    if (message.body) return spool::BodyReader::from_memory(message.body, message.item.checksum);
    return parts.store.open_body(message.item.id);
}

// Carries one job. False: the connection broke before the host said anything about it.
asio::awaitable<bool> carry(Link& link, Dispatcher& dispatcher, Job job, bool kept_connection) {
    auto body = open_body(dispatcher.parts(), *job.message);
    if (!body) {
        auto const id = job.message->item.id.to_text();
        dispatcher.parts().log.write(observe::SpoolTrouble{id, body.error().what});
        mail::Status const unreadable(451, {3, 0}, "The stored message cannot be read");
        auto outcomes = same_for_all(job, unreadable, {});
        dispatcher.finished(std::move(job), std::move(outcomes));
        co_return true;
    }
    auto& session = link.session();
    session.begin(delivery_of(job));
    auto const step = co_await link.pump();
    bool const nothing_said = step == ClientSession::Step::closed;
    if (nothing_said && kept_connection && !job.again) co_return false;
    if (step == ClientSession::Step::send_content) {
        co_await link.send(std::move(*body));
        co_await link.pump();
    }
    std::vector<spool::Outcome> outcomes;
    for (std::size_t i = 0; i < job.recipients.size(); ++i) {
        outcomes.push_back({job.recipients[i], session.outcomes()[i], link.peer(), std::nullopt});
    }
    dispatcher.finished(std::move(job), std::move(outcomes));
    co_return true;
}

asio::awaitable<void> carry_all(HostQueue& queue, Link& link) {
    bool kept_connection = false;
    for (;;) {
        auto next = co_await queue.next();
        if (!next) break;
        auto job = *next;
        bool const carried = co_await carry(link, queue.dispatcher(), job, kept_connection);
        if (!carried) {
            // The host closed a kept connection: not the message's fault, so once more at once.
            job.again = true;
            queue.push_front(std::move(job));
            co_return;
        }
        kept_connection = true;
        if (link.session().next() == ClientSession::Step::closed) co_return;
    }
    co_await link.quit();
}

}  // namespace

asio::awaitable<void> run_courier(std::shared_ptr<HostQueue> queue) {
    auto& dispatcher = queue->dispatcher();
    auto answer = co_await open_link(dispatcher.parts(), queue->host(), dispatcher.read_buffer());
    queue->courier_arrived();
    if (auto* link = std::get_if<std::unique_ptr<Link>>(&answer)) {
        co_await carry_all(*queue, **link);
    } else if (!queue->is_served()) {
        // A host that takes no further connection still works on those it has.
        fail_all(*queue, std::get<NoLink>(answer));
    }
    queue->courier_left();
}

}  // namespace splitmx::relay
