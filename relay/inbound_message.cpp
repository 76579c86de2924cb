#include "mail/octets.hpp"
#include "mail/pass_marks.hpp"
#include "mail/trace_field.hpp"
#include "relay/hop.hpp"
#include "relay/inbound_session.hpp"
#include "relay/pressure.hpp"
#include "relay/report.hpp"
#include "relay/second_pass.hpp"
#include "relay/settle_log.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;

// What was used, not what was offered.
mail::TraceProtocol InboundSession::trace_protocol() const {
    mail::TraceProtocol protocol;
    protocol.extended = session_.esmtp();
    protocol.tls = connection_.is_tls();
    protocol.authenticated = session_.identity().has_value();
    protocol.utf8 = session_.transaction().smtputf8;
    return protocol;
}

void InboundSession::begin_body() {
    auto& message = incoming();
    if (!message.id) message.id = parts_.ids.next(std::chrono::system_clock::now());
    message.scan = mail::HeaderScan(0);
    message.is_eight_bit = false;
    message.sink.emplace(parts_.bodies, *message.id, settings_->config.spool.body_file);
    message.item = make_item();
    auto const& recipients = session_.transaction().recipients;
    mail::TraceInput trace{
        session_.helo(),
        client_address(),
        settings_->config.server.hostname.text(),
        trace_protocol(),
        message.id->to_text(),
        recipients.size() == 1 ? recipients.front().path.mailbox() : std::nullopt,
        mail::marks_comment(marks_of(message.item, *settings_->table, parts_.pass_key)),
        tls_ ? tls_->version + " " + tls_->cipher : std::string()};
    auto const field = mail::trace_field(trace, std::chrono::system_clock::now());
    if (auto const stored = message.sink->append(field); !stored) message.error = stored.error();
}

void InboundSession::store_body(std::string&& octets) {
    auto& message = incoming();
    if (!message.sink) begin_body();
    if (message.scan.wants_more()) message.scan.feed(octets);
    message.is_eight_bit = message.is_eight_bit || mail::has_high_octets(octets);
    if (message.error) return;
    if (auto const stored = message.sink->append(octets); !stored) message.error = stored.error();
}

asio::awaitable<void> InboundSession::finish_message() {
    watchdog_.clear();
    auto const reply = co_await store_message(session_.take_body());
    if (!reply.is_positive()) {
        parts_.log.write(observe::MessageRejected{
            incoming_->id ? incoming_->id->to_text() : id_,
            session_.transaction().from,
            client().address,
            reply});
    }
    session_.message_finished(reply);
    drop_message();
}

mail::Status InboundSession::refuse_for(spool::Error const& error) {
    parts_.log.write(observe::SpoolTrouble{incoming_->id->to_text(), error.what});
    if (error.code == spool::Errc::no_space) {
        return no_room();
    }
    return {451, {3, 0}, "This message could not be stored, try again later"};
}

asio::awaitable<mail::Status> InboundSession::store_message(std::string&& rest) {
    store_body(std::move(rest));
    if (incoming_->error) co_return refuse_for(*incoming_->error);
    if (incoming_->scan.received_count() > settings_->config.server.max_hops) {
        co_return mail::Status(554, {4, 6}, "Too many hops, this message is looping");
    }
    if (incoming_->scan.is_too_long()) {
        co_return mail::Status(552, {3, 4}, "The header section is larger than 256 KiB");
    }
    auto message = std::make_shared<Message>();
    message->item = take_item();
    message->generation = settings_->generation;
    if (auto const loop = check_second_pass(message->item)) co_return *loop;
    auto body = co_await finish_body();
    if (!body) co_return refuse_for(body.error());
    message->item.size = body->size;
    message->item.checksum = body->checksum;
    if (auto const* octets = std::get_if<spool::InlineBody>(&body->octets)) message->body = *octets;
    spool::Changes changes;
    changes.emplace_back(spool::Put(item_of(message), std::move(*body)));
    auto const report = report_on_groups(*message, changes);
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
        incoming_->scan.message_id().value_or(""),
        listener_,
        session_.helo(),
        mail::name_of(trace_protocol())});
    auto const text = "Stored as " + item.id.to_text();
    if (report) {
        std::vector<std::string> named;
        for (auto const& group : expanded_groups()) named.push_back(group.original);
        log_report(parts_.log, item, *report, observe::ReportKind::expanded, std::move(named));
    }
    worker_.dispatcher().take(std::move(message));
    if (report) worker_.dispatcher().take(report);
    co_return mail::Status(250, {6, 0}, text);
}

