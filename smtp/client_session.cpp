#include "smtp/client_session.hpp"

#include "smtp/limits.hpp"
#include "smtp/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::smtp {

ClientSession::ClientSession(ClientSettings settings) : settings_(std::move(settings)) {
    expected_.push_back({Expect::greeting});
}

void ClientSession::feed(std::string_view octets) {
    if (phase_ != Phase::closed) replies_.feed(octets);
}

ClientSession::Step ClientSession::next() {
    // Replies to what was announced wait until the outcomes before them are taken.
    while (phase_ != Phase::closed && !(phase_ == Phase::done && announced_)) {
        auto const reply = replies_.next();
        if (!reply) break;
        if (!*reply)
            close_as_nonsense(reply->error().what);
        else {
            ++reply_count_;
            take(**reply);
        }
    }
    // Half a reply to nothing: whole or not, it would be taken for the answer to our next command.
    if (phase_ != Phase::closed && expected_.empty() && !replies_.empty()) {
        close_as_nonsense("reply to no command");
    }
    switch (phase_) {
        case Phase::talking:
            return Step::need_reply;
        case Phase::handshake:
            return Step::start_tls;
        case Phase::content:
            return Step::send_content;
        case Phase::idle:
            return Step::idle;
        case Phase::done:
            return Step::done;
        case Phase::closed:
            return Step::closed;
    }
    return Step::closed;
}

std::string ClientSession::take_output() { return std::exchange(output_, {}); }

ClientSession::Transaction::Transaction(Delivery what) : delivery(std::move(what)) {
    auto const count = delivery.recipients.size();
    outcomes.assign(count, mail::Status{451, {4, 2}, "No answer yet"});
    fates.assign(count, Fate::open);
    unsendable.assign(count, false);
}

void ClientSession::begin(Delivery delivery) {
    present_ = Transaction(std::move(delivery));
    refuse_unsendable();
    if (!has(Fate::open)) {
        phase_ = Phase::done;
        return;
    }
    phase_ = Phase::talking;
    // RFC 5321 4.1.1.5: what is left of a transaction that was given up must not mix with this one.
    if (std::exchange(needs_reset_, false)) {
        send("RSET", {Expect::rset});
        if (!peer_offers(Extension::pipelining)) return;
    }
    send_envelope();
}

// RFC 2920 3.1: the end of the content is no command that must come last in a group.
bool ClientSession::announce(Delivery next) {
    if (phase_ != Phase::content || settings_.lmtp || !peer_offers(Extension::pipelining))
        return false;
    Transaction present = std::exchange(present_, Transaction(std::move(next)));
    refuse_unsendable();
    bool const goes_whole = !has(Fate::settled);
    if (goes_whole) {
        send_envelope();  // in this phase no other command waits for being written or answered
        announcement_.swap(output_);
        expected_of_announced_.swap(expected_);
        announced_ = std::exchange(present_, {});
    }
    present_ = std::move(present);
    return goes_whole;
}

void ClientSession::go_on() {
    present_ = std::move(*announced_);
    announced_.reset();
    phase_ = Phase::talking;
}

void ClientSession::send(std::string_view command, Expected expected) {
    output_ += command;
    output_ += "\r\n";
    expected_.push_back(expected);
}

void ClientSession::send_envelope() {
    send(mail_command(), {Expect::mail});
    if (!peer_offers(Extension::pipelining)) return;
    // RFC 2920 3.1: DATA may only come last in a group.
    while (send_next_recipient()) continue;
    if (!present_.delivery.envelope_only) send("DATA", {Expect::data});
}

bool ClientSession::send_next_recipient() {
    while (present_.next_recipient < present_.fates.size() &&
           present_.fates[present_.next_recipient] != Fate::open) {
        ++present_.next_recipient;
    }
    if (present_.next_recipient == present_.fates.size()) return false;
    send(
        rcpt_command(present_.delivery.recipients[present_.next_recipient]),
        {Expect::rcpt, present_.next_recipient}
    );
    ++present_.next_recipient;
    return true;
}

void ClientSession::continue_envelope() {
    if (peer_offers(Extension::pipelining)) {  // all of it is under way
        if (expected_.empty()) give_up_transaction();
        return;
    }
    if (send_next_recipient()) return;
    if (has(Fate::accepted)) {
        send("DATA", {Expect::data});
        return;
    }
    give_up_transaction();
}

void ClientSession::give_up_transaction() {
    needs_reset_ = true;
    phase_ = Phase::done;
}

