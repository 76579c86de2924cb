#include "smtp/server_session.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::smtp {

void ServerSession::run_mail(std::string_view argument) {
    if (state_ == State::greeting) return answer({503, {5, 1}, "EHLO or HELO first, please"});
    if (in_transaction()) return answer({503, {5, 1}, "A sender is given already"});
    if (messages_ >= settings_.max_messages) {
        return add_reply({421, {7, 0}, "Enough messages on this connection, open another one"});
    }
    auto offered = settings_.offered;
    if (offers_auth()) offered.add(Extension::auth);
    auto read = read_mail(argument, offered, settings_.max_message);
    if (auto const* fault = std::get_if<mail::Status>(&read)) {
        sender_refused_ = true;
        return answer(*fault);
    }
    auto& accepted = std::get<MailCommand>(read);
    reset();
    transaction_.from = std::move(accepted.from);
    transaction_.declared_size = accepted.declared_size;
    transaction_.body = accepted.body;
    transaction_.smtputf8 = accepted.smtputf8;
    transaction_.returns = accepted.returns;
    transaction_.envelope_id = std::move(accepted.envelope_id);
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
            auto read =
                read_rcpt(command.argument, settings_.offered, transaction_.smtputf8);
            if (auto* asked = std::get_if<RcptCommand>(&read)) {
                to_verify_.push_back(asked->path);
                asked_.push_back(std::move(*asked));
                group_.emplace_back();
            } else {
                group_.emplace_back(std::get<mail::Status>(read));
            }
        }
        tell_ear(line->text);
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
            auto& asked = asked_[used];
            transaction_.recipients.push_back(
                {std::move(asked.path), offered_ + used, asked.notify, std::move(asked.original)}
            );
            state_ = State::have_recipients;
        } else {
            recipient_refused_ = true;
        }
        ++used;
        if (count_verdict(verdict)) return;
        add_reply(verdict);
    }
    offered_ += used;
    group_.clear();
    to_verify_.clear();
    asked_.clear();
}

bool ServerSession::count_verdict(mail::Status const& verdict) {
    if (verdict.is_positive()) ++known_recipients_;
    bool const is_unknown = verdict.code == 550 && verdict.enhanced == mail::EnhancedCode{1, 1};
    if (!is_unknown) return false;
    ++unknown_recipients_;
    if (unknown_recipients_ >= settings_.unknown_limit && unknown_recipients_ > known_recipients_) {
        add_reply({421, {7, 0}, "Too many unknown recipients, closing the connection"});
        return true;
    }
    if (unknown_recipients_ > settings_.unknown_free) {
        auto const beyond = unknown_recipients_ - settings_.unknown_free;
        auto const step = std::min(unknown_delay_step * beyond, longest_unknown_delay);
        delay_ = std::min(delay_ + step, longest_delay);
    }
    return false;
}

mail::Duration ServerSession::take_delay() { return std::exchange(delay_, mail::Duration()); }

}  // namespace splitmx::smtp
