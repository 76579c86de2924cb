// Refreshes of a copy: what they remove when they come to their end, what is held, and when another
// one is due.
#include "directory/copy/copy.hpp"

#include <fmt/format.h>

namespace splitmx::directory::copy {

namespace {

namespace sync = ldap::sync;
using std::chrono::steady_clock;

// A server need not tell that somebody's rights have changed: once a day everything is compared.
constexpr std::chrono::hours compare_after{24};

std::string to_text(Counts const& counts) {
    return fmt::format(
        "{} mailboxes, {} custom recipients, {} groups",
        counts.mailboxes,
        counts.custom_recipients,
        counts.groups
    );
}

}  // namespace

void Copy::on(sync::RefreshBegins const& event) {
    refreshing_ = true;
    ++round_;
    index_.begin_refresh();
    refresh_began_ = clock_.steady();
    refresh_changes_ = refresh_removals_ = shared_told_ = 0;
    began_with_cookie_ = event.cookie.has_value();
    brings_everything_ = want_everything_ && !began_with_cookie_;
    lost_track_ = held_is_valid_ = false;
    elsewhere_now_.clear();
    stripped_.clear();
    stripped_count_ = 0;
    // It was refused, or what is here cannot be trusted: it is good for nothing any more.
    if (!began_with_cookie_) cookie_.reset();
}

void Copy::on(sync::RefreshEnds const& event) {
    if (!refreshing_) return;
    refreshing_ = false;
    auto cookie = event.cookie ? event.cookie : cookie_;
    bool const whole_content =
        event.phase == sync::RefreshEnds::Phase::present || !began_with_cookie_;
    if (lost_track_ && began_with_cookie_) {
        note(true, "the server calls entries present that are not here: everything is read anew");
        want_everything_ = restart_ = true;
        return;
    }
    if (!whole_content) {
        cookie_ = std::move(cookie);
        apply_stripped();
        // Removals that wait can only be seen again in a whole refresh, which begins without a
        // cookie.
        return end_refresh({}, std::nullopt);
    }
    if (!began_with_cookie_) {
        elsewhere_ = std::move(elsewhere_now_);
        partial_ = !elsewhere_.empty();
        last_full_ = clock_.steady();
        if (brings_everything_) want_everything_ = doubted_ = false;
    }
    auto loss = measure_loss(index_);
    bool const seen_twice = is_seen_twice(loss);
    if (brings_everything_) told_to_look_ = false;
    // While something is held the rest of it is no smaller matter than the whole was.
    bool const is_grave = needs_consent(loss) || held_ || is_behind_;
    if (is_behind_) mark_as_behind();
    is_behind_ = false;
    if (complete_ && loss.lost > 0 && is_grave && !seen_twice) {
        return hold(loss, std::move(cookie));
    }
    if (seen_twice && loss.lost > 0) {
        note(true, fmt::format("seen twice, so it is true: {} are removed", to_text(loss)));
    }
    end_refresh(loss, std::move(cookie));
}

// The same entries are missing, and not only because a connection was made anew a moment later.
bool Copy::is_seen_twice(Loss const& loss) const {
    if (!held_ || held_->loss.digest != loss.digest) return false;
    bool const told_to = told_to_look_ && brings_everything_ && refresh_changes_ == 0;
    return told_to || clock_.steady() >= second_look_;
}

void Copy::wait_for_second_look() {
    second_look_ = next_look_ = clock_.steady() + settings_.second_look;
}

// It may be a replica that is late, or a backup: what it does not show is no removal yet, and what
// it shows may be older than what is here.
void Copy::mark_as_behind() {
    is_behind_ = true;
    auto const until = clock_.steady() + settings_.second_look;
    behind_until_ = until.time_since_epoch().count();
}

void Copy::hold(Loss const& loss, std::optional<sync::Cookie> cookie) {
    pending_ = std::move(cookie);
    cookie_.reset();
    held_is_valid_ = true;
    count_refresh(0);
    if (!held_ || held_->loss.digest != loss.digest) {
        held_ = HeldLoss{loss, clock_.wall()};
        wait_for_second_look();
        note(
            true,
            fmt::format(
                "a refresh would remove {}: held until it is seen again or accepted with "
                "\"splitmx directory accept\"; they go on being served",
                to_text(loss)
            )
        );
    }
    heard();
    happened_.settled = true;
    dirty_ = true;
}

void Copy::end_refresh(Loss const& loss, std::optional<sync::Cookie> cookie) {
    if (loss.lost > 0) sweep();
    if (loss.entries > 0 || !began_with_cookie_) {
        cookie_ = std::move(cookie);
        held_.reset();
        pending_.reset();
    }
    bool const first = !complete_.exchange(true);
    tell_if_empty();
    count_refresh(loss.lost);
    heard();
    session_problem_.clear();
    happened_.settled = true;
    dirty_ = true;
    if (refresh_changes_ + refresh_removals_ + loss.lost == 0 && !first) return;
    auto text = fmt::format(
        "{} in {} ms from {}: {} entries changed, {} removed; {}",
        first ? "read" : "brought up to date",
        mail::to_duration(clock_.steady() - refresh_began_).count(),
        server_,
        refresh_changes_,
        refresh_removals_ + loss.lost,
        to_text(index_.counts())
    );
    if (shared_told_ > shared_told_at_most) {
        text += fmt::format("; {} addresses with several owners", shared_told_);
    }
    note(false, std::move(text));
}

void Copy::count_refresh(std::size_t removed) {
    ++refreshes_;
    last_refresh_ = {
        refresh_changes_,
        refresh_removals_ + removed,
        mail::to_duration(clock_.steady() - refresh_began_)};
}

void Copy::sweep() {
    index_.sweep(complete_ ? &happened_.effects : nullptr);
    apply_stripped();
    changed();
}

void Copy::apply_stripped() {
    for (auto const& [id, recipient, remarks] : stripped_) {
        index_.put(id, recipient, &happened_.effects, remarks);
    }
    if (stripped_count_ > stripped_.size()) want_everything_ = restart_ = true;
    if (stripped_count_ > 0) changed();
    stripped_.clear();
    stripped_count_ = 0;
}

void Copy::restart_when_due() {
    if (refreshing_ || !connected_ || !complete_) return;
    auto const now = clock_.steady();
    if (held_ && now >= next_look_) {
        next_look_ = now + settings_.second_look;
        restart_ = true;
    }
    if (doubted_ && now >= next_doubt_) {
        next_doubt_ = now + settings_.second_look;
        restart_ = true;
    }
    if (method_ != ldap::SyncMethod::poll && now - last_full_ >= compare_after) {
        last_full_ = now;
        want_everything_ = restart_ = true;
    }
}

}  // namespace splitmx::directory::copy
