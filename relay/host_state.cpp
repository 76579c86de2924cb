#include "relay/host_state.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::relay {

HostState::HostState(unsigned limit, mail::Duration fresh, Moment now)
    : limit_(std::max(limit, 1U)),
      fresh_(fresh),
      window_(std::min(first_window, limit_)),
      since_(now),
      failed_at_(now),
      quiet_(fresh) {}

HostState::Entry HostState::ask(Moment now, Why why) const {
    if (pause_) return Entry::paused;
    if (!down_) return has_place() ? Entry::granted : Entry::full;
    if (used_ > 0) return Entry::down;
    if (why == Why::forced) return Entry::granted;
    auto const silence = why == Why::idle ? quiet_ : fresh_;
    return now >= failed_at_ + silence ? Entry::granted : Entry::down;
}

bool HostState::has_place() const {
    if (pause_) return false;
    return down_ ? used_ == 0 : used_ < window_;
}

void HostState::leave(bool was_connected) {
    --used_;
    if (was_connected) --connected_;
}

void HostState::set_limit(unsigned limit, mail::Duration fresh) {
    limit_ = std::max(limit, 1U);
    fresh_ = fresh;
    window_ = std::clamp(window_, 1U, limit_);
}

bool HostState::connected(Moment now) {
    ++connected_;
    return come_back(now);
}

// One that fell while others were still connected may show with them that it works.
bool HostState::carried(Moment now, HostReply reply) {
    note(now, std::move(reply));
    bool const changed = come_back(now);
    window_ = std::min(window_ + 1, limit_);
    return changed;
}

bool HostState::come_back(Moment now) {
    if (!std::exchange(down_, false)) return false;
    window_ = 1;
    quiet_ = fresh_;
    if (pause_) return false;
    since_ = now;
    return true;
}

bool HostState::broke(Moment now, HostReply reply) {
    note(now, std::move(reply));
    if (window_ > 1) {
        --window_;
        return false;
    }
    return go_down(now);
}

// A host that takes no further connection still works on those it has.
bool HostState::unreachable(Moment now, HostReply reply) {
    note(now, std::move(reply));
    if (!down_ && connected_ > 0) {
        window_ = std::max(connected_, 1U);
        return false;
    }
    return go_down(now);
}

bool HostState::go_down(Moment now) {
    failed_at_ = now;
    if (down_) {
        quiet_ = std::min<mail::Duration>(quiet_ * 2, longest_silence);
        return false;
    }
    down_ = true;
    window_ = 1;
    quiet_ = std::min<mail::Duration>(fresh_ * 2, longest_silence);
    if (pause_) return false;
    since_ = now;
    return true;
}

bool HostState::pause(Moment now, std::string reason) {
    bool const is_new = !pause_;
    pause_ = std::move(reason);
    if (is_new) since_ = now;
    return is_new;
}

// Whatever it was before, it gets a new chance.
bool HostState::resume(Moment now) {
    if (!pause_) return false;
    pause_.reset();
    down_ = false;
    since_ = now;
    return true;
}

HostCondition HostState::condition() const {
    if (pause_) return HostCondition::paused;
    return down_ ? HostCondition::down : HostCondition::up;
}

std::optional<HostState::Moment> HostState::next_probe() const {
    if (condition() != HostCondition::down) return std::nullopt;
    return failed_at_ + quiet_;
}

void HostState::note(Moment now, HostReply reply) {
    last_reply_ = std::move(reply);
    last_reply_at_ = now;
}

}  // namespace splitmx::relay
