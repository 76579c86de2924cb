// The part of ClientSession that comes before the first transaction: hello, TLS, who we are.
#include "smtp/client_session.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::smtp {

void ClientSession::say_hello() {
    // RFC 2033 4.1: LMTP has LHLO alone, neither EHLO nor HELO.
    if (settings_.lmtp) return send("LHLO " + settings_.hostname, {Expect::lhlo});
    send("EHLO " + settings_.hostname, {Expect::ehlo});
}

void ClientSession::go_on_after_hello() {
    if (!tls_ && settings_.tls != TlsWish::none && peer_offers(Extension::starttls)) {
        return send("STARTTLS", {Expect::starttls});
    }
    if (!tls_ && settings_.tls == TlsWish::needed) {
        return refuse_peer("The host offers no TLS, and mail for it must not go in clear");
    }
    log_in();
}

void ClientSession::take_starttls(Reply const& reply) {
    if (reply.code == 220) {
        phase_ = Phase::handshake;
        return;
    }
    if (settings_.tls == TlsWish::needed) {
        return refuse_peer("The host refuses STARTTLS: " + reply.to_status().to_log());
    }
    settings_.is_fallback = true;
    log_in();
}

void ClientSession::tls_started() {
    if (phase_ != Phase::handshake) return;  // closed meanwhile
    tls_ = true;
    phase_ = Phase::talking;
    extensions_ = {};  // RFC 3207 4.2: whoever wrote them, nobody can know
    say_hello();
}

void ClientSession::tls_failed(std::string_view why) {
    if (phase_ == Phase::closed) return;
    close({451, {7, 0}, fmt::format("TLS handshake: {}", why)});
}

void ClientSession::log_in() {
    if (!settings_.login) {
        phase_ = Phase::idle;
        return;
    }
    if (!tls_) return refuse_peer("The host offers no TLS, and a password is sent under TLS alone");
    auto const mechanism = extensions_.mechanism();
    if (!mechanism) return refuse_peer("The host offers neither AUTH PLAIN nor AUTH LOGIN");
    sasl_.emplace(*mechanism, *settings_.login);
    send(sasl_->command(), {Expect::auth});
}

void ClientSession::take_auth(Reply const& reply) {
    if (reply.code / 100 == 3) {
        // RFC 4954 4: who is asked for more than there is cancels.
        return send(sasl_->respond().value_or("*"), {Expect::auth});
    }
    sasl_.reset();
    if (reply.is_positive()) {
        phase_ = Phase::idle;
        return;
    }
    refuse_peer(fmt::format(
        "The host refuses the login {}: {}", settings_.login->login, reply.to_status().to_log()
    ));
}

void ClientSession::refuse_peer(std::string text) {
    close({451, {7, 0}, std::move(text)});
    output_ += "QUIT\r\n";  // RFC 5321 3.1: the server waits for it
}

}  // namespace splitmx::smtp
