// The client's side of one connection, SMTP or LMTP, without I/O: replies in, commands out, and one
// outcome for each recipient.
//
//     for (;;) switch (session.next()) {
//         case need_reply:   write take_output(), read, feed();                      break;
//         case idle:         begin(), or quit();                                     break;
//         case send_content: write take_output(), the content by DataWriter, content_sent(); break;
//         case start_tls:    handshake, then tls_started() or tls_failed();          break;
//         case done:         use outcomes(), then begin(), go_on() or quit();        break;
//         case closed:       write take_output() if that works, close;               return;
//     }
//
// Feed whatever arrives, also when nothing is expected: such octets close the session, since a
// later reply could not be told from them. Only a 4yz or 5yz reply in the middle of the content is
// taken for what it says: the peer has seen enough of it. A peer that breaks the protocol costs a
// try, never a recipient: outcomes that are open become transient. At `closed` every outcome is
// settled. With PIPELINING, MAIL, all RCPT and DATA go out at once (RFC 2920), and those of the
// next delivery in one write with the content of the one before it, where announce() has named it.
// Memory: one reply, bounded. Threads: one owner.
// Where TLS or a login is wanted, they come before the first step idle. A host that does not give
// them closes the session with 4.7.0: that is for an administrator to mend, and mail waits for it.
// Source: RFC 5321 3, 4.1, 4.2, 4.5.3.2; RFC 2033 (LMTP); RFC 2920, 1870, 6152, 3207,
// 4954, 3461, 6531.
#pragma once

#include "mail/clock.hpp"
#include "mail/dsn_request.hpp"
#include "mail/path.hpp"
#include "mail/status.hpp"
#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"
#include "smtp/sasl.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace splitmx::smtp {

enum class TlsWish { none, if_offered, needed };

struct ClientSettings {
    std::string hostname;
    bool lmtp = false;
    mail::Duration longest_wait = mail::Duration::max();  // shortens every time limit
    TlsWish tls = TlsWish::none;
    std::optional<Credentials> login{};  // said under TLS alone
    // TLS was wished for and has failed: 530 is the answer to that, and mail waits for TLS.
    bool is_fallback = false;
};

struct DeliveryRecipient {
    std::string address;  // wire form, no brackets
    mail::Notify notify;
    std::string original;  // ORCPT; empty: none

    DeliveryRecipient(std::string wire) : address(std::move(wire)) {}
    DeliveryRecipient(char const* wire) : address(wire) {}
    DeliveryRecipient(std::string wire, mail::Notify asked, std::string orcpt)
        : address(std::move(wire)), notify(asked), original(std::move(orcpt)) {}
};

// What the octets of a message need of a host: nothing, 8BITMIME, or SMTPUTF8 too, for the header
// section (RFC 6532). Not known: what `body` says is all there is to go by.
enum class ContentNeeds { unknown, seven_bit, eight_bit_body, eight_bit_header };

struct Delivery {
    mail::ReversePath from;
    std::vector<DeliveryRecipient> recipients;  // at least one
    std::uint64_t size = 0;                     // octets of content, before dot-stuffing
    BodyKind body = BodyKind::seven_bit;
    ContentNeeds needs = ContentNeeds::unknown;
    bool smtputf8 = false;  // the sender said so
    mail::ReturnContent returns = mail::ReturnContent::unsaid;
    std::string envelope_id;  // ENVID; empty: none
    // Asks about the recipients alone: outcomes are the replies to RCPT, and no DATA follows.
    bool envelope_only = false;
};

class ClientSession {
public:
    enum class Step { need_reply, start_tls, idle, send_content, done, closed };

    explicit ClientSession(ClientSettings settings);

    void feed(std::string_view octets);
    Step next();
    std::string take_output();
    // For what next() asked for: the limit of the whole wait, since a reply of which only drops
    // come is none. replies() tells when another wait has begun.
    mail::Duration time_limit() const;
    std::size_t replies() const { return reply_count_; }

    // Requires: step start_tls. `why` is one line.
    void tls_started();
    void tls_failed(std::string_view why);
    bool is_tls() const { return tls_; }

