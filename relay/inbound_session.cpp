#include "relay/inbound_session.hpp"

#include "relay/live_feed.hpp"
#include "smtp/net/token.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <utility>

#include "control/session_settings.hpp"

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using smtp::ServerSession;

mail::Status const shutting_down{421, {3, 2}, "Shutting down, try again later"};

constexpr mail::Duration time_limit_under_stress{30'000};

// At one listener.
constexpr std::size_t most_turned_away = 100;

// A client that does not take its last words in this time goes without them.
constexpr mail::Duration farewell_time{5'000};

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
      session_(control::session_settings(
          parts_.settings()->config, *door_->listener.get(), has_certificate(), client_address()
      )),
      ticket_(std::move(ticket)),
      started_(std::chrono::steady_clock::now()) {
    ++door_->sessions;
    worker_.enter(this);
}

InboundSession::~InboundSession() {
    --door_->sessions;
    if (turned_away_) --door_->turned_away;
    worker_.leave(this);
}

asio::awaitable<void> InboundSession::serve(
    std::shared_ptr<InboundSession> session, std::optional<mail::Status> refusal
) {
    session->self_ = session;
    session->begin(refusal);
    auto& one = *session;
    return one.run(std::move(session));
}

void InboundSession::begin(std::optional<mail::Status> const& refusal) {
    if (refusal) {
        refuse(*refusal);
        parts_.log.write(
            observe::ClientRefused{client_address(), listener_, refusal->to_log()}
        );
    } else {
        observe::ClientConnected connected{id_, client_address(), listener_};
        if (auto const& front_end = connection_.front_end()) connected.front_end = front_end->address;
        parts_.log.write(connected);
    }
}

// Who gets 554 is waited for until QUIT (RFC 5321 3.1), as long as there are few of them: they take
// no place from those who may connect. A handshake is no wait that they are worth.
void InboundSession::refuse(mail::Status const& refusal) {
    if (refusal.code != 554 || session_.is_tls() || door_->turned_away >= most_turned_away) {
        return session_.refuse(refusal);
    }
    turned_away_ = true;
    ++door_->turned_away;
    session_.turn_away(refusal);
}

// Who talks before the greeting does not listen: a program that sends its lines unread. Without a
// delay it would be a matter of luck who is found out.
asio::awaitable<void> InboundSession::wait_to_greet() {
    auto const delay = session_.settings().greeting_delay;
    if (delay == mail::Duration::zero()) co_return;
    asio::steady_timer timer(worker_.loop(), delay);
    co_await timer.async_wait(smtp::net::token);
    if (!connection_.has_input()) co_return;
    auto const got = co_await connection_.read_some(worker_.read_buffer());
    if (got) session_.feed(std::string_view(worker_.read_buffer().data(), *got));
}

asio::awaitable<bool> InboundSession::receive_client() {
    if (session_.is_tls()) {
        // Whoever is refused before it hears nothing: a handshake costs more than it is worth.
        auto context = parts_.certificates.get();
        bool open = context && session_.next() != ServerSession::Step::close;
        if (open) open = co_await shake_hands(std::move(context));
        if (!open) co_return false;
    }
    co_await wait_to_greet();
    co_return true;
}

asio::awaitable<void> InboundSession::run(std::shared_ptr<InboundSession> /*alive*/) {
    bool open = co_await receive_client();
    bool const received = open;
    while (open) {
        auto const step = session_.next();
        if (step == ServerSession::Step::need_input) {
            open = co_await write_output();
            if (open && prepare_to_read()) {
                auto const got = co_await connection_.read_some(worker_.read_buffer());
                open = take_input(got);
            }
        } else if (step == ServerSession::Step::verify_recipients) {
            co_await verify_recipients();
        } else if (step == ServerSession::Step::finish_message) {
            co_await finish_message();
        } else if (step == ServerSession::Step::start_tls) {
            open = co_await start_tls();
        } else if (step == ServerSession::Step::check_login) {
            co_await check_login();
        } else if (step == ServerSession::Step::store_body) {
            store_body(session_.take_body());
        } else if (step == ServerSession::Step::discard_message) {
            drop_message();
        } else {
            open = false;
        }
    }
    if (received) {
        co_await write_output(smtp::net::Connection::Followed::by_end);
        connection_.shut_down_write();
    }
    connection_.close();
    drop_message();
    parts_.log.write(observe::SessionEnded{
        id_, client_address(), messages_, std::string(session_.state())});
}

asio::awaitable<bool> InboundSession::write_output(smtp::net::Connection::Followed followed) {
    auto const output = session_.take_output();
    if (output.empty()) co_return true;
    door_->replies.add(output);
    if (parts_.live.wants_dialogue()) tell_output(output);
    if (auto const delay = session_.take_delay(); delay > mail::Duration::zero()) {
        asio::steady_timer timer(worker_.loop(), delay);
        co_await timer.async_wait(smtp::net::token);
    }
    watchdog_.set(time_limit());
    auto const written = co_await connection_.write_all(output, followed);
    co_return written.has_value();
}

bool InboundSession::prepare_to_read() {
    between_messages_ = session_.transaction().recipients.empty() && !(incoming_ && incoming_->sink);
    if (worker_.is_draining() && between_messages_) {
        session_.refuse(shutting_down);
        return false;
    }
    watchdog_.set(time_limit());
    // One transaction sees one truth, from MAIL to the end of its content.
    if (!session_.has_transaction()) {
        settings_.reset();
        drop_message();
    }
    reading_ = true;
    return true;
}

bool InboundSession::take_input(smtp::net::IoResult<std::size_t> const& got) {
    reading_ = false;
    if (dismissed_ || !got || *got == 0) return false;
    if (!settings_) settings_ = parts_.settings();
    session_.set_ear(parts_.live.wants_dialogue() ? this : nullptr);
    session_.feed(std::string_view(worker_.read_buffer().data(), *got));
    return true;
}

Incoming& InboundSession::incoming() {
    if (!incoming_) incoming_ = std::make_unique<Incoming>();
    return *incoming_;
}

mail::Duration InboundSession::time_limit() const {
    auto limit = session_.time_limit();
    auto const present = settings_ ? nullptr : parts_.settings();
    auto const& limits = (settings_ ? *settings_ : *present).config.limits;
    // Nearly all places are taken: who is idle gives his up sooner.
    if (parts_.admission.connections() > limits.connections / 10 * 9) {
        limit = std::min(limit, time_limit_under_stress);
    }
    auto const lasted = std::chrono::duration_cast<mail::Duration>(
        std::chrono::steady_clock::now() - started_
    );
    auto const left = std::max(mail::Duration(1), session_.settings().session_timeout - lasted);
    return std::min(limit, left);
}

void InboundSession::drain() {
    if (reading_ && between_messages_) dismiss(shutting_down);
}

// Who is being read from can be told; who does not even take our replies cannot.
void InboundSession::on_time_limit() {
    if (reading_)
        dismiss(session_.time_out());
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
    co_await session->connection_.write_all(farewell, smtp::net::Connection::Followed::by_end);
    session->connection_.shut_down_write();
    session->connection_.abort(asio::error::operation_aborted);
}

void InboundSession::heard(std::string_view line) {
    parts_.live.say(id_, client_address(), true, line);
}

void InboundSession::tell_output(std::string_view output) {
    while (!output.empty()) {
        auto const end = std::min(output.find("\r\n"), output.size());
        parts_.live.say(id_, client_address(), false, output.substr(0, end));
        output.remove_prefix(std::min(end + 2, output.size()));
    }
}

bool InboundSession::has_certificate() const { return parts_.certificates.get() != nullptr; }

mail::IpAddress InboundSession::client_address() const {
    return connection_.peer() ? connection_.peer()->address : mail::IpAddress();
}

resolver::Client InboundSession::client() const {
    resolver::Client client;
    client.address = client_address();
    if (auto const& local = connection_.local()) client.local_address = local->address;
    client.listener = listener_;
    client.identity = session_.identity();
    return client;
}

}  // namespace splitmx::relay
