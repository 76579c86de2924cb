#include "directory/trial.hpp"

#include "directory/sync_settings.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace splitmx::directory {

namespace {

namespace sync = ldap::sync;

// Takes everything in, until it is complete or no server is left to try.
class Taking final : public sync::Consumer {
public:
    Taking(config::Directory const& directory, std::size_t servers) : servers_(servers) {
        trial_.listing.sources.push_back({directory.name, directory.profile, 0});
    }

    std::optional<sync::Cookie> start_cookie(std::string const&, ldap::ServerFacts const&)
        override {
        return std::nullopt;
    }

    sync::Reply take(std::vector<sync::Event> events) override {
        if (is_done_) return sync::Reply::stop;
        for (auto& event : events) {
            std::visit([this](auto& one) { take(one); }, event);
            if (is_done_) break;
        }
        if (!is_done_) return sync::Reply::go_on;
        std::lock_guard const lock(mutex_);
        ended_ = true;
        changed_.notify_all();
        return sync::Reply::stop;
    }

    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ended_; });
    }

    // Requires: nobody calls take() any more.
    Trial result() { return std::move(trial_); }

private:
    void take(sync::Connected& connected) {
        trial_.uri = std::move(connected.uri);
        trial_.facts = std::move(connected.facts);
        trial_.method = connected.method;
    }

    void take(sync::RefreshBegins&) {
        auto& listing = trial_.listing;
        listing.recipients.clear();
        listing.sources.front().others = 0;
        trial_.nameless = 0;
        trial_.elsewhere.clear();
    }

    void take(sync::EntryChange& change) {
        using State = sync::EntryChange::State;
        if (change.state != State::add && change.state != State::modify) return;
        if (change.id == ldap::EntryId::from_dn(change.entry.dn())) ++trial_.nameless;
        trial_.listing.add(0, std::make_shared<ldap::Entry const>(std::move(change.entry)));
    }

    void take(sync::RefreshEnds&) {
        trial_.is_complete = true;
        is_done_ = true;
    }

    void take(sync::Elsewhere& elsewhere) { trial_.elsewhere = std::move(elsewhere.uris); }
    void take(sync::Remark& remark) { trial_.remarks.push_back(std::move(remark.text)); }

    void take(sync::SessionEnds& end) {
        trial_.failures.push_back(end.uri + ": " + end.text);
        // One that offers synchronisation, but not here, is read by paging in its next session.
        bool const another_way = end.reason == sync::EndReason::unsupported && trial_.method &&
                                 trial_.method == ldap::SyncMethod::syncrepl;
        trial_.method.reset();
        if (!another_way) is_done_ = ++tried_ >= servers_;
    }

    void take(sync::IdSet&) {}
    void take(sync::NewCookie&) {}
    void take(sync::Heard&) {}
    void take(sync::Doubt&) {}

    // Of the thread that calls take().
    Trial trial_;
    std::size_t const servers_;
    std::size_t tried_ = 0;
    bool is_done_ = false;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ended_ = false;
};

}  // namespace

Trial try_following(config::Directory const& directory) {
    auto base = ldap::Dn::parse(directory.base);
    if (!base) {
        Trial trial;
        trial.failures.push_back("base: " + base.error().what);
        return trial;
    }
    Taking taking(directory, directory.servers.size());
    {
        ldap::net::SyncClient const client(sync_settings(directory, std::move(*base)), taking);
        taking.wait();
    }
    return taking.result();
}

}  // namespace splitmx::directory
