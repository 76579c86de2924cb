#include "smtp/reply.hpp"
#include "smtp/server_session.hpp"

#include <array>

namespace splitmx::smtp {

void ServerSession::run_command(Command const& command) {
    if (auto const demand = demand_of_tls(command.verb)) return answer(*demand);
    switch (command.verb) {
        case Verb::helo:
        case Verb::ehlo:
            return run_hello(command);
        case Verb::mail:
            return run_mail(command.argument);
        case Verb::rcpt:
            return answer_out_of_order("MAIL first, please");
        case Verb::data:
            return run_data(command.argument);
        case Verb::rset:
        case Verb::quit:
            return run_without_argument(command);
        case Verb::noop:
            return add_reply({250, {0, 0}, "OK"});
        case Verb::vrfy:
            // RFC 5321 3.5.3, 7.3: nothing about addresses is given away here.
            if (command.argument.empty()) return answer({501, {5, 4}, "Syntax: VRFY address"});
            return add_reply({252, {5, 2}, "Cannot verify, but will take mail and try"});
        case Verb::help:
            return add_reply({214, {0, 0}, "See RFC 5321"});
        case Verb::expn:
            return answer({502, {5, 1}, "EXPN is not available here"});
        case Verb::starttls:
            return run_starttls(command.argument);
        case Verb::auth:
            return run_auth(command.argument);
        case Verb::unimplemented:
            return answer({502, {5, 1}, "This command is not available here"});
        case Verb::unknown:
            return answer({500, {5, 2}, "Unknown command"});
    }
}

void ServerSession::run_hello(Command const& command) {
    // Whether the name is the client's own is not asked (RFC 5321 4.1.4), only its form.
    if (!is_hello_name(command.argument)) {
        return answer({501, {5, 4}, "Syntax: EHLO or HELO, and your host name"});
    }
    helo_ = command.argument;
    esmtp_ = command.verb == Verb::ehlo;
    reset();  // RFC 5321 4.1.4: as if RSET came
    if (esmtp_)
        output_ +=
            to_wire(250, ehlo_lines(settings_.hostname, offered_now(), settings_.max_message));
    else
        output_ += to_wire(250, std::array{settings_.hostname});
}

void ServerSession::run_without_argument(Command const& command) {
    if (!command.argument.empty()) return answer({501, {5, 4}, "This command has no argument"});
    if (command.verb == Verb::quit) {
        add_reply({221, {0, 0}, settings_.hostname + " closes the connection"});
        state_ = State::closed;
        return;
    }
    reset();
    add_reply({250, {0, 0}, "OK"});
}

}  // namespace splitmx::smtp
