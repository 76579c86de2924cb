// Saying who one is: the dialogues of AUTH PLAIN and AUTH LOGIN, both sides, without the SMTP
// around them. Base64 is done here; whether name and password are right is for others.
// Threads: values. Errors: replies. Source: RFC 4954 4, RFC 4616 (PLAIN); LOGIN is described by
// custom alone: two questions, the texts of which clients ignore.
#pragma once

#include "mail/status.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace splitmx::smtp {

enum class Mechanism { plain, login };

std::optional<Mechanism> mechanism_named(std::string_view name);

struct Credentials {
    std::string login;
    std::string password;  // secret: never for logs
};

// The server's side.
class SaslServer {
public:
    struct Challenge {
        std::string text;  // for behind "334 "
    };
    using Step = std::variant<Challenge, Credentials, mail::Status>;

    explicit SaslServer(Mechanism mechanism) : mechanism_(mechanism) {}

    // The initial response of the AUTH command, as it stands there; none: there was none.
    Step start(std::optional<std::string_view> initial);
    // A line of the client. Once a step is no challenge the dialogue is over.
    Step respond(std::string_view line);

private:
    Step take(std::string const& response);

    Mechanism mechanism_;
    std::optional<std::string> login_;
};

// The client's side: the AUTH command, and what to say to each challenge. Both mechanisms are done
// without looking at the challenges.
class SaslClient {
public:
    SaslClient(Mechanism mechanism, Credentials credentials)
        : mechanism_(mechanism), credentials_(std::move(credentials)) {}

    std::string command() const;
    // None: the server asks for more than there is.
    std::optional<std::string> respond();

private:
    Mechanism mechanism_;
    Credentials credentials_;
    int said_ = 0;
};

}  // namespace splitmx::smtp
