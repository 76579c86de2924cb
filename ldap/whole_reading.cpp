#include "ldap/whole_reading.hpp"

#include <utility>

namespace splitmx::ldap::sync {

void WholeReading::see(Event const& event) {
    if (auto const* change = std::get_if<EntryChange>(&event)) {
        touched_.insert(change->id);
        if (change->cookie) cookie_ = change->cookie;
    } else if (auto const* set = std::get_if<IdSet>(&event)) {
        touched_.insert(set->ids.begin(), set->ids.end());
        if (set->cookie) cookie_ = set->cookie;
    } else if (auto const* fresh = std::get_if<NewCookie>(&event)) {
        cookie_ = fresh->cookie;
    } else if (auto const* end = std::get_if<RefreshEnds>(&event)) {
        if (end->cookie) cookie_ = end->cookie;
    }
}

std::optional<Event> WholeReading::found(EntryId const& id, Entry entry) const {
    if (touched_.contains(id)) return std::nullopt;
    return EntryChange{EntryChange::State::add, id, std::move(entry), std::nullopt};
}

Event WholeReading::end() const { return RefreshEnds{RefreshEnds::Phase::present, cookie_}; }

}  // namespace splitmx::ldap::sync
