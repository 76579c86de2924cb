// STARTTLS and AUTH: the half of ServerSession that is about who talks, and who can listen.
#include "smtp/reply.hpp"
#include "smtp/server_session.hpp"

#include <array>
#include <utility>

namespace splitmx::smtp {

namespace {

mail::Status const starttls_first{530, {7, 0}, "STARTTLS first, please"};

// RFC 3207 4: what may be said before STARTTLS where that is demanded.
bool is_open_to_all(Verb verb) {
    return verb == Verb::noop || verb == Verb::ehlo || verb == Verb::starttls || verb == Verb::quit;
}

}  // namespace

std::optional<mail::Status> ServerSession::demand_of_tls(Verb verb) const {
    if (!settings_.require_tls || tls_ || is_open_to_all(verb)) return std::nullopt;
    return starttls_first;
}

bool ServerSession::offers_auth() const {
    return settings_.auth == AuthOffer::always || (settings_.auth == AuthOffer::under_tls && tls_);
}

Extensions ServerSession::offered_now() const {
    auto offered = settings_.offered;
    if (tls_) offered.remove(Extension::starttls);  // RFC 3207 4.2
    if (offers_auth() && !identity_) offered.add(Extension::auth);
    return offered;
}

void ServerSession::run_starttls(std::string_view argument) {
    if (!argument.empty()) return answer({501, {5, 4}, "This command has no argument"});
    if (tls_) return answer({503, {5, 1}, "TLS is active already"});
    if (!settings_.offered.has(Extension::starttls)) {
        return answer({502, {5, 1}, "STARTTLS is not available here"});
    }
    // RFC 3207 4.2: whoever can write into the connection would have his commands run as if they
    // had come under TLS.
    if (!lines_.empty()) {
        return refuse({503, {5, 1}, "Nothing may follow STARTTLS before its reply"});
    }
    waiting_ = Waiting::tls;
}

void ServerSession::begin_tls(bool available) {
    waiting_ = Waiting::nothing;
    if (!available) return add_reply({454, {7, 0}, "TLS is not available, try again later"});
    add_reply({220, {0, 0}, "Ready to start TLS"});
    // RFC 3207 4.2: all that was learnt in clear is forgotten.
    tls_ = true;
    helo_.clear();
    esmtp_ = false;
    identity_.reset();
    reset();
}

void ServerSession::run_auth(std::string_view argument) {
    if (settings_.auth == AuthOffer::never) {
        return answer({502, {5, 1}, "AUTH is not available here"});
    }
    if (!offers_auth()) return answer({538, {7, 11}, "AUTH is for connections under TLS alone"});
    if (!esmtp_) return answer({503, {5, 1}, "EHLO first, please"});
    if (identity_) return answer({503, {5, 1}, "You have said who you are already"});
    if (in_transaction()) return answer({503, {5, 1}, "AUTH comes before MAIL"});
    auto const blank = argument.find(' ');
    auto const mechanism = mechanism_named(argument.substr(0, blank));
    if (argument.empty()) return answer({501, {5, 4}, "Syntax: AUTH mechanism"});
    if (!mechanism) return answer({504, {5, 4}, "Only PLAIN and LOGIN are available here"});
    std::optional<std::string_view> initial;
    if (blank != std::string_view::npos) initial = argument.substr(blank + 1);
    sasl_.emplace(*mechanism);
    take_sasl_step(sasl_->start(initial));
}

void ServerSession::run_auth_response(Line const& line) {
    if (line.kind == Line::Kind::good) return take_sasl_step(sasl_->respond(line.text));
    sasl_.reset();
    answer({501, {5, 2}, "This is not base64"});
}

void ServerSession::take_sasl_step(SaslServer::Step step) {
    if (auto* challenge = std::get_if<SaslServer::Challenge>(&step)) {
        // RFC 4954 4: no enhanced code in front of a challenge.
        output_ += to_wire(334, std::array{std::move(challenge->text)});
        return;
    }
    sasl_.reset();
    if (auto const* fault = std::get_if<mail::Status>(&step)) {
        if (fault->code == 535) return login_failed();
        return answer(*fault);
    }
    credentials_ = std::move(std::get<Credentials>(step));
    // RFC 4513 5.1.2: a directory would take an empty password for no wish to prove anything.
    if (credentials_.login.empty() || credentials_.password.empty()) {
        credentials_ = {};
        return login_failed();
    }
    waiting_ = Waiting::login;
}

void ServerSession::login_checked(LoginVerdict verdict) {
    waiting_ = Waiting::nothing;
    auto const login = std::exchange(credentials_, {}).login;
    switch (verdict) {
        case LoginVerdict::right:
            identity_ = login;
            return add_reply({235, {7, 0}, "Authenticated"});
        case LoginVerdict::wrong:
            return login_failed();
        case LoginVerdict::unknowable:
            return add_reply({454, {7, 0}, "This cannot be checked now, try again later"});
        case LoginVerdict::too_many:
            return add_reply({421, {7, 0}, "Too many failed logins from you, try again later"});
    }
}

void ServerSession::login_failed() {
    if (++failed_logins_ >= max_failed_logins) {
        return add_reply({421, {7, 0}, "Too many failed logins, closing the connection"});
    }
    add_reply({535, {7, 8}, "Wrong name or password"});
}

}  // namespace splitmx::smtp
