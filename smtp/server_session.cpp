#include "smtp/server_session.hpp"

#include "smtp/reply.hpp"

#include <array>
#include <utility>

namespace splitmx::smtp {

namespace {

mail::Status bad_sequence(std::string text) { return {503, {5, 1}, std::move(text)}; }

// Protocol errors use up a client's patience budget; refused addresses, sizes and counts do not.
bool is_protocol_error(mail::Status const& status) {
    return (status.code >= 500 && status.code <= 504) || status.code == 555;
}

}  // namespace

ServerSession::ServerSession(ServerSettings settings) : settings_(std::move(settings)) {}

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
        if (state_ == State::data) {
            auto const step = next_content_step();
            if (step) return *step;
            continue;
        }
        auto const line = lines_.front();
        if (!line) return Step::need_input;
        run_line(*line);
    }
}

std::string ServerSession::take_output() { return std::exchange(output_, {}); }

std::string ServerSession::take_body() { return std::exchange(body_, {}); }

void ServerSession::greet() {
    if (greeted_) return;
    greeted_ = true;
    // RFC 5321 4.2, 4.3.1: the host name comes first. RFC 2034 4: no enhanced code.
    output_ += to_wire(220, std::array{settings_.hostname + " ESMTP ready"});
}

void ServerSession::refuse(mail::Status const& status) {
    if (state_ == State::closed) return;
    greeted_ = true;  // RFC 5321 3.1: a refusal stands in place of the greeting
    state_ = State::closed;
    output_ += to_wire(status);
}

std::optional<ServerSession::Step> ServerSession::next_content_step() {
    if (reader_.fault() && !discarded_) {
        discarded_ = true;
        discard_reason_ = status_of(*reader_.fault());
        body_ = {};
        return Step::discard_message;
    }
    if (!reader_.has_ended()) {
        return body_.size() >= body_chunk ? Step::store_body : Step::need_input;
    }
    if (!discarded_) {
        waiting_ = Waiting::message_reply;
        return Step::finish_message;
    }
    add_reply(discard_reason_);
    reset();
    return std::nullopt;
}

void ServerSession::message_finished(mail::Status const& status) {
    if (state_ == State::closed) return;
    waiting_ = Waiting::nothing;
    add_reply(status);
    reset();
}

void ServerSession::run_line(Line const& line) {
    if (line.kind == Line::Kind::good) {
        auto const command = parse_command(line.text);
        if (command.verb == Verb::rcpt && in_transaction()) {
            collect_recipients();
            return;
        }
        lines_.pop();
        run_command(command);
        return;
    }
    lines_.pop();
    if (line.kind == Line::Kind::too_long) {
        answer({500, {5, 6}, "Line too long"});  // RFC 5321 4.5.3.1.9
    } else {
        answer({500, {5, 2}, "CR, LF or NUL inside a command line"});  // RFC 5321 2.3.8
    }
}

void ServerSession::run_command(Command const& command) {
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
        case Verb::unknown:
            return answer({500, {5, 2}, "Unknown command"});
    }
}

void ServerSession::run_hello(Command const& command) {
    // Any name will do, it is only written down; but there has to be one (RFC 5321 4.1.4).
    if (command.argument.empty() || !is_printable_ascii(command.argument)) {
        return answer({501, {5, 4}, "Syntax: EHLO or HELO, and your host name"});
    }
    helo_ = command.argument;
    esmtp_ = command.verb == Verb::ehlo;
    reset();  // RFC 5321 4.1.4: as if RSET came
    if (esmtp_)
        output_ += to_wire(250, ehlo_lines(settings_.hostname, settings_.max_message));
    else
        output_ += to_wire(250, std::array{settings_.hostname});
}

void ServerSession::run_mail(std::string_view argument) {
    if (state_ == State::greeting) return answer(bad_sequence("EHLO or HELO first, please"));
    if (in_transaction()) return answer(bad_sequence("A sender is given already"));
    auto read = read_mail(argument, settings_.max_message);
    if (auto const* fault = std::get_if<mail::Status>(&read)) {
        sender_refused_ = true;
        return answer(*fault);
    }
    auto& accepted = std::get<MailCommand>(read);
    reset();
    transaction_.from = std::move(accepted.from);
    transaction_.declared_size = accepted.declared_size;
    transaction_.body = accepted.body;
    state_ = State::have_sender;
    add_reply({250, {1, 0}, "Sender OK"});
}

// All RCPT commands that wait become one group, so that one search can answer for all of them.
void ServerSession::collect_recipients() {
    while (auto const line = lines_.front()) {
        if (line->kind != Line::Kind::good) break;
        auto const command = parse_command(line->text);
        if (command.verb != Verb::rcpt) break;
        auto const count = transaction_.recipients.size() + to_verify_.size();
        if (count >= settings_.max_recipients) {
            // Whether there is room depends on the verdicts for those before it.
            if (!to_verify_.empty()) break;
            group_.emplace_back(mail::Status{452, {5, 3}, "Too many recipients"});
        } else {
            auto read = read_rcpt(command.argument);
            if (auto* path = std::get_if<mail::ForwardPath>(&read)) {
                to_verify_.push_back(std::move(*path));
                group_.emplace_back();
            } else {
                group_.emplace_back(std::get<mail::Status>(read));
            }
        }
        lines_.pop();
    }
    if (to_verify_.empty())
        recipients_verified({});
    else
        waiting_ = Waiting::verdicts;
}

void ServerSession::recipients_verified(std::vector<mail::Status> const& verdicts) {
    waiting_ = Waiting::nothing;
    std::size_t used = 0;
    for (auto const& own : group_) {
        if (state_ == State::closed) return;
        if (own) {
            recipient_refused_ = true;
            answer(*own);
            continue;
        }
        auto const& verdict = verdicts.at(used);
        if (verdict.is_positive()) {
            transaction_.recipients.push_back({std::move(to_verify_[used]), offered_ + used});
            state_ = State::have_recipients;
        } else {
            recipient_refused_ = true;
        }
        ++used;
        add_reply(verdict);
    }
    offered_ += used;
    group_.clear();
    to_verify_.clear();
}

void ServerSession::run_data(std::string_view argument) {
    if (!argument.empty()) return answer({501, {5, 4}, "DATA has no argument"});
    if (state_ == State::have_sender && recipient_refused_) {
        // A client that pipelines cannot know yet: no error of its own (RFC 2920 3.1).
        return add_reply({554, {5, 1}, "No valid recipients"});
    }
    if (state_ != State::have_recipients) return answer_out_of_order("RCPT first, please");
    state_ = State::data;
    reader_ = DataReader(settings_.max_message);
    discarded_ = false;
    add_reply({354, {0, 0}, "Send the message, then a dot alone on a line"});
    // Octets behind the DATA line are content, however early they came (RFC 5321 4.1.1.4).
    feed(lines_.take_rest());
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

mail::Duration ServerSession::time_limit() const {
    return state_ == State::data ? settings_.data_timeout : settings_.command_timeout;
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
        case State::closed:
            return "closed";
    }
    return {};
}

bool ServerSession::in_transaction() const {
    return state_ == State::have_sender || state_ == State::have_recipients;
}

void ServerSession::add_reply(mail::Status const& status) {
    output_ += to_wire(status);
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
    auto const fault = bad_sequence(std::move(text));
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
