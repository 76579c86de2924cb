#include "directory/copy/copy.hpp"

#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::directory::copy {

namespace {

namespace sync = ldap::sync;
using std::chrono::steady_clock;

// A server need not tell that somebody's rights have changed, or that a container of entries got
// another name: once a day everything is compared.
constexpr std::chrono::hours compare_after{24};
// Told one by one; more of them in one refresh are a number in its line.
constexpr std::size_t shared_told_at_most = 100;
constexpr std::chrono::minutes removal_window{1};
constexpr std::size_t remarks_kept = 20;     // of one entry
constexpr std::size_t stripped_kept = 1000;  // of more, everything is read again

mail::Duration whole(steady_clock::duration time) {
    return std::chrono::duration_cast<mail::Duration>(time);
}

// Remarks are for `directory lint`. Addresses of other systems (X.400, SIP) stand in every entry of
// some directories, and are of no concern to it.
void keep_what_tells(std::vector<schema::MappingRemark>& remarks) {
    std::erase_if(remarks, [](schema::MappingRemark const& remark) {
        return remark.id == schema::RemarkId::foreign_type;
    });
    if (remarks.size() > remarks_kept) remarks.resize(remarks_kept);
}

std::string to_text(Counts const& counts) {
    return fmt::format(
        "{} mailboxes, {} custom recipients, {} groups",
        counts.mailboxes,
        counts.custom_recipients,
        counts.groups
    );
}

}  // namespace

Copy::Copy(Settings settings, CopyObserver observer, CopyClock clock)
    : settings_(std::move(settings)), observer_(std::move(observer)), clock_(std::move(clock)) {}

// -- readers -------------------------------------------------------------------------------------

// The index first, then whether it may be believed: never the other way round, for the answer to
// the second must hold for the first.
resolver::Answer Copy::find(resolver::LookupKey const& key) const {
    auto answer = std::visit([this](auto const& k) { return index_.find(k); }, key);
    auto const now = standing();
    if (now.stage != Stage::live && now.stage != Stage::stale) return resolver::NotAsked{};
    if (!std::holds_alternative<resolver::None>(answer)) {
        return now.age <= settings_.max_age ? answer : resolver::NotAsked{};
    }
    // A directory without a single recipient is one that does not show them.
    bool const may_say_no = now.stage == Stage::live && index_.counts().recipients() > 0;
    return may_say_no ? answer : resolver::NotAsked{};
}

Standing Copy::standing() const {
    if (direct_) return {Stage::direct, {}};
    if (!complete_) return {refreshing_ ? Stage::loading : Stage::empty, {}};
    auto const heard_at = steady_clock::time_point(steady_clock::duration(heard_.load()));
    auto const age = std::max(whole(clock_.steady() - heard_at), mail::Duration::zero());
    // Whoever is not listening does not know what is new by now, however short a time ago that was.
    bool const fresh = in_touch_ && age <= settings_.fresh;
    return {fresh ? Stage::live : Stage::stale, age};
}

CopyHealth Copy::health() const {
    CopyHealth health;
    health.standing = standing();
    health.counts = index_.counts();
    health.refreshing = refreshing_;
    std::lock_guard const lock(mutex_);
    health.server = server_;
    health.method = method_;
    health.connected = connected_;
    health.last_heard = last_heard_;
    health.last_change = last_change_;
    health.snapshot = snapshot_;
    health.held = held_;
    health.refreshes = refreshes_;
    health.failures = failures_;
    health.wants_everything = want_everything_;
    health.last_refresh = last_refresh_;
    health.problems = problems();
    return health;
}

std::vector<std::string> Copy::problems() const {
    std::vector<std::string> all;
    if (!session_problem_.empty()) all.push_back(session_problem_);
    if (held_) {
        all.push_back(fmt::format(
            "removals are held until they are seen again or accepted: {}", to_text(held_->loss)
        ));
    }
    if (!removal_problem_.empty()) all.push_back(removal_problem_);
    if (complete_ && index_.counts().recipients() == 0) {
        all.emplace_back(
            "the directory shows no recipients: look at base, profile and the rights "
            "of bind_dn"
        );
    }
    if (!snapshot_problem_.empty()) all.push_back(snapshot_problem_);
    return all;
}

// -- the administrator ---------------------------------------------------------------------------

AcceptResult Copy::accept() {
    Happened happened;
    {
        std::lock_guard const lock(mutex_);
        if (!held_) return AcceptResult::nothing_held;
        if (!held_is_valid_) return AcceptResult::refresh_under_way;
        note(false, fmt::format("accepted: {} are removed", to_text(held_->loss)));
        sweep();
        cookie_ = std::exchange(pending_, std::nullopt);
        held_.reset();
        happened_.settled = true;
        happened = std::exchange(happened_, {});
    }
    tell(happened);
    return AcceptResult::done;
}

void Copy::want_everything() {
    std::lock_guard const lock(mutex_);
    want_everything_ = true;
}

// -- events --------------------------------------------------------------------------------------

