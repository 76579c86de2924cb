#include "mail/pass_marks.hpp"
#include "mail/trace_field.hpp"
#include "relay/hop.hpp"
#include "relay/inbound_session.hpp"
#include "relay/pressure.hpp"
#include "relay/second_pass.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;

void InboundSession::begin_body() {
    message_id_ = parts_.ids.next(std::chrono::system_clock::now());
    scan_ = mail::HeaderScan(0);
    sink_.emplace(parts_.store.bodies(), *message_id_, settings_->config.spool.body_file);
    auto const& recipients = session_.transaction().recipients;
    mail::TraceInput trace{
        session_.helo(),
        client_address(),
        settings_->config.server.hostname.text(),
        {session_.esmtp(), connection_.is_tls(), session_.identity().has_value()},
        message_id_->to_text(),
        recipients.size() == 1 ? recipients.front().path.mailbox() : std::nullopt,
        mail::marks_comment(marks_of(make_item(), *settings_->table, parts_.pass_key)),
        tls_ ? tls_->version + " " + tls_->cipher : std::string()};
    auto const field = mail::trace_field(trace, std::chrono::system_clock::now());
    if (auto const stored = sink_->append(field); !stored) sink_error_ = stored.error();
}

void InboundSession::store_body(std::string&& octets) {
    if (!sink_) begin_body();
    if (scan_.wants_more()) scan_.feed(octets);
    if (sink_error_) return;
    if (auto const stored = sink_->append(octets); !stored) sink_error_ = stored.error();
}

void InboundSession::drop_message() {
    sink_.reset();
    sink_error_.reset();
    message_id_.reset();
    decisions_.clear();
}

asio::awaitable<void> InboundSession::finish_message() {
    watchdog_.clear();
    auto const reply = co_await store_message(session_.take_body());
    if (!reply.is_positive()) {
        parts_.log.write(observe::MessageRejected{
            message_id_ ? message_id_->to_text() : id_,
            session_.transaction().from,
            client().address,
            reply});
    }
    session_.message_finished(reply);
    drop_message();
}

mail::Status InboundSession::refuse_for(spool::Error const& error) {
    parts_.log.write(observe::SpoolTrouble{message_id_->to_text(), error.what});
    if (error.code == spool::Errc::no_space) {
        return no_room();
    }
    return {451, {3, 0}, "This message could not be stored, try again later"};
}

asio::awaitable<mail::Status> InboundSession::store_message(std::string&& rest) {
    store_body(std::move(rest));
    if (sink_error_) co_return refuse_for(*sink_error_);
    if (scan_.received_count() > settings_->config.server.max_hops) {
        co_return mail::Status(554, {4, 6}, "Too many hops, this message is looping");
    }
    auto message = std::make_shared<Message>();
    message->item = make_item();
    message->generation = settings_->generation;
    if (auto const loop = check_second_pass(message->item)) co_return *loop;
    auto body = co_await finish_body();
    if (!body) co_return refuse_for(body.error());
    message->item.size = body->size;
    message->item.checksum = body->checksum;
    if (auto const* octets = std::get_if<spool::InlineBody>(&body->octets)) message->body = *octets;
    spool::Changes changes;
    changes.emplace_back(spool::Put{message->item, std::move(*body)});
    auto const stored = co_await commit(parts_.spool, worker_.inbox(), std::move(changes));
    if (!stored) co_return refuse_for(stored.error());
    ++messages_;
    auto const& item = message->item;
    parts_.log.write(observe::MessageReceived{
        item.id.to_text(),
        id_,
        item.from,
        client().address,
        item.size,
        item.recipients.size(),
        scan_.message_id().value_or("")});
    auto const text = "Stored as " + item.id.to_text();
    worker_.dispatcher().take(std::move(message));
    co_return mail::Status(250, {6, 0}, text);
}

// None: somebody still gets it; those who do not are reported.
std::optional<mail::Status> InboundSession::check_second_pass(spool::QueueItem& item) const {
    auto const seen = mail::marks_in(scan_.trace());
    if (refuse_second_pass(item, *settings_->table, parts_.pass_key, seen) == 0) {
        return std::nullopt;
    }
    std::optional<mail::Status> loop;
    for (auto const& recipient : item.recipients) {
        if (!reason_of_failed_hop(recipient.hop)) return std::nullopt;
        if (!loop) loop = recipient.last_status;
    }
    return loop;
}

// A body file waits for the disk: not on the loop.
asio::awaitable<spool::Result<spool::Body>> InboundSession::finish_body() {
    if (!sink_->is_file()) co_return sink_->finish();
    using Finished = Arrival<spool::Result<spool::Body>>;
    auto const finished = std::make_shared<Finished>();
    asio::post(parts_.disk, [this, finished] {
        auto const body = std::make_shared<spool::Result<spool::Body>>(sink_->finish());
        asio::post(worker_.loop(), [finished, body] { finished->set(std::move(*body)); });
    });
    co_return co_await finished->wait();
}

spool::QueueItem InboundSession::make_item() const {
    spool::QueueItem item;
    item.id = *message_id_;
    item.arrived = std::chrono::system_clock::now();
    item.from = session_.transaction().from;
    item.body_kind = session_.transaction().body == smtp::BodyKind::eight_bit
                         ? spool::BodyKind::eight_bit
                         : spool::BodyKind::seven_bit;
    item.helo = session_.helo();
    auto asker = client();
    item.client = fmt::format("{}[{}]", session_.helo(), asker.address.to_text());
    item.client_address = asker.address;
    item.local_address = asker.local_address;
    item.listener = std::move(asker.listener);
    item.identity = std::move(asker.identity);
    for (auto const& recipient : session_.transaction().recipients) {
        auto const& typed = recipient.path.typed();
        add_recipients(item, typed, decisions_.at(typed), *settings_->table);
    }
    drop_repeated_recipients(item);
    return item;
}

}  // namespace splitmx::relay
