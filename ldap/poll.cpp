#include "ldap/poll.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <functional>

namespace splitmx::ldap {

namespace {

constexpr std::string_view modified = "modifyTimestamp";

// Digits, at most one fraction, and Z: what goes into a filter is checked.
[[nodiscard]] bool is_time(std::string_view text) noexcept {
    constexpr std::size_t seconds = 14;  // YYYYmmddHHMMSS
    return text.size() > seconds && text.ends_with('Z') &&
           text.find_first_not_of("0123456789.Z") == std::string_view::npos;
}

// Of the same form. What is no time stays what it is.
[[nodiscard]] std::string a_minute_before(std::string const& time) {
    constexpr std::size_t seconds = 14;
    std::tm parts{};
    auto const whole_seconds = time.substr(0, seconds);
    auto const* end = ::strptime(whole_seconds.c_str(), "%Y%m%d%H%M%S", &parts);
    if (end == nullptr || *end != '\0') return time;
    auto const moment = ::timegm(&parts) - 60;
    if (::gmtime_r(&moment, &parts) == nullptr) return time;
    std::array<char, seconds + 1> text{};
    if (std::strftime(text.data(), text.size(), "%Y%m%d%H%M%S", &parts) != seconds) return time;
    return text.data() + time.substr(seconds);
}

[[nodiscard]] std::size_t mark_of(Entry const& entry, std::string_view time) {
    return std::hash<std::string>()(entry.dn().key() + "\n" + std::string(time));
}

}  // namespace

std::vector<std::string> poll_attributes() {
    return {"entryUUID", "nsUniqueId", "objectGUID", std::string(modified)};
}

EntryId poll_id(Entry const& entry) {
    for (auto const* name : {"entryUUID", "nsUniqueId"}) {
        auto const text = entry.first(name);
        auto const id = text ? EntryId::parse(*text) : std::nullopt;
        if (id) return *id;
    }
    auto const octets = entry.first("objectGUID");
    auto const id = octets ? EntryId::from_octets(*octets) : std::nullopt;
    return id ? *id : EntryId::from_dn(entry.dn());
}

void LastChanges::see(Entry const& entry) {
    auto const time = entry.first(modified);
    if (!time || !is_time(*time)) return;
    if (*time > newest_) {
        newest_ = *time;
        since_ = a_minute_before(newest_);
    }
    if (*time < since_) return;
    changes_.push_back({std::string(*time), mark_of(entry, *time)});
    if (changes_.size() > 2 * most) drop_old();
}

void LastChanges::drop_old() {
    std::erase_if(changes_, [this](Change const& change) { return change.time < since_; });
    if (changes_.size() <= most) return;
    std::sort(changes_.begin(), changes_.end(), [](Change const& a, Change const& b) {
        return a.time > b.time;
    });
    lost_ = std::max(lost_, changes_[most].time);
    changes_.erase(changes_.begin() + static_cast<std::ptrdiff_t>(most), changes_.end());
}

std::optional<Filter> LastChanges::question(Filter const& among) const {
    auto const count = std::count_if(changes_.begin(), changes_.end(), [this](Change const& one) {
        return one.time >= since_;
    });
    bool const too_many = static_cast<std::size_t>(count) > most || lost_ >= since_;
    if (count == 0 || too_many) return std::nullopt;
    auto const since = Filter::raw("(modifyTimestamp>=" + since_ + ")");
    if (!since) return std::nullopt;
    return Filter::all_of({among, *since});
}

bool LastChanges::are(std::vector<Entry> const& found) const {
    std::vector<std::size_t> before;
    for (auto const& change : changes_) {
        if (change.time >= since_) before.push_back(change.mark);
    }
    std::vector<std::size_t> now;
    for (auto const& entry : found) {
        now.push_back(mark_of(entry, entry.first(modified).value_or("")));
    }
    std::sort(before.begin(), before.end());
    std::sort(now.begin(), now.end());
    return before == now;
}

}  // namespace splitmx::ldap