std::optional<sync::Cookie> Copy::start_cookie(std::string const&, ldap::ServerFacts const&) {
    std::lock_guard const lock(mutex_);
    if (want_everything_ || held_ || !complete_) return std::nullopt;
    return cookie_;
}

sync::Reply Copy::take(std::vector<sync::Event> events) {
    Happened happened;
    bool restart = false;
    {
        std::lock_guard const lock(mutex_);
        for (auto const& event : events) {
            std::visit([this](auto const& one) { on(one); }, event);
        }
        restart_when_due();
        restart = std::exchange(restart_, false);
        happened = std::exchange(happened_, {});
    }
    tell(happened);
    return restart ? sync::Reply::restart : sync::Reply::go_on;
}

void Copy::tell(Happened const& happened) {
    if (observer_.note) {
        for (auto const& note : happened.notes) observer_.note(note);
    }
    if (observer_.shared) {
        for (auto const& shared : happened.effects.shared) observer_.shared(shared);
    }
    if (observer_.changed && !happened.effects.changed.empty()) {
        observer_.changed(happened.effects.changed);
    }
    if (observer_.settled && happened.settled) observer_.settled();
}

void Copy::on(sync::Connected const& event) {
    server_ = event.uri;
    method_ = event.method;
    connected_ = true;
    direct_ = false;
}

void Copy::on(sync::RefreshBegins const& event) {
    refreshing_ = true;
    ++round_;
    index_.begin_refresh();
    refresh_began_ = clock_.steady();
    refresh_changes_ = refresh_removals_ = shared_told_ = 0;
    began_with_cookie_ = event.cookie.has_value();
    brings_everything_ = want_everything_ && !began_with_cookie_;
    lost_track_ = held_is_valid_ = false;
    stripped_.clear();
    stripped_count_ = 0;
    // It was refused, or what is here cannot be trusted: it is good for nothing any more.
    if (!began_with_cookie_) cookie_.reset();
}

void Copy::on(sync::EntryChange const& event) {
    switch (event.state) {
        case sync::EntryChange::State::present:
            confirm(event.id);
            break;
        case sync::EntryChange::State::add:
        case sync::EntryChange::State::modify:
            put(event);
            break;
        case sync::EntryChange::State::remove:
            remove(event.id);
            break;
    }
    keep(event.cookie);
    heard();
}

void Copy::put(sync::EntryChange const& event) {
    auto mapping = schema::map(settings_.profile, event.entry);
    std::optional<resolver::Recipient> recipient;
    if (auto* mapped = std::get_if<resolver::Recipient>(&mapping.outcome)) {
        recipient = std::move(*mapped);
    }
    keep_what_tells(mapping.remarks);
    if (refreshing_ && seems_stripped(event.id, recipient)) {
        if (++stripped_count_ <= stripped_kept) {
            stripped_.push_back({event.id, std::move(recipient), std::move(mapping.remarks)});
        }
        return;
    }
    Effects effects;
    if (!index_.put(event.id, recipient, &effects, mapping.remarks)) return;
    ++refresh_changes_;
    changed();
    auto& all = happened_.effects;
    if (complete_) {
        std::move(effects.changed.begin(), effects.changed.end(), std::back_inserter(all.changed));
    }
    for (auto& shared : effects.shared) {
        if (!refreshing_ || shared_told_++ < shared_told_at_most) {
            all.shared.push_back(std::move(shared));
        }
    }
}

// An entry that had addresses and has none: when many lose them in a refresh, it is a right that
// was withdrawn. It is left unconfirmed, so that the guard counts it.
bool Copy::seems_stripped(ldap::EntryId const& id, std::optional<resolver::Recipient> const& now)
    const {
    return complete_ && (!now || now->addresses.empty()) && index_.has_addresses(id);
}

void Copy::remove(ldap::EntryId const& id) {
    auto const now = clock_.steady();
    if (now - removals_since_ > removal_window) {
        removals_since_ = now;
        removals_ = 0;
        entries_before_removals_ = index_.counts().entries();
        removal_problem_.clear();
    }
    if (!index_.remove(id, complete_ ? &happened_.effects : nullptr)) return;
    ++refresh_removals_;
    changed();
    if (!is_mass(++removals_, entries_before_removals_)) return;
    bool const first = removal_problem_.empty();
    removal_problem_ = fmt::format(
        "the directory removed {} of {} entries one by one", removals_, entries_before_removals_
    );
    if (first) {
        note(
            true,
            fmt::format(
                "the directory is removing many entries, {} of {} by now: they are gone, "
                "because it said so for each",
                removals_,
                entries_before_removals_
            )
        );
    }
}

void Copy::confirm(ldap::EntryId const& id) {
    if (!index_.confirm(id)) lost_track_ = true;
}

void Copy::on(sync::IdSet const& event) {
    for (auto const& id : event.ids) {
        if (event.meaning == sync::IdSet::Meaning::removed)
            remove(id);
        else
            confirm(id);
    }
    keep(event.cookie);
    heard();
}

void Copy::on(sync::NewCookie const& event) {
    keep(event.cookie);
    heard();
}

