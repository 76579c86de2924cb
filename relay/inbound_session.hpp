// One client: its connection, its SMTP session, the decisions about its recipients, and the message
// it is sending. Decides nothing itself; it carries octets, questions and answers between the
// machines. Threads: its worker's. Ownership: owned by its coroutine. Source: RFC 5321 3 and 6.1
// (responsibility begins with the 250 to the end of data).
#pragma once

#include "mail/dsn.hpp"
#include "mail/trace_field.hpp"
#include "relay/incoming.hpp"
#include "relay/listeners.hpp"
#include "relay/message.hpp"
#include "relay/worker.hpp"
#include "smtp/net/connection.hpp"
#include "smtp/net/watchdog.hpp"
#include "smtp/server_session.hpp"
#include "spool/store.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::relay {

class InboundSession : private smtp::Ear {
public:
    InboundSession(
        Worker& worker,
        DoorPtr door,
        smtp::net::Connection connection,
        std::optional<smtp::net::Admission::Ticket> ticket
    );
    ~InboundSession() override;

    // Until the connection ends, which its loop runs to. `refusal`: what to say in place of a greeting.
    static boost::asio::awaitable<void> serve(
        std::shared_ptr<InboundSession> session, std::optional<mail::Status> refusal
    );

    // Ends the session now if it is between messages, else after the present one.
    void drain();

private:
    void begin(std::optional<mail::Status> const& refusal);
    void refuse(mail::Status const& refusal);
    // Here idle clients wait: one frame for each between the loop and the connection.
    boost::asio::awaitable<void> run(std::shared_ptr<InboundSession> alive);
    boost::asio::awaitable<bool> receive_client();  // false: the connection is of no use
    boost::asio::awaitable<void> wait_to_greet();
    bool prepare_to_read();  // false: there is something to say instead
    bool take_input(smtp::net::IoResult<std::size_t> const& got);
    boost::asio::awaitable<bool> write_output(
        smtp::net::Connection::Followed followed = smtp::net::Connection::Followed::by_more
    );
    mail::Duration time_limit() const;  // of the session's step, and of the whole session
    void on_time_limit();
    void dismiss(mail::Status const& farewell);
    static boost::asio::awaitable<void> say_and_close(
        std::shared_ptr<InboundSession> session, std::string farewell
    );

    void heard(std::string_view line) override;  // while somebody watches dialogues
    void tell_output(std::string_view output);
    mail::IpAddress client_address() const;
    bool has_certificate() const;
    resolver::Client client() const;

    // inbound_security.cpp: TLS and AUTH. False: the connection is of no further use.
    boost::asio::awaitable<bool> start_tls();
    boost::asio::awaitable<bool> shake_hands(tls::ContextPtr context);
    boost::asio::awaitable<void> check_login();

    // inbound_recipients.cpp: what the directory says of those that RCPT names.
    boost::asio::awaitable<void> verify_recipients();
    std::size_t recipients_granted(std::size_t wanted);
    void log_decision(mail::ForwardPath const& path, resolver::Decision const& decision);

    // inbound_message.cpp: the content, from its first octets to its place on the disk.
    boost::asio::awaitable<void> finish_message();
    boost::asio::awaitable<mail::Status> store_message(std::string&& rest);
    boost::asio::awaitable<spool::Result<spool::Body>> finish_body();
    void store_body(std::string&& octets);
    void begin_body();
    void drop_message() { incoming_.reset(); }
    Incoming& incoming();
    spool::QueueItem make_item() const;
    spool::QueueItem take_item();
    spool::ContentOctets content_octets() const;
    mail::TraceProtocol trace_protocol() const;
    std::vector<mail::DsnRecipient> expanded_groups() const;
    MessagePtr report_on_groups(Message const& message, spool::Changes& changes);
    std::optional<mail::Status> check_second_pass(spool::QueueItem& item) const;
    mail::Status refuse_for(spool::Error const& error);

    Worker& worker_;
    Parts& parts_;
    DoorPtr door_;
    std::string listener_;  // its name
    SettingsPtr settings_;  // of the transaction; none while the client only keeps in touch
    std::string id_;        // of the session, for logs
    smtp::net::Connection connection_;
    smtp::net::Watchdog watchdog_;
    smtp::ServerSession session_;
    std::unique_ptr<tls::Agreed const> tls_;
    std::optional<smtp::net::Admission::Ticket> ticket_;
    std::unique_ptr<Incoming> incoming_;
    std::size_t messages_ = 0;
    std::chrono::steady_clock::time_point started_;
    bool reading_ = false;
    bool between_messages_ = true;
    bool dismissed_ = false;
    bool turned_away_ = false;
    std::optional<smtp::net::Watchdog> farewell_limit_;  // for the last words
    std::weak_ptr<InboundSession> self_;
};

}  // namespace splitmx::relay