// None: somebody still gets it; those who do not are reported.
std::optional<mail::Status> InboundSession::check_second_pass(spool::QueueItem& item) const {
    auto const seen = mail::marks_in(incoming_->scan.trace());
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
    if (!incoming_->sink->is_file()) co_return incoming_->sink->finish();
    using Finished = Arrival<spool::Result<spool::Body>>;
    auto const finished = std::make_shared<Finished>();
    asio::post(parts_.disk, [this, finished] {
        auto const body = std::make_shared<spool::Result<spool::Body>>(incoming_->sink->finish());
        asio::post(worker_.loop(), [finished, body] { finished->set(std::move(*body)); });
    });
    co_return co_await finished->wait();
}

spool::ContentOctets InboundSession::content_octets() const {
    if (incoming_->scan.has_high_octets()) return spool::ContentOctets::eight_bit_header;
    return incoming_->is_eight_bit ? spool::ContentOctets::eight_bit_body
                                   : spool::ContentOctets::seven_bit;
}

// A group takes over the duty to tell of success: it has been expanded (RFC 3461 5.2.7).
std::vector<mail::DsnRecipient> InboundSession::expanded_groups() const {
    std::vector<mail::DsnRecipient> groups;
    if (session_.transaction().from.is_null()) return groups;
    for (auto const& recipient : session_.transaction().recipients) {
        auto const& typed = recipient.path.typed();
        bool const is_group = incoming_->decisions.at(typed).reason == mail::Reason::group;
        if (!is_group || !recipient.notify.wants_success()) continue;
        groups.push_back(expanded_recipient(typed, {recipient.notify, recipient.original}));
    }
    return groups;
}

// In the same transaction as the message, so that the one is never there without the other.
MessagePtr InboundSession::report_on_groups(Message const& message, spool::Changes& changes) {
    auto groups = expanded_groups();
    if (groups.empty()) return nullptr;
    auto const now = std::chrono::system_clock::now();
    ReportRequest const request{
        message.item,
        mail::DsnAction::expanded,
        std::move(groups),
        audience_of(message.item.from, *settings_->table),
        message.body ? std::string_view(*message.body) : std::string_view(),
        settings_->config.server.hostname.text(),
        *settings_->table->postmaster};
    auto report = build_report(request, parts_.ids.next(now), now);
    report->generation = settings_->generation;
    auto body = spool::Body::from_text(*report->body);
    report->item.checksum = body.checksum;
    changes.emplace_back(spool::Put(item_of(report), std::move(body)));
    return report;
}

// A message is as old as the end of its content.
spool::QueueItem InboundSession::take_item() {
    auto item = std::move(incoming_->item);
    item.octets = content_octets();
    item.arrived = std::chrono::system_clock::now();
    for (auto& recipient : item.recipients) recipient.next_attempt = item.arrived;
    return item;
}

spool::QueueItem InboundSession::make_item() const {
    spool::QueueItem item;
    item.id = *incoming_->id;
    item.from = session_.transaction().from;
    item.body_kind = session_.transaction().body == smtp::BodyKind::eight_bit
                         ? spool::BodyKind::eight_bit
                         : spool::BodyKind::seven_bit;
    item.smtputf8 = session_.transaction().smtputf8;
    item.returns = session_.transaction().returns;
    item.envelope_id = session_.transaction().envelope_id;
    item.helo = session_.helo();
    auto asker = client();
    item.client = fmt::format("{}[{}]", session_.helo(), asker.address.to_text());
    item.client_address = asker.address;
    item.local_address = asker.local_address;
    item.listener = std::move(asker.listener);
    item.identity = std::move(asker.identity);
    for (auto const& recipient : session_.transaction().recipients) {
        auto const& typed = recipient.path.typed();
        ReportWish const wish{recipient.notify, recipient.original};
        add_recipients(item, typed, incoming_->decisions.at(typed), *settings_->table, wish);
    }
    drop_repeated_recipients(item);
    return item;
}

}  // namespace splitmx::relay
