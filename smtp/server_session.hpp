// The server's side of one SMTP connection, without I/O: octets in, steps and replies out.
// The session judges syntax, order and limits; its shell judges recipients and keeps messages:
//
//     for (;;) switch (session.next()) {
//         case need_input:        write take_output(), read, feed();            break;
//         case verify_recipients: recipients_verified(look up to_verify());     break;
//         case store_body:        store take_body();                            break;
//         case finish_message:    store take_body(), commit, message_finished() break;
//         case discard_message:   drop what was stored of this message;         break;
//         case start_tls:         begin_tls(), write take_output(), handshake;  break;
//         case check_login:       login_checked(ask about credentials());       break;
//         case close:             write take_output(), close;                   return;
//     }
//
// next() repeats a step until it is answered. Feed only at need_input. The shell reports a lost
// connection to nobody: it drops the session, and what it stored.
// Replies to one burst of input are joined, so that pipelined commands cost one write (RFC 2920).
// Memory: the input fed at once, plus body_chunk; an idle session keeps no buffer.
// Threads: one owner. Source: RFC 5321 3, 4.1, 4.3; RFC 2920, 1870, 6152, 2034, 3207, 4954.
#pragma once

#include "mail/clock.hpp"
#include "mail/path.hpp"
#include "mail/status.hpp"
#include "smtp/data_reader.hpp"
#include "smtp/envelope_command.hpp"
#include "smtp/extensions.hpp"
#include "smtp/limits.hpp"
#include "smtp/line_reader.hpp"
#include "smtp/sasl.hpp"
#include "smtp/syntax.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::smtp {

enum class AuthOffer { never, under_tls, always };

// What is known of a name with a password.
enum class LoginVerdict {
    right,
    wrong,
    unknowable,  // the directory did not tell
    too_many,    // this client has failed too often; closes
};

struct ServerSettings {
    std::string hostname;
    Extensions offered = always_offered();  // with STARTTLS where it can be had, never with AUTH
    bool implicit_tls = false;              // TLS is active from the beginning
    bool require_tls = false;
    AuthOffer auth = AuthOffer::never;
    std::uint64_t max_message = default_max_message;  // octets of content
    std::size_t max_recipients = default_max_recipients;
    unsigned max_errors = default_max_errors;  // the last one is answered 421; at least 1
    std::size_t max_messages = default_max_messages;  // in one session; then 421 to MAIL
    // Who guesses addresses waits for each answer behind the first few, and is sent away with 421
    // when more of his recipients are unknown than known.
    unsigned unknown_free = default_unknown_free;
    unsigned unknown_limit = default_unknown_limit;
    unsigned messages_per_minute = 0;    // of this client; the shell's to watch. 0: no limit
    unsigned recipients_per_minute = 0;  // the same
    // Who sends commands or content before the reply that RFC 5321 or RFC 2920 3.1 makes them wait
    // for is cut off with 554: what such a client says may be somebody else's words.
    bool refuse_early_talk = false;
    mail::Duration greeting_delay{};  // before the greeting; the shell's to wait
    mail::Duration command_timeout = default_command_timeout;
    mail::Duration data_timeout = default_data_timeout;
    mail::Duration session_timeout = mail::Duration::max();  // of all; the shell's to watch
};

struct AcceptedRecipient {
    mail::ForwardPath path;
    // Its place among all recipients of this transaction that were offered by to_verify(), from 0:
    // the shell pairs its own decisions by it.
    std::size_t offered = 0;
    mail::Notify notify;
    std::string original;  // ORCPT as it came; empty: none
};

struct Transaction {
    mail::ReversePath from;
    std::vector<AcceptedRecipient> recipients;   // in the order of their commands
    std::optional<std::uint64_t> declared_size;  // octets, RFC 1870
    BodyKind body = BodyKind::seven_bit;
    bool smtputf8 = false;
    mail::ReturnContent returns = mail::ReturnContent::unsaid;  // RFC 3461
    std::string envelope_id;                                    // ENVID as it came; empty: none
};

// Hears what the client says, line by line; of AUTH, and of what is no command, no more than that it
// is there. Threads: the session's.
class Ear {
public:
    virtual ~Ear() = default;
    virtual void heard(std::string_view line) = 0;
};

class ServerSession {
public:
    enum class Step {
        need_input,
        verify_recipients,
        store_body,
        finish_message,
        discard_message,
        start_tls,
        check_login,
        close,
    };

    explicit ServerSession(ServerSettings settings);

    void feed(std::string_view octets);
    void set_ear(Ear* ear) { ear_ = ear; }  // null: nobody listens; else it outlives the session
    Step next();
    std::string take_output();

    // The recipients of all RCPT commands that wait. One verdict each, in the same order: positive
    // accepts, anything else is the reply.
    std::vector<mail::ForwardPath> const& to_verify() const { return to_verify_; }
    // Nobody of this transaction was offered before.
    bool is_first_group() const { return offered_ == 0; }
    void recipients_verified(std::vector<mail::Status> const& verdicts);
    // How long the shell waits before it writes what take_output() gives. Once.
    mail::Duration take_delay();

