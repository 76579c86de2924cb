#include "smtp/server_session.hpp"

#include <utility>

namespace splitmx::smtp {

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
    ++messages_;
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

std::string ServerSession::take_body() { return std::exchange(body_, {}); }

}  // namespace splitmx::smtp
