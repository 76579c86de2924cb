#include "ldap/poll.hpp"

#include <algorithm>

namespace splitmx::ldap {

namespace {

constexpr std::string_view modified = "modifyTimestamp";

// Digits, at most one fraction, and Z: what goes into a filter is checked.
[[nodiscard]] bool is_time(std::string_view text) noexcept {
    constexpr std::size_t seconds = 14;  // YYYYmmddHHMMSS
    return text.size() > seconds && text.ends_with('Z') &&
           text.find_first_not_of("0123456789.Z") == std::string_view::npos;
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

void NewestChange::see(Entry const& entry) {
    auto const time = entry.first(modified);
    if (time && is_time(*time) && *time > newest_) newest_ = *time;
}

std::optional<Filter> NewestChange::later(Filter const& among) const {
    if (newest_.empty()) return std::nullopt;
    auto const since = Filter::raw("(modifyTimestamp>=" + newest_ + ")");
    if (!since) return std::nullopt;
    return Filter::all_of({among, *since, Filter::none_of(Filter::equal(modified, newest_))});
}

}  // namespace splitmx::ldap