void ClientSession::content_sent() {
    if (phase_ != Phase::content) return;  // closed meanwhile
    phase_ = Phase::talking;
    if (!settings_.lmtp) {
        expected_.push_back({Expect::end_of_data});
        expected_.insert(
            expected_.end(), expected_of_announced_.begin(), expected_of_announced_.end()
        );
        expected_of_announced_.clear();
        announcement_.clear();
        return;
    }
    // RFC 2033 4.2: one reply for each recipient that was accepted, in the order of RCPT.
    for (std::size_t i = 0; i < present_.fates.size(); ++i) {
        if (present_.fates[i] == Fate::accepted) expected_.push_back({Expect::end_of_data, i});
    }
}

void ClientSession::quit() {
    phase_ = Phase::talking;
    send("QUIT", {Expect::quit});
}

void ClientSession::connection_lost(std::string_view what) {
    if (phase_ == Phase::closed) return;
    if (!expected_.empty() && expected_.front().what == Expect::quit) {
        phase_ = Phase::closed;  // RFC 5321 4.1.1.10: all is said, only the good-bye is missing
        return;
    }
    auto text = fmt::format("{} waiting for the reply to {}", what, step_name());
    if (expected_.empty()) {
        text = fmt::format("{} during {}", what, step_name());
    } else if (expected_.front().what == Expect::greeting) {
        text = fmt::format("{} waiting for the greeting", what);
    } else if (expected_.front().what == Expect::end_of_data) {
        text += "; the host may have the message";  // RFC 1047
    }
    output_.clear();
    failure_is_ours_ = true;
    close({451, {4, 2}, text});
}

mail::Duration ClientSession::time_limit() const {
    return std::min(step_limit(), settings_.longest_wait);
}

mail::Duration ClientSession::step_limit() const {
    if (expected_.empty()) return phase_ == Phase::content ? block_timeout : command_timeout;
    switch (expected_.front().what) {
        case Expect::greeting:
            return greeting_timeout;
        case Expect::mail:
            return mail_timeout;
        case Expect::rcpt:
            return rcpt_timeout;
        case Expect::data:
            return data_timeout;
        case Expect::end_of_data:
        case Expect::end_of_nothing:
            return end_of_data_timeout;
        case Expect::quit:
            return quit_timeout;
        case Expect::ehlo:
        case Expect::lhlo:
        case Expect::helo:
        case Expect::starttls:
        case Expect::auth:
        case Expect::rset:
            break;
    }
    return command_timeout;
}

std::string_view ClientSession::step_name() const {
    if (phase_ == Phase::closed) return "closed";
    if (phase_ == Phase::handshake) return "TLS handshake";
    if (expected_.empty()) return phase_ == Phase::content ? "content" : "idle";
    switch (expected_.front().what) {
        case Expect::greeting:
            return "greeting";
        case Expect::ehlo:
            return "EHLO";
        case Expect::lhlo:
            return "LHLO";
        case Expect::helo:
            return "HELO";
        case Expect::starttls:
            return "STARTTLS";
        case Expect::auth:
            return "AUTH";
        case Expect::mail:
            return "MAIL";
        case Expect::rcpt:
            return "RCPT";
        case Expect::data:
            return "DATA";
        case Expect::end_of_data:
        case Expect::end_of_nothing:
            return "end of data";
        case Expect::rset:
            return "RSET";
        case Expect::quit:
            return "QUIT";
    }
    return {};
}

bool ClientSession::has(Fate fate) const {
    return std::find(present_.fates.begin(), present_.fates.end(), fate) != present_.fates.end();
}

void ClientSession::settle(std::size_t recipient, mail::Status const& status) {
    present_.outcomes[recipient] = status;
    present_.fates[recipient] = Fate::settled;
}

void ClientSession::settle_all(mail::Status const& status) {
    for (std::size_t i = 0; i < present_.fates.size(); ++i) {
        if (present_.fates[i] != Fate::settled) settle(i, status);
    }
}

void ClientSession::close(mail::Status const& failure) {
    settle_all(failure);
    failure_ = failure;
    expected_.clear();
    phase_ = Phase::closed;
}

// What a peer means that breaks the protocol, nobody knows: try again later, perhaps elsewhere.
void ClientSession::close_as_nonsense(std::string_view what) {
    auto const step = step_name();
    output_.clear();
    failure_is_ours_ = true;
    close({451, {5, 0}, fmt::format("The host broke the protocol at {}: {}", step, what)});
}

}  // namespace splitmx::smtp
