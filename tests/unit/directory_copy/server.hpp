// A directory server as the copy sees one: entries, a log of changes, and sessions of RFC 4533 with
// or without a cookie, told as events.
#pragma once

#include "ldap/sync.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "people.hpp"

namespace splitmx::directory::copy {

namespace sync = ldap::sync;

struct Person {
    std::string name;
    std::vector<std::string> addresses;
    bool is_recipient = true;
};

inline ldap::Entry entry_of(Person const& person) {
    ldap::Entry entry(ldap::Dn::parse("uid=" + person.name + ",ou=People,dc=example,dc=com").value()
    );
    entry.add("objectClass", person.is_recipient ? "inetLocalMailRecipient" : "device");
    for (auto const& address : person.addresses) entry.add("mailLocalAddress", address);
    entry.add("mailHost", "mbx1");
    return entry;
}

class Server {
public:
    void put(std::uint64_t id, Person person) {
        log_.push_back(id);
        entries_[id] = std::move(person);
        changed_at_[id] = log_.size();
    }
    void remove(std::uint64_t id) {
        if (entries_.erase(id) == 0) return;
        log_.push_back(id);
        changed_at_[id] = log_.size();
    }
    std::map<std::uint64_t, Person> const& entries() const { return entries_; }

    // Everything that a new session tells. With the log of deletes lost, the present phase comes.
    std::vector<sync::Event> refresh(std::optional<sync::Cookie> const& cookie, bool log_is_lost)
        const {
        std::vector<sync::Event> events{
            sync::Connected{"ldap://test", {}, ldap::SyncMethod::syncrepl},
            sync::RefreshBegins{cookie}};
        std::size_t const since = cookie ? std::stoul(cookie->octets) : 0;
        if (cookie && !log_is_lost) {
            sync::IdSet gone{sync::IdSet::Meaning::removed, {}, {}};
            for (auto const& [id, at] : changed_at_) {
                if (at > since && !entries_.contains(id)) gone.ids.push_back(entry_id(id));
            }
            if (!gone.ids.empty()) events.emplace_back(std::move(gone));
        }
        sync::IdSet present{sync::IdSet::Meaning::present, {}, {}};
        for (auto const& [id, person] : entries_) {
            if (changed_at_.at(id) > since) {
                events.emplace_back(add(id));
            } else if (log_is_lost) {
                present.ids.push_back(entry_id(id));
            }
        }
        if (!present.ids.empty()) events.emplace_back(std::move(present));
        auto const phase = cookie && !log_is_lost ? sync::RefreshEnds::Phase::deletes
                                                  : sync::RefreshEnds::Phase::present;
        events.emplace_back(sync::RefreshEnds{phase, now()});
        return events;
    }
    sync::Event add(std::uint64_t id) const {
        return sync::EntryChange{
            sync::EntryChange::State::add, entry_id(id), entry_of(entries_.at(id)), {}};
    }
    // What a listening client is told of the last change.
    sync::Event last_change() const {
        auto const id = log_.back();
        bool const there = entries_.contains(id);
        return sync::EntryChange{
            there ? sync::EntryChange::State::modify : sync::EntryChange::State::remove,
            entry_id(id),
            there ? entry_of(entries_.at(id)) : ldap::Entry(),
            now()};
    }
    sync::Cookie now() const { return {std::to_string(log_.size())}; }
    std::size_t changes() const { return log_.size(); }

private:
    std::map<std::uint64_t, Person> entries_;
    std::vector<std::uint64_t> log_;
    std::map<std::uint64_t, std::size_t> changed_at_;
};

// As a copy names them.
inline std::string dn(std::string const& name) {
    return "uid=" + name + ",ou=people,dc=example,dc=com";
}

// p0, p1 and so on.
inline Server people(std::uint64_t count, std::string const& domain = "a.example") {
    Server server;
    for (std::uint64_t i = 0; i < count; ++i) {
        auto const name = "p" + std::to_string(i);
        server.put(i, {name, {name + "@" + domain}});
    }
    return server;
}

inline sync::Event lost() {
    return sync::SessionEnds{sync::EndReason::lost, "ldap://test", "the connection broke"};
}

}  // namespace splitmx::directory::copy