void Copy::keep(std::optional<sync::Cookie> const& cookie) {
    if (!cookie || refreshing_) return;
    auto& kept = held_ ? pending_ : cookie_;
    if (kept == cookie) return;
    kept = cookie;
    dirty_ = true;
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
        last_full_ = clock_.steady();
        if (brings_everything_) want_everything_ = false;
    }
    auto loss = measure_loss(index_);
    bool const seen_twice = held_ && held_->loss.digest == loss.digest;
    if (complete_ && loss.lost > 0 && needs_consent(loss) && !seen_twice) {
        return hold(loss, std::move(cookie));
    }
    if (seen_twice && loss.lost > 0) {
        note(true, fmt::format("seen twice, so it is true: {} are removed", to_text(loss)));
    }
    end_refresh(loss, std::move(cookie));
}

void Copy::hold(Loss const& loss, std::optional<sync::Cookie> cookie) {
    pending_ = std::move(cookie);
    cookie_.reset();
    held_ = HeldLoss{loss, clock_.wall()};
    held_is_valid_ = true;
    count_refresh(0);
    second_look_ = clock_.steady() + settings_.second_look;
    note(
        true,
        fmt::format(
            "a refresh would remove {}: held until it is seen again or accepted with "
            "\"splitmx directory accept\"; they go on being served",
            to_text(loss)
        )
    );
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
    count_refresh(loss.lost);
    heard();
    session_problem_.clear();
    happened_.settled = true;
    dirty_ = true;
    if (refresh_changes_ + refresh_removals_ + loss.lost == 0 && !first) return;
    auto text = fmt::format(
        "{} in {} ms from {}: {} entries changed, {} removed; {}",
        first ? "read" : "brought up to date",
        whole(clock_.steady() - refresh_began_).count(),
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
        refresh_changes_, refresh_removals_ + removed, whole(clock_.steady() - refresh_began_)};
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

void Copy::on(sync::Heard const&) { heard(); }

void Copy::on(sync::SessionEnds const& event) {
    bool const was_connected = std::exchange(connected_, false);
    refreshing_ = false;
    in_touch_ = false;
    if (event.reason == sync::EndReason::unsupported) direct_ = true;
    if (event.reason == sync::EndReason::restarted || event.reason == sync::EndReason::stopped) {
        return;
    }
    ++failures_;
    auto text = fmt::format("{}: {}", event.uri, event.text);
    if (was_connected || text != session_problem_) note(true, text);
    session_problem_ = std::move(text);
}

// Inside a refresh the server's words say nothing about how recent the rest is.
void Copy::heard() {
    if (refreshing_ || !complete_) return;
    heard_ = clock_.steady().time_since_epoch().count();
    in_touch_ = true;
    last_heard_ = clock_.wall();
    session_problem_.clear();
}

void Copy::changed() {
    last_change_ = clock_.wall();
    dirty_ = true;
}

void Copy::restart_when_due() {
    if (refreshing_ || !connected_ || !complete_) return;
    auto const now = clock_.steady();
    if (held_ && now >= second_look_) {
        second_look_ = now + settings_.second_look;
        restart_ = true;
    }
    if (method_ == ldap::SyncMethod::syncrepl && now - last_full_ >= compare_after) {
        last_full_ = now;
        want_everything_ = restart_ = true;
    }
}

void Copy::note(bool alarm, std::string text) {
    happened_.notes.push_back({alarm, std::move(text)});
}

// -- snapshots -----------------------------------------------------------------------------------

std::optional<Copy::Cut> Copy::begin_cut() {
    std::lock_guard const lock(mutex_);
    if (!complete_ || refreshing_) return std::nullopt;
    dirty_ = false;
    return Cut{round_, cookie_, server_, last_heard_.value_or(clock_.wall())};
}

bool Copy::append_shard(
    Cut const& cut, std::size_t shard, std::string& octets, Index::Tally& tally
) {
    std::lock_guard const lock(mutex_);
    if (round_ != cut.round) {
        dirty_ = true;
        return false;
    }
    index_.append_shard(shard, octets, tally);
    return true;
}

void Copy::append_dictionaries(std::string& octets) {
    std::lock_guard const lock(mutex_);
    index_.codec().append_dictionaries(octets);
}

void Copy::snapshot_written(mail::Instant at) {
    std::lock_guard const lock(mutex_);
    snapshot_ = at;
    snapshot_problem_.clear();
}

void Copy::snapshot_failed(std::string const& why) {
    std::lock_guard const lock(mutex_);
    dirty_ = true;
    snapshot_problem_ = why;
}

void Copy::loaded(Cut const& cut) {
    std::lock_guard const lock(mutex_);
    auto const now = clock_.steady();
    auto const age = std::max(clock_.wall() - cut.heard, mail::Instant::duration::zero());
    heard_ =
        (now - std::chrono::duration_cast<steady_clock::duration>(age)).time_since_epoch().count();
    cookie_ = cut.cookie;
    server_ = cut.server;
    last_heard_ = cut.heard;
    snapshot_ = clock_.wall();
    last_full_ = now;
    complete_ = true;
}

}  // namespace splitmx::directory::copy
