#include "smtp/server_session.hpp"

#include "mail/letter_case.hpp"
#include "smtp/reply.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace splitmx::smtp {

namespace {

mail::Status const early_talk{
    554, {5, 0}, "You talk before it is your turn, closing the connection"};
mail::Status const not_smtp{554, {5, 1}, "This is a mail server, which speaks SMTP"};

// The password of a client that goes on with AUTH after a refusal comes as a line of its own.
std::string_view what_may_be_heard(Verb verb, std::string_view line) {
    if (verb == Verb::auth) return "AUTH";
    return verb == Verb::unknown ? "(unknown command)" : line;
}

// The replies of a group: MAIL, RCPT, DATA.
constexpr std::size_t usual_output = 120;

// Protocol errors use up a client's patience budget; refused addresses, sizes and counts do not.
bool is_protocol_error(mail::Status const& status) {
    return (status.code >= 500 && status.code <= 504) || status.code == 555;
}

}  // namespace

ServerSession::ServerSession(ServerSettings settings)
    : settings_(std::move(settings)), tls_(settings_.implicit_tls) {}

void ServerSession::feed(std::string_view octets) {
    if (state_ == State::closed) return;
    if (state_ == State::data) octets.remove_prefix(reader_.read(octets, body_));
    if (!octets.empty()) lines_.feed(octets);
}

ServerSession::Step ServerSession::next() {
    greet();
    for (;;) {
        if (state_ == State::closed) return Step::close;
        if (waiting_ == Waiting::verdicts) return Step::verify_recipients;
        if (waiting_ == Waiting::message_reply) return Step::finish_message;
        if (waiting_ == Waiting::tls) return Step::start_tls;
        if (waiting_ == Waiting::login) return Step::check_login;
        if (state_ == State::data) {
            auto const step = next_content_step();
            if (step) return *step;
            continue;
        }
        auto const line = lines_.front();
        if (line) {
            run_line(*line);
        } else if (state_ == State::greeting && lines_.waiting().starts_with("\x16\x03")) {
            close_with(not_smtp);
        } else {
            return Step::need_input;
        }
    }
}

std::string ServerSession::take_output() { return std::exchange(output_, {}); }

void ServerSession::greet() {
    if (greeted_) return;
    // RFC 5321 3.1: the client waits for the greeting.
    if (settings_.refuse_early_talk && !lines_.empty()) return refuse(early_talk);
    greeted_ = true;
    // RFC 5321 4.2, 4.3.1: the host name comes first. RFC 2034 4: no enhanced code.
    output_ += to_wire(220, std::array{settings_.hostname + " ESMTP ready"});
}

void ServerSession::refuse(mail::Status const& status) {
    if (state_ == State::closed) return;
    greeted_ = true;  // RFC 5321 3.1: a refusal stands in place of the greeting
    state_ = State::closed;
    append_wire(output_, status);
}

// RFC 5321 3.1: who is refused with 554 in place of the greeting still says QUIT, and is waited
// for; but not for long.
void ServerSession::turn_away(mail::Status const& status) {
    if (state_ == State::closed) return;
    greeted_ = true;
    state_ = State::turned_away;
    settings_.session_timeout = std::min(settings_.session_timeout, turned_away_time);
    append_wire(output_, status);
}

void ServerSession::run_turned_away(Line const& line) {
    auto const verb = line.kind == Line::Kind::good ? parse_command(line.text).verb : Verb::unknown;
    tell_ear(what_may_be_heard(verb, line.text));
    lines_.pop();
    if (verb == Verb::quit)
        return close_with({221, {0, 0}, settings_.hostname + " closes the connection"});
    if (++errors_ >= turned_away_commands) {
        return close_with({421, {7, 0}, "You may not connect here, closing the connection"});
    }
    add_reply({503, {5, 1}, "You may not connect here; only QUIT is left"});
}

void ServerSession::run_line(Line const& line) {
    if (state_ == State::turned_away) return run_turned_away(line);
    if (sasl_) {
        tell_ear("(answer to AUTH)");
        run_auth_response(line);
        lines_.pop();
        return;
    }
    if (line.kind != Line::Kind::good) {
        tell_ear("(no command)");
        lines_.pop();
        return run_bad_line(line.kind);
    }
    auto const command = parse_command(line.text);
    if (is_cut_off(command)) return;
    bool const may_be_long = command.verb == Verb::mail || command.verb == Verb::rcpt ||
                             command.verb == Verb::auth;
    if (!may_be_long && line.text.size() + 2 > max_command_line) {
        lines_.pop();
        return run_bad_line(Line::Kind::too_long);
    }
    if (command.verb == Verb::rcpt && in_transaction()) return collect_recipients();
    tell_ear(what_may_be_heard(command.verb, line.text));
    lines_.pop();
    run_command(command);
}

