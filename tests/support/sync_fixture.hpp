// A consumer that keeps a copy by the rules of ldap/sync.hpp and nothing else, and lets a test wait
// for what it wants to see. For the tests of ldap/net; the client's thread writes, the test reads.
#pragma once

#include "ldap/net/sync_client.hpp"
#include "support/pool_fixture.hpp"
#include "support/sync_octets.hpp"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace splitmx::test {

class Copy : public sync::Consumer {
public:
    struct View {
        std::set<std::string> names;  // DNs
        std::optional<sync::Cookie> cookie;
        std::vector<sync::SessionEnds> ends;
        std::size_t sessions = 0;   // connected
        std::size_t refreshes = 0;  // that came to their end
        std::size_t resumed = 0;    // refreshes that began with a cookie
        std::size_t heard = 0;
        std::size_t doubts = 0;
        std::set<std::string> elsewhere;
        std::vector<std::string> remarks;
        std::size_t changes = 0;  // entries told of, in all
        std::string server;       // of the session
        SyncMethod method{};

        [[nodiscard]] bool ended(sync::EndReason reason) const {
            return std::any_of(ends.begin(), ends.end(), [&](auto const& end) {
                return end.reason == reason;
            });
        }
        [[nodiscard]] std::string why() const { return ends.empty() ? "" : ends.back().text; }
    };

    std::optional<sync::Cookie> start_cookie(std::string const&, ServerFacts const&) override {
        std::lock_guard const lock(mutex_);
        if (!forced_) return view_.cookie;
        return forced_->empty() ? std::nullopt : std::optional(sync::Cookie{*forced_});
    }

    sync::Reply take(std::vector<sync::Event> events) override {
        std::lock_guard const lock(mutex_);
        for (auto& event : events) std::visit([this](auto& e) { on(e); }, event);
        changed_.notify_all();
        return reply_ ? reply_(view_) : sync::Reply::go_on;
    }

    // The limit is only there to end a failed test.
    [[nodiscard]] bool wait(std::function<bool(View const&)> const& condition) {
        std::unique_lock lock(mutex_);
        if (changed_.wait_for(lock, 30s, [&] { return condition(view_); })) return true;
        UNSCOPED_INFO(
            view_.sessions << " sessions, " << view_.refreshes << " refreshes, "
                           << view_.names.size() << " entries; last end: " << view_.why()
        );
        return false;
    }
    // The names below the base are these.
    [[nodiscard]] bool wait_for(std::set<std::string> const& names) {
        return wait([&](View const& view) {
            std::set<std::string> expected;
            for (auto const& name : names) expected.insert(name + ",dc=example,dc=com");
            return view.names == expected;
        });
    }
    [[nodiscard]] bool wait_for_refresh(std::size_t n = 1) {
        return wait([&](View const& view) { return view.refreshes >= n; });
    }
    [[nodiscard]] bool wait_for_end(sync::EndReason reason) {
        return wait([&](View const& view) { return view.ended(reason); });
    }

