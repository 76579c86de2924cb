#include "smtp/sasl.hpp"

#include "mail/letter_case.hpp"
#include "smtp/base64.hpp"
#include "smtp/syntax.hpp"

#include <utility>

namespace splitmx::smtp {

namespace {

mail::Status const undecodable{501, {5, 2}, "This is not base64"};
mail::Status const cancelled{501, {7, 0}, "Authentication cancelled"};

// RFC 4616 2: [authzid] NUL authcid NUL passwd, none of them with a NUL in it.
SaslServer::Step read_plain(std::string_view message) {
    auto const first = message.find('\0');
    auto const second = first == std::string_view::npos ? first : message.find('\0', first + 1);
    if (second == std::string_view::npos || message.find('\0', second + 1) != message.npos) {
        return mail::Status{501, {5, 2}, "PLAIN needs a name and a password"};
    }
    auto const acting_for = message.substr(0, first);
    Credentials credentials{
        std::string(message.substr(first + 1, second - first - 1)),
        std::string(message.substr(second + 1))};
    if (!acting_for.empty() && acting_for != credentials.login) {
        return mail::Status{535, {7, 8}, "Nobody may act for somebody else"};
    }
    return credentials;
}

}  // namespace

std::optional<Mechanism> mechanism_named(std::string_view name) {
    if (mail::equal_no_case(name, "PLAIN")) return Mechanism::plain;
    if (mail::equal_no_case(name, "LOGIN")) return Mechanism::login;
    return std::nullopt;
}

SaslServer::Step SaslServer::start(std::optional<std::string_view> initial) {
    if (initial) {
        if (*initial == "=") return take("");  // RFC 4954 4: an empty one
        return respond(*initial);
    }
    return Challenge{mechanism_ == Mechanism::login ? to_base64("Username:") : ""};
}

SaslServer::Step SaslServer::respond(std::string_view line) {
    if (line == "*") return cancelled;
    auto const response = from_base64(line);
    if (!response) return undecodable;
    return take(*response);
}

SaslServer::Step SaslServer::take(std::string const& response) {
    if (mechanism_ == Mechanism::plain) return read_plain(response);
    if (!login_) {
        login_ = response;
        return Challenge{to_base64("Password:")};
    }
    return Credentials{std::move(*login_), response};
}

std::string SaslClient::command() const {
    if (mechanism_ == Mechanism::login) return "AUTH LOGIN";
    std::string message;
    message += '\0';
    message += credentials_.login;
    message += '\0';
    message += credentials_.password;
    return "AUTH PLAIN " + to_base64(message);
}

std::optional<std::string> SaslClient::respond() {
    if (mechanism_ == Mechanism::plain) return std::nullopt;
    ++said_;
    if (said_ == 1) return to_base64(credentials_.login);
    if (said_ == 2) return to_base64(credentials_.password);
    return std::nullopt;
}

}  // namespace splitmx::smtp