void ServerSession::tell_ear(std::string_view line) {
    if (ear_ != nullptr) ear_->heard(line);
}

void ServerSession::run_bad_line(Line::Kind kind) {
    if (kind == Line::Kind::too_long)
        answer({500, {5, 2}, "Line too long"});  // RFC 5321 4.5.3.1.9
    else
        answer({500, {5, 2}, "CR, LF or NUL inside a command line"});  // RFC 5321 2.3.8
}

bool ServerSession::is_cut_off(Command const& command) {
    if (command.verb == Verb::unknown && is_foreign(lines_.waiting())) {
        close_with(not_smtp);
        return true;
    }
    // RFC 2920 3.1: the replies to these must be waited for, and to all others by who said HELO.
    // What comes behind EHLO at once is borne: scripts that feed a whole session to a program do so.
    bool const said_helo = !esmtp_ && !helo_.empty();
    bool const ends_group = command.verb == Verb::helo || command.verb == Verb::auth ||
                            (command.verb == Verb::data && !is_harmless_data());
    bool const must_wait = said_helo || ends_group;
    if (!settings_.refuse_early_talk || command.verb == Verb::quit) return false;
    if (command.verb == Verb::starttls) return false;  // it has a rule of its own
    if (!must_wait || !lines_.has_more()) return false;
    close_with(early_talk);
    return true;
}

// A client whose recipients were all refused, which it cannot know yet, and which then takes its
// leave: no content has come. Any other octets may be content, and with it somebody else's
// commands.
bool ServerSession::is_harmless_data() const {
    if (state_ == State::have_recipients) return false;
    auto const waiting = lines_.waiting();
    auto const behind = waiting.substr(waiting.find("\r\n") + 2);
    constexpr std::string_view quit = "QUIT\r\n";
    return mail::equal_no_case(behind.substr(0, quit.size()), quit.substr(0, behind.size()));
}

void ServerSession::close_with(mail::Status const& farewell) {
    add_reply(farewell);
    state_ = State::closed;
}

mail::Duration ServerSession::time_limit() const {
    if (state_ == State::data) return settings_.data_timeout;
    if (lines_.ends_in_bare_line_feed()) {
        return std::min(settings_.command_timeout, bare_line_feed_timeout);
    }
    return settings_.command_timeout;
}

mail::Status ServerSession::time_out() const {
    if (state_ != State::data && lines_.ends_in_bare_line_feed()) {
        return {421, {5, 2}, "Lines end in CRLF, not in LF alone; closing the connection"};
    }
    return {421, {4, 2}, "Timed out, closing the connection"};
}

std::string_view ServerSession::state() const {
    switch (state_) {
        case State::greeting:
            return "greeting";
        case State::ready:
            return "ready";
        case State::have_sender:
            return "have_sender";
        case State::have_recipients:
            return "have_recipients";
        case State::data:
            return "data";
        case State::turned_away:
            return "turned_away";
        case State::closed:
            return "closed";
    }
    return {};
}

bool ServerSession::in_transaction() const {
    return state_ == State::have_sender || state_ == State::have_recipients;
}

void ServerSession::add_reply(mail::Status const& status) {
    if (output_.empty()) output_.reserve(usual_output);
    append_wire(output_, status);
    // RFC 5321 3.8: after a 421 the connection ends.
    if (status.code == 421) state_ = State::closed;
}

void ServerSession::answer(mail::Status const& status) {
    if (is_protocol_error(status) && ++errors_ >= settings_.max_errors) {
        return add_reply({421, {7, 0}, "Too many errors, closing the connection"});
    }
    add_reply(status);
}

void ServerSession::answer_out_of_order(std::string text) {
    mail::Status const fault{503, {5, 1}, std::move(text)};
    // The MAIL before it has failed and been counted; a pipelining client sent the rest unknowing.
    if (sender_refused_) return add_reply(fault);
    answer(fault);
}

void ServerSession::reset() {
    if (state_ != State::closed) state_ = helo_.empty() ? State::greeting : State::ready;
    transaction_ = {};
    sender_refused_ = false;
    recipient_refused_ = false;
    offered_ = 0;
    body_ = {};
}

}  // namespace splitmx::smtp
