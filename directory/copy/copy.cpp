// What a copy says to readers and to the administrator, and what goes into a snapshot.
#include "directory/copy/copy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::directory::copy {

namespace {

namespace sync = ldap::sync;
using std::chrono::steady_clock;

constexpr std::chrono::hours oldest_of_389{24};
constexpr auto shows_nobody =
    "the directory shows no recipients: look at base, profile and the rights of bind_dn";

}  // namespace

Copy::Copy(Settings settings, CopyObserver observer, CopyClock clock)
    : settings_(std::move(settings)), observer_(std::move(observer)), clock_(std::move(clock)) {}

// The index first, then whether it may be believed: never the other way round, for the answer to
// the second must hold for the first.
resolver::Answer Copy::find(resolver::LookupKey const& key) const {
    auto answer = std::visit([this](auto const& k) { return index_.find(k); }, key);
    auto const now = standing();
    if (now.stage != Stage::live && now.stage != Stage::stale) return resolver::NotAsked{};
    if (!std::holds_alternative<resolver::None>(answer)) {
        return now.age <= settings_.max_age ? answer : resolver::NotAsked{};
    }
    if (is_server_behind()) return resolver::NotAsked{};
    // A directory without a single recipient is one that does not show them.
    bool const may_say_no =
        now.stage == Stage::live && !doubted_ && !partial_ && index_.counts().recipients() > 0;
    return may_say_no ? answer : resolver::NotAsked{};
}

resolver::Answer Copy::last_found(resolver::LookupKey const& key) const {
    auto answer = std::visit([this](auto const& k) { return index_.find(k); }, key);
    bool const counts =
        complete_ && !std::holds_alternative<resolver::None>(answer) && age() <= settings_.max_age;
    return counts ? answer : resolver::NotAsked{};
}

bool Copy::has_nobody(resolver::LookupKey const& key) const {
    auto const answer = std::visit([this](auto const& k) { return index_.find(k); }, key);
    auto const now = standing();
    bool const whole = (now.stage == Stage::live || now.stage == Stage::stale) && !doubted_ &&
                       !partial_ && index_.counts().recipients() > 0;
    return whole && now.age <= settings_.max_age && std::holds_alternative<resolver::None>(answer);
}

bool Copy::is_server_behind() const {
    return clock_.steady().time_since_epoch().count() < behind_until_.load();
}

std::string Copy::doubt_about_server() const {
    if (is_server_behind()) return "the server knew less than the copy when it was read";
    return complete_ && index_.counts().recipients() == 0 ? shows_nobody : std::string();
}

void Copy::tell_if_empty() {
    bool const is_empty = index_.counts().recipients() == 0;
    if (is_empty && !told_empty_) {
        note(
            true,
            fmt::format("{}; until then nobody is called unknown, and mail waits", shows_nobody)
        );
    }
    told_empty_ = is_empty;
}

Standing Copy::standing() const {
    if (direct_) return {Stage::direct, {}};
    if (!complete_) return {refreshing_ ? Stage::loading : Stage::empty, {}};
    // Whoever is not listening does not know what is new by now, however short a time ago that was.
    auto const now = age();
    bool const fresh = in_touch_ && now <= settings_.fresh;
    return {fresh ? Stage::live : Stage::stale, now};
}

mail::Duration Copy::age() const {
    auto const heard_at = steady_clock::time_point(steady_clock::duration(heard_.load()));
    return std::max(mail::to_duration(clock_.steady() - heard_at), mail::Duration::zero());
}

CopyHealth Copy::health() const {
    CopyHealth health;
    health.standing = standing();
    health.counts = index_.counts();
    health.foreign_addresses = index_.foreign_addresses();
    health.refreshing = refreshing_;
    std::lock_guard const lock(mutex_);
    health.server = server_;
    health.method = method_;
    health.connected = connected_;
    if (connected_) health.connected_since = connected_since_;
    health.protection = protection_;
    health.last_heard = last_heard_;
    health.last_change = last_change_;
    health.changes = changes_;
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
    for (auto const& uri : elsewhere_) {
        all.push_back(fmt::format(
            "a part of the base is at {}, and not read: nobody can be called unknown", uri
        ));
    }
    if (!removal_problem_.empty()) all.push_back(removal_problem_);
    if (complete_ && index_.counts().recipients() == 0) {
        all.emplace_back(shows_nobody);
    }
    if (!snapshot_problem_.empty()) all.push_back(snapshot_problem_);
    return all;
}

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
    told_to_look_ = held_.has_value();
}

std::optional<sync::Cookie> Copy::start_cookie(
    std::string const&, ldap::ServerFacts const& facts
) {
    std::lock_guard const lock(mutex_);
    if (want_everything_ || held_ || !complete_) return std::nullopt;
    // 389 forgets changes (nsslapd-changelogmaxage, two days where nothing else is set), and takes a
    // cookie from before them without a word.
    bool const is_old = clock_.wall() - last_heard_.value_or(mail::Instant()) > oldest_of_389;
    if (facts.vendor == ldap::Vendor::directory_389 && is_old) return std::nullopt;
    return cookie_;
}

std::optional<Copy::Cut> Copy::begin_cut() {
    std::lock_guard const lock(mutex_);
    if (!complete_ || refreshing_) return std::nullopt;
    dirty_ = false;
    return Cut{
        round_,
        cookie_,
        server_,
        last_heard_.value_or(clock_.wall()),
        {elsewhere_.begin(), elsewhere_.end()}};
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
    elsewhere_ = {cut.elsewhere.begin(), cut.elsewhere.end()};
    partial_ = !elsewhere_.empty();
    last_full_ = now;
    complete_ = true;
}

}  // namespace splitmx::directory::copy