    // Requires: step idle or done, nothing announced.
    void begin(Delivery delivery);
    // What comes behind this delivery: announcement() is to be written in one go with the end of
    // the content. The step done comes as ever; go_on() makes of the announced delivery the present
    // one. False: this host cannot be told so early. Requires: step send_content, nothing
    // announced.
    bool announce(Delivery next);
    std::string_view announcement() const { return announcement_; }
    bool has_announced() const { return announced_.has_value(); }
    // Requires: step done, something announced.
    void go_on();
    // Content and final ".CRLF" are written, and the announcement. Requires: step send_content.
    void content_sent();
    // One per recipient of the delivery, in its order; '\n' between the lines of a reply. A
    // recipient whose fate is open is transient 4.4.2 already.
    std::vector<mail::Status> const& outcomes() const { return present_.outcomes; }

    // That outcome is our own, before the host was asked: it lacks what the message needs.
    bool was_unsendable(std::size_t recipient) const { return present_.unsendable[recipient]; }
    bool is_lmtp() const { return settings_.lmtp; }

    // `what` begins the text: "Connection lost", "Timed out".
    void connection_lost(std::string_view what = "Connection lost");
    // Requires: step idle or done, nothing announced.
    void quit();

    // Why the session is of no further use: the peer's reply, a lost connection, nonsense. None
    // while it works, and after an orderly QUIT.
    std::optional<mail::Status> const& failure() const { return failure_; }
    // It tells what happened; the peer did not say that.
    bool failure_is_ours() const { return failure_is_ours_; }
    bool peer_offers(Extension extension) const { return extensions_.has(extension); }
    // Octets by the peer's SIZE; 0: it did not say.
    std::uint64_t peer_size_limit() const { return extensions_.size_limit(); }
    std::string_view step_name() const;  // "RCPT", "end of data", "idle": for logs and texts

private:
    enum class Expect {
        greeting,
        ehlo,
        lhlo,
        helo,
        starttls,
        auth,
        mail,
        rcpt,
        data,
        end_of_data,
        end_of_nothing,  // an empty message, sent because DATA was taken without recipients
        rset,
        quit,
    };
    enum class Phase { talking, handshake, content, idle, done, closed };
    enum class Fate { open, accepted, settled };
    struct Expected {
        Expect what;
        std::size_t recipient = 0;  // for rcpt, and for end_of_data with LMTP
    };
    // A delivery and how far it has come.
    struct Transaction {
        Delivery delivery;
        std::vector<mail::Status> outcomes;
        std::vector<Fate> fates;  // of each recipient
        std::vector<bool> unsendable;
        std::size_t next_recipient = 0;  // whose RCPT comes next

        Transaction() = default;
        explicit Transaction(Delivery delivery);
    };

    mail::Duration step_limit() const;
    void send(std::string_view command, Expected expected);
    std::string mail_command() const;
    std::string rcpt_command(DeliveryRecipient const& recipient) const;
    // client_extensions.cpp: what this host cannot be given (RFC 6531 3.2, RFC 6152 3).
    void refuse_unsendable();
    std::optional<mail::Status> why_unsendable(DeliveryRecipient const& recipient) const;
    bool needs_smtputf8() const;
    void send_envelope();
    bool send_next_recipient();
    void continue_envelope();
    void give_up_transaction();

    void take(Reply const& reply);
    void take_expected(Expected expected, Reply const& reply);
    void take_hello(Expect what, Reply const& reply);
    void take_starttls(Reply const& reply);
    void take_auth(Reply const& reply);
    void say_hello();
    void go_on_after_hello();
    void log_in();
    void refuse_peer(std::string text);
    void take_mail(Reply const& reply);
    void take_rcpt(std::size_t recipient, Reply const& reply);
    void refuse_recipient(std::size_t recipient, mail::Status status);
    void take_data(Reply const& reply);
    void take_end_of_data(std::size_t recipient, Reply const& reply);
    void take_rset(Reply const& reply);

    bool has(Fate fate) const;
    void settle(std::size_t recipient, mail::Status const& status);
    void settle_all(mail::Status const& status);
    void close(mail::Status const& failure);
    void close_as_nonsense(std::string_view what);
    void close_over_surplus();

    ClientSettings settings_;
    bool tls_ = false;
    std::optional<SaslClient> sasl_;  // while an AUTH is under way
    Phase phase_ = Phase::talking;
    std::vector<Expected> expected_;  // replies that are due, in order
    ReplyReader replies_;
    std::size_t reply_count_ = 0;
    Extensions extensions_;
    std::string output_;
    std::optional<mail::Status> failure_;
    bool failure_is_ours_ = false;

    Transaction present_;
    bool needs_reset_ = false;  // the peer has a transaction that we have given up
    std::optional<Transaction> announced_;
    std::string announcement_;                    // its commands
    std::vector<Expected> expected_of_announced_;  // their replies
};

}  // namespace splitmx::smtp