    [[nodiscard]] View view() const {
        std::lock_guard const lock(mutex_);
        return view_;
    }
    [[nodiscard]] std::optional<Entry> entry(std::string const& name) const {
        std::lock_guard const lock(mutex_);
        for (auto const& [id, held] : entries_) {
            if (held.entry.dn().text() == name + ",dc=example,dc=com") return held.entry;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<EntryId> id(std::string const& name) const {
        std::lock_guard const lock(mutex_);
        for (auto const& [id, held] : entries_) {
            if (held.entry.dn().text() == name + ",dc=example,dc=com") return id;
        }
        return std::nullopt;
    }

    // Every session begins with this cookie; empty: with none.
    void force_cookie(std::string octets) {
        std::lock_guard const lock(mutex_);
        forced_ = std::move(octets);
    }
    void reply_by(std::function<sync::Reply(View const&)> reply) {
        std::lock_guard const lock(mutex_);
        reply_ = std::move(reply);
    }

private:
    struct Held {
        Entry entry;
        bool mentioned = false;
    };

    void on(sync::Connected& event) {
        ++view_.sessions;
        view_.server = event.uri;
        view_.method = event.method;
    }
    void on(sync::RefreshBegins& event) {
        for (auto& [id, held] : entries_) held.mentioned = false;
        view_.resumed += event.cookie ? 1 : 0;
    }
    void on(sync::EntryChange& event) {
        using State = sync::EntryChange::State;
        ++view_.changes;
        auto& held = entries_[event.id];
        view_.names.erase(held.entry.dn().text());
        if (event.state == State::remove) {
            entries_.erase(event.id);
        } else {
            if (event.state != State::present) held.entry = std::move(event.entry);
            held.mentioned = true;
            view_.names.insert(held.entry.dn().text());
        }
        keep(event.cookie);
    }
    void on(sync::IdSet& event) {
        for (auto const& id : event.ids) {
            auto const found = entries_.find(id);
            if (found == entries_.end()) continue;
            found->second.mentioned = true;
            if (event.meaning == sync::IdSet::Meaning::removed) erase(found);
        }
        keep(event.cookie);
    }
    void on(sync::NewCookie& event) { view_.cookie = event.cookie; }
    void on(sync::RefreshEnds& event) {
        ++view_.refreshes;
        for (auto at = entries_.begin(); at != entries_.end();) {
            bool const gone =
                event.phase == sync::RefreshEnds::Phase::present && !at->second.mentioned;
            auto const next = std::next(at);
            if (gone) erase(at);
            at = next;
        }
        keep(event.cookie);
    }
    void on(sync::Heard&) { ++view_.heard; }
    void on(sync::Doubt&) { ++view_.doubts; }
    void on(sync::Elsewhere& event) {
        view_.elsewhere.insert(event.uris.begin(), event.uris.end());
    }
    void on(sync::Remark& event) { view_.remarks.push_back(event.text); }
    void on(sync::SessionEnds& event) { view_.ends.push_back(event); }

    void keep(std::optional<sync::Cookie> const& cookie) {
        if (cookie) view_.cookie = cookie;
    }
    void erase(std::map<EntryId, Held>::iterator at) {
        view_.names.erase(at->second.entry.dn().text());
        entries_.erase(at);
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<EntryId, Held> entries_;
    View view_;
    std::optional<std::string> forced_;
    std::function<sync::Reply(View const&)> reply_;
};

inline SyncSettings sync_settings_for(std::vector<std::string> uris) {
    SyncSettings settings;
    settings.uris = std::move(uris);
    settings.connect.bind_dn = Slapd::admin_dn;
    settings.connect.password = Slapd::admin_password;
    // Long, so that a busy machine does not fail a test that is about something else.
    settings.connect.timeout = 30s;
    settings.answer_timeout = 30s;
    settings.base = Dn::parse(Slapd::base).value();
    settings.filter = Filter::present("mail");
    settings.attributes = {"objectClass", "mail"};
    settings.retry_min = 10ms;
    settings.retry_max = 50ms;
    return settings;
}

inline std::set<std::string> names(int count) {
    std::set<std::string> out;
    for (int i = 0; i < count; ++i) out.insert("cn=u" + std::to_string(i));
    return out;
}

inline std::string person(std::string const& name) {
    return "dn: cn=" + name + ",dc=example,dc=com\nobjectClass: inetOrgPerson\ncn: " + name +
           "\nsn: x\nmail: " + name + "@example.com\n\n";
}

inline std::string deletion(std::string const& name) {
    return "dn: cn=" + name + ",dc=example,dc=com\nchangetype: delete\n\n";
}

inline std::string modification(std::string const& name, std::string const& lines) {
    return "dn: cn=" + name + ",dc=example,dc=com\nchangetype: modify\n" + lines + "\n\n";
}

inline std::string renaming(
    std::string const& name, std::string const& to, std::string const& more = {}
) {
    return "dn: cn=" + name + ",dc=example,dc=com\nchangetype: modrdn\nnewrdn: cn=" + to +
           "\ndeleteoldrdn: 1\n" + more + "\n";
}

}  // namespace splitmx::test
