#include "relay/inbound_session.hpp"

#include "directory/decide.hpp"
#include "mail/pass_marks.hpp"
#include "mail/trace_field.hpp"
#include "relay/hop.hpp"
#include "relay/pressure.hpp"
#include "relay/second_pass.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using smtp::ServerSession;

mail::Status const shutting_down{421, {3, 2}, "Shutting down, try again later"};
mail::Status const no_space{452, {3, 1}, "Not enough space for this message, try again later"};
mail::Status const timed_out{421, {4, 2}, "Timed out, closing the connection"};

// A client that does not take its last words in this time goes without them.
constexpr mail::Duration farewell_time{5'000};

smtp::ServerSettings settings_of(config::Config const& config, mail::IpAddress const& client) {
    auto const& exempt = config.limits.exempt;
    bool const is_exempt = std::any_of(exempt.begin(), exempt.end(), [&](auto const& network) {
        return network.contains(client);
    });
    smtp::ServerSettings settings;
    settings.hostname = config.server.hostname.text();
    settings.max_message = config.server.max_message;
    settings.max_recipients = config.limits.recipients;
    settings.max_errors = is_exempt ? std::numeric_limits<unsigned>::max() : config.limits.errors;
    settings.command_timeout = config.limits.command_timeout;
    settings.data_timeout = config.limits.data_timeout;
    return settings;
}

mail::IpAddress address_of(std::optional<smtp::net::Endpoint> const& endpoint) {
    return endpoint ? endpoint->address : mail::IpAddress();
}

// Ids of sessions share the form of message ids, so that one search finds both.
std::string session_id(Parts& parts) {
    return parts.ids.next(std::chrono::system_clock::now()).to_text();
}

}  // namespace

InboundSession::InboundSession(
    Worker& worker,
    DoorPtr door,
    smtp::net::Connection connection,
    std::optional<smtp::net::Admission::Ticket> ticket
)
    : worker_(worker),
      parts_(worker.parts()),
      door_(std::move(door)),
      listener_(door_->listener.get()->name),
      id_(session_id(parts_)),
      connection_(std::move(connection)),
      watchdog_(connection_.executor(), [this] { on_time_limit(); }),
      session_(settings_of(parts_.settings()->config, address_of(connection_.peer()))),
      ticket_(std::move(ticket)) {
    ++door_->sessions;
    worker_.enter(this);
}

InboundSession::~InboundSession() {
    --door_->sessions;
    worker_.leave(this);
}

asio::awaitable<void> InboundSession::serve(
    std::shared_ptr<InboundSession> session, std::optional<mail::Status> refusal
) {
    session->self_ = session;
    auto const address = address_of(session->connection_.peer());
    if (refusal) {
        session->session_.refuse(*refusal);
        session->parts_.log.write(observe::ClientRefused{
            address, session->listener_, refusal->to_log()});
    } else {
        session->parts_.log.write(observe::ClientConnected{
            session->id_, address, session->listener_});
    }
    co_await session->run();
    session->drop_message();
    session->parts_.log.write(observe::SessionEnded{
        session->id_, address, session->messages_, std::string(session->session_.state())});
}

asio::awaitable<void> InboundSession::run() {
    bool open = true;
    while (open) {
        auto const step = session_.next();
        if (step == ServerSession::Step::need_input) {
            open = co_await exchange();
        } else if (step == ServerSession::Step::verify_recipients) {
            co_await verify_recipients();
        } else if (step == ServerSession::Step::finish_message) {
            co_await finish_message();
        } else if (step == ServerSession::Step::store_body) {
            store_body(session_.take_body());
        } else if (step == ServerSession::Step::discard_message) {
            drop_message();
        } else {
            open = false;
        }
    }
    co_await write_output();
    connection_.shut_down_write();
    connection_.close();
}

asio::awaitable<bool> InboundSession::write_output() {
    auto const output = session_.take_output();
    if (output.empty()) co_return true;
    watchdog_.set(session_.time_limit());
    auto const written = co_await connection_.write_all(output);
    co_return written.has_value();
}

