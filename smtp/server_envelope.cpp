#include "smtp/server_session.hpp"

#include <utility>

namespace splitmx::smtp {

void ServerSession::run_mail(std::string_view argument) {
    if (state_ == State::greeting) return answer({503, {5, 1}, "EHLO or HELO first, please"});
    if (in_transaction()) return answer({503, {5, 1}, "A sender is given already"});
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

}  // namespace splitmx::smtp
