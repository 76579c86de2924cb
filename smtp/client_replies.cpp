// The half of ClientSession that takes replies.
#include "smtp/client_session.hpp"

#include <utility>

namespace splitmx::smtp {

namespace {

// RFC 5321 4.5.3.1.10: 552 was the reply to too many recipients once, and some still say it. Of a
// mailbox that is full or a message that is too large it says so (RFC 3463 3.3, 3.4).
bool may_mean_too_many_recipients(mail::Status const& status) {
    return status.code == 552 &&
           (status.enhanced == mail::EnhancedCode{} || status.enhanced == mail::EnhancedCode{5, 3});
}

}  // namespace

void ClientSession::take(Reply const& reply) {
    if (expected_.empty()) {
        bool const has_seen_enough = phase_ == Phase::content && reply.code >= 400;
        if (reply.code == 421 || has_seen_enough)
            close(reply.to_status());  // an idle connection ends, RFC 5321 3.8
        else
            close_as_nonsense("reply to no command");
        return;
    }
    auto const expected = expected_.front();
    if (expected.what == Expect::quit) {
        phase_ = Phase::closed;  // whatever it says
        return;
    }
    if (reply.code == 421) {
        output_.clear();
        close(reply.to_status());
        return;
    }
    // RFC 3207 4: the host demands the TLS that has failed. The next connection begins with it.
    if (settings_.is_fallback && reply.code == 530) {
        output_.clear();
        failure_is_ours_ = true;
        return refuse_peer("The host demands TLS, which has failed: " + reply.to_status().to_log());
    }
    // RFC 5321 4.2.1: a 3yz reply is an answer to DATA, RFC 4954 4: and to AUTH.
    bool const may_ask = expected.what == Expect::data || expected.what == Expect::auth;
    if (reply.code / 100 == 3 && !may_ask) {
        close_as_nonsense("unexpected 3yz reply");
        return;
    }
    expected_.erase(expected_.begin());
    // All that was asked is answered: what follows came before its question, or was slipped in.
    bool const is_surplus = expected_.empty() && !replies_.empty();
    take_expected(expected, reply);
    if (is_surplus && phase_ != Phase::closed) close_over_surplus();
}

void ClientSession::close_over_surplus() {
    auto const extra = replies_.next();
    output_.clear();
    if (extra && *extra && (*extra)->code == 421)
        close((*extra)->to_status());
    else
        close_as_nonsense("more replies than commands");
}

void ClientSession::take_expected(Expected expected, Reply const& reply) {
    switch (expected.what) {
        case Expect::greeting:
        case Expect::ehlo:
        case Expect::lhlo:
        case Expect::helo:
            return take_hello(expected.what, reply);
        case Expect::starttls:
            return take_starttls(reply);
        case Expect::auth:
            return take_auth(reply);
        case Expect::mail:
            return take_mail(reply);
        case Expect::rcpt:
            return take_rcpt(expected.recipient, reply);
        case Expect::data:
            return take_data(reply);
        case Expect::end_of_data:
            return take_end_of_data(expected.recipient, reply);
        case Expect::end_of_nothing:
            phase_ = Phase::done;
            return;
        case Expect::rset:
            return take_rset(reply);
        case Expect::quit:
            return;
    }
}

void ClientSession::take_hello(Expect what, Reply const& reply) {
    if (what == Expect::greeting && reply.is_positive()) return say_hello();
    if (reply.is_positive()) {
        if (what != Expect::helo) extensions_ = Extensions::parse(reply.text);
        return go_on_after_hello();
    }
    // RFC 5321 3.2: a server that does not know EHLO may still know HELO.
    if (what == Expect::ehlo && reply.is_permanent()) {
        return send("HELO " + settings_.hostname, {Expect::helo});
    }
    close(reply.to_status());
    output_ += "QUIT\r\n";  // RFC 5321 3.1: the server waits for it
}

void ClientSession::take_mail(Reply const& reply) {
    if (!reply.is_positive()) {
        settle_all(reply.to_status());
        if (!peer_offers(Extension::pipelining)) give_up_transaction();
        return;
    }
    continue_envelope();
}

void ClientSession::take_rcpt(std::size_t recipient, Reply const& reply) {
    // Settled already when MAIL was refused: then this reply has nothing to add.
    if (present_.fates[recipient] == Fate::open) {
        if (reply.is_positive() && !present_.delivery.envelope_only)
            present_.fates[recipient] = Fate::accepted;
        else
            refuse_recipient(recipient, reply.to_status());
    }
    continue_envelope();
}

// Those that it has taken go now, and leave room for the others.
void ClientSession::refuse_recipient(std::size_t recipient, mail::Status status) {
    if (has(Fate::accepted) && may_mean_too_many_recipients(status)) {
        status = mail::Status(452, {5, 3}, std::move(status.text));
    }
    settle(recipient, status);
}

void ClientSession::take_data(Reply const& reply) {
    if (reply.is_positive()) return close_as_nonsense("2yz reply to DATA");
    if (reply.code / 100 != 3) {
        settle_all(reply.to_status());
        return give_up_transaction();
    }
    if (has(Fate::accepted)) {
        phase_ = Phase::content;
        return;
    }
    // RFC 2033 4.2: such a server is to refuse DATA; how many replies would follow is not defined.
    if (settings_.lmtp) return close_as_nonsense("content wanted for no recipient");
    // RFC 2920 3.1: no recipient is left, but the server waits for content: give it none.
    send(".", {Expect::end_of_nothing});
}

void ClientSession::take_end_of_data(std::size_t recipient, Reply const& reply) {
    if (settings_.lmtp)
        settle(recipient, reply.to_status());
    else
        settle_all(reply.to_status());
    bool const all = expected_.empty() || expected_.front().what != Expect::end_of_data;
    if (all) phase_ = Phase::done;
}

void ClientSession::take_rset(Reply const& reply) {
    if (!reply.is_positive()) return close_as_nonsense("RSET refused");
    if (!peer_offers(Extension::pipelining)) send_envelope();
}

}  // namespace splitmx::smtp