    // From MAIL until message_finished().
    Transaction const& transaction() const { return transaction_; }
    bool has_transaction() const { return in_transaction() || state_ == State::data; }

    // Content since the last call: after store_body, and the rest after finish_message.
    std::string take_body();
    // The answer to the content, from the shell; a 421 closes. Requires: step finish_message.
    void message_finished(mail::Status const& reply);
    // Why the session refuses the content by itself. Comes once, perhaps long before its end; the
    // reply follows at the end, and no finish_message.
    mail::Status const& discard_reason() const { return discard_reason_; }

    // Whether there will be TLS: then nothing but its handshake follows the reply, and all that the
    // client said before is forgotten. Requires: step start_tls.
    void begin_tls(bool available);
    bool is_tls() const { return tls_; }

    // Who the client says it is. Requires: step check_login.
    Credentials const& credentials() const { return credentials_; }
    void login_checked(LoginVerdict verdict);
    // The login of a client that has proved who it is.
    std::optional<std::string> const& identity() const { return identity_; }

    // Says `reply`, then closes, in any state: in place of the greeting, 421 4.3.2 at a shutdown,
    // 421 4.4.2 after a time limit. What waits is dropped.
    void refuse(mail::Status const& reply);
    // Says `reply` in place of the greeting, and waits for QUIT: turned_away_time in all, and a few
    // commands.
    void turn_away(mail::Status const& reply);

    ServerSettings const& settings() const { return settings_; }
    std::string const& helo() const { return helo_; }  // as the client said it, empty before
    bool esmtp() const { return esmtp_; }
    mail::Duration time_limit() const;  // for the next octets from the peer
    mail::Status time_out() const;      // what to say when that is over
    std::string_view state() const;     // one word, for logs
    unsigned errors() const { return errors_; }

private:
    enum class State { greeting, ready, have_sender, have_recipients, data, turned_away, closed };
    enum class Waiting { nothing, verdicts, message_reply, tls, login };

    void greet();
    void run_line(Line const& line);
    void tell_ear(std::string_view line);
    void run_bad_line(Line::Kind kind);
    // What ends the session before the command is looked at; the reply is given then.
    bool is_cut_off(Command const& command);
    bool is_harmless_data() const;
    void run_turned_away(Line const& line);
    void close_with(mail::Status const& farewell);

    // server_commands.cpp: which command it is; those that no transaction needs.
    void run_command(Command const& command);
    void run_hello(Command const& command);
    void run_without_argument(Command const& command);

    // server_envelope.cpp: MAIL and RCPT.
    void run_mail(std::string_view argument);
    void collect_recipients();
    // True when the session ends over it.
    bool count_verdict(mail::Status const& verdict);

    // server_content.cpp: DATA, and the content behind it.
    void run_data(std::string_view argument);
    std::optional<Step> next_content_step();

    // server_security.cpp: STARTTLS and AUTH.
    std::optional<mail::Status> demand_of_tls(Verb verb) const;
    bool offers_auth() const;
    Extensions offered_now() const;
    void run_starttls(std::string_view argument);
    void run_auth(std::string_view argument);
    void run_auth_response(Line const& line);
    void take_sasl_step(SaslServer::Step step);
    void login_failed();

    bool in_transaction() const;
    void add_reply(mail::Status const& status);
    void answer(mail::Status const& status);  // the session's own judgement: errors are counted
    void answer_out_of_order(std::string text);
    void reset();

    ServerSettings settings_;
    State state_ = State::greeting;
    Waiting waiting_ = Waiting::nothing;
    bool greeted_ = false;
    bool esmtp_ = false;
    bool sender_refused_ = false;  // the RCPT and DATA behind it are no errors of their own
    bool recipient_refused_ = false;
    unsigned errors_ = 0;
    std::size_t messages_ = 0;  // whose end has come
    unsigned known_recipients_ = 0;
    unsigned unknown_recipients_ = 0;
    mail::Duration delay_{};
    std::string helo_;
    bool tls_ = false;
    std::optional<SaslServer> sasl_;  // while an AUTH is under way
    Credentials credentials_;         // while they are looked at
    std::optional<std::string> identity_;
    unsigned failed_logins_ = 0;

    Ear* ear_ = nullptr;
    LineReader lines_{max_envelope_line};
    std::string output_;
    Transaction transaction_;
    std::size_t offered_ = 0;
    std::vector<mail::ForwardPath> to_verify_;
    std::vector<RcptCommand> asked_;  // for them, in the same order
    // Replies to the RCPT commands of a group, in order; none: the next verdict.
    std::vector<std::optional<mail::Status>> group_;

    DataReader reader_{0};
    std::string body_;
    bool discarded_ = false;
    mail::Status discard_reason_;
};

}  // namespace splitmx::smtp