asio::awaitable<bool> InboundSession::exchange() {
    bool const written = co_await write_output();
    if (!written) co_return false;
    between_messages_ = session_.transaction().recipients.empty() && !sink_;
    if (worker_.is_draining() && between_messages_) {
        session_.refuse(shutting_down);
        co_return true;
    }
    watchdog_.set(session_.time_limit());
    // One transaction sees one truth, from MAIL to the end of its content.
    if (!session_.has_transaction()) settings_.reset();
    reading_ = true;
    auto const got = co_await connection_.read_some(worker_.read_buffer());
    reading_ = false;
    if (dismissed_ || !got || *got == 0) co_return false;
    if (!settings_) settings_ = parts_.settings();
    session_.feed(std::string_view(worker_.read_buffer().data(), *got));
    co_return true;
}

void InboundSession::drain() {
    if (reading_ && between_messages_) dismiss(shutting_down);
}

// Who is being read from can be told; who does not even take our replies cannot.
void InboundSession::on_time_limit() {
    if (reading_)
        dismiss(timed_out);
    else
        connection_.abort(asio::error::timed_out);
}

void InboundSession::dismiss(mail::Status const& farewell) {
    auto self = self_.lock();
    if (!self || std::exchange(dismissed_, true)) return;
    farewell_limit_.emplace(connection_);
    farewell_limit_->set(farewell_time);
    asio::co_spawn(
        worker_.loop(), say_and_close(std::move(self), farewell.to_log() + "\r\n"), asio::detached
    );
}

asio::awaitable<void> InboundSession::say_and_close(
    std::shared_ptr<InboundSession> session, std::string farewell
) {
    co_await session->connection_.write_all(farewell);
    session->connection_.shut_down_write();
    session->connection_.abort(asio::error::operation_aborted);
}

resolver::Client InboundSession::client() const {
    resolver::Client client;
    client.address = address_of(connection_.peer());
    client.local_address = address_of(connection_.local());
    client.listener = listener_;
    return client;
}

asio::awaitable<void> InboundSession::verify_recipients() {
    auto const paths = session_.to_verify();
    auto const& config = settings_->config;
    if (auto const why = too_much(pressure_on(parts_), config.queue, config.spool)) {
        parts_.log.write(observe::SpoolTrouble{id_, "no more mail for now: " + *why});
        session_.recipients_verified(std::vector<mail::Status>(paths.size(), no_space));
        co_return;
    }
    std::vector<resolver::Query> queries;
    queries.reserve(paths.size());
    for (auto const& path : paths) {
        queries.push_back({path, session_.transaction().from, client(), false});
    }
    watchdog_.clear();  // our own time, not the client's
    auto decisions =
        co_await directory::decide(settings_->directory, settings_->table, std::move(queries));
    std::vector<mail::Status> verdicts;
    verdicts.reserve(paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i) {
        auto& decision = decisions[i];
        log_decision(paths[i], decision);
        bool const accepted = decision.verdict == resolver::Verdict::deliver ||
                              decision.verdict == resolver::Verdict::bounce;
        verdicts.push_back(accepted ? mail::status_of(mail::Reason::mailbox) : decision.status);
        if (accepted) decisions_.insert_or_assign(paths[i].typed(), std::move(decision));
    }
    session_.recipients_verified(verdicts);
}

void InboundSession::log_decision(
    mail::ForwardPath const& path, resolver::Decision const& decision
) {
    if (decision.verdict == resolver::Verdict::deliver ||
        decision.verdict == resolver::Verdict::bounce) {
        parts_.log.write(observe::recipient_decided(id_, path.typed(), decision));
        return;
    }
    parts_.log.write(observe::RecipientRefused{
        id_,
        client().address,
        {},
        session_.transaction().from,
        path.typed(),
        decision.reason,
        decision.status});
}

void InboundSession::begin_body() {
    message_id_ = parts_.ids.next(std::chrono::system_clock::now());
    scan_ = mail::HeaderScan(0);
    sink_.emplace(parts_.store.bodies(), *message_id_, settings_->config.spool.body_file);
    auto const& recipients = session_.transaction().recipients;
    mail::TraceInput trace{
        session_.helo(),
        address_of(connection_.peer()),
        settings_->config.server.hostname.text(),
        session_.esmtp() ? mail::TraceProtocol::esmtp : mail::TraceProtocol::smtp,
        message_id_->to_text(),
        recipients.size() == 1 ? recipients.front().path.mailbox() : std::nullopt,
        mail::marks_comment(marks_of(make_item(), *settings_->table, parts_.pass_key))};
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
        return no_space;
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
