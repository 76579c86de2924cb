#include "ldap/net/pool_loop.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

// Searches; the connections are in pool_connections.cpp.
namespace splitmx::ldap::net {

namespace {

// What may be cured by another connection. A server's own answers have other codes.
[[nodiscard]] bool is_connection_error(Errc code) noexcept {
    return code == Errc::unreachable || code == Errc::timeout;
}

// What a server says that cannot serve now, though it is there (RFC 4511 A.2: 1, 51, 52, 53, 80).
[[nodiscard]] bool is_server_trouble(Errc code) noexcept {
    return code == Errc::busy || code == Errc::server_failure || code == Errc::unwilling;
}

[[nodiscard]] Error stopped() { return {Errc::stopped, "the program is ending"}; }

[[nodiscard]] Error too_late() {
    return {Errc::timeout, "the directory server did not answer in time"};
}

}  // namespace

void PoolLoop::stop() {
    stopping_ = true;
    set_up_.stop();
    retry_timer_.cancel();
    return_timer_.cancel();
    // Searches first: closing a connection would send them anew.
    for (auto const& job : std::vector<JobPtr>(jobs_.begin(), jobs_.end())) {
        complete(job, stopped());
    }
    waiting_.clear();
    for (auto& slot : slots_) {
        if (slot.client) slot.client->close(stopped());
        slot.client.reset();
    }
    for (auto const& client : std::exchange(retiring_, {})) client->close(stopped());
    publish();
}

void PoolLoop::search(SearchRequest request, Done done) {
    auto const job = std::make_shared<Job>(io_, std::move(request), std::move(done));
    if (stopping_) return job->done(stopped());
    if (waiting_.size() >= Pool::max_waiting) {
        return job->done(Error(Errc::busy, "too many searches are waiting"));
    }
    jobs_.insert(job);
    ++job_count_;
    job->deadline = Clock::now() + settings_.lookup_timeout;
    arm(job, job->deadline);
    waiting_.push_back(job);
    pump();
}

// Hands waiting searches to connections, as far as there is room.
void PoolLoop::pump() {
    while (!waiting_.empty()) {
        auto* const slot = least_busy();
        if (slot == nullptr) break;
        auto const job = waiting_.front();
        waiting_.pop_front();
        if (!send(job, slot->client)) waiting_.push_front(job);
    }
    if (!waiting_.empty() && !has_connection()) connect_if_needed(true);
}

PoolLoop::Slot* PoolLoop::least_busy() {
    Slot* best = nullptr;
    for (auto& slot : slots_) {
        if (!slot.client || slot.client->is_full()) continue;
        auto const fewer = [](Slot const& a, Slot const& b) {
            return a.client->outstanding() < b.client->outstanding();
        };
        if (best == nullptr || fewer(slot, *best)) best = &slot;
    }
    return best;
}

// False if the connection turned out to be broken; it is gone from the slots then.
bool PoolLoop::send(JobPtr const& job, std::shared_ptr<Client> const& to) {
    auto const client = to;  // the slot's may go
    auto const now = Clock::now();
    auto id = client->search(
        job->request,
        settings_.search_timeout,
        [this, weak = std::weak_ptr<Job>(job)](SearchResult result) {
            if (auto const still = weak.lock()) answered(still, std::move(result));
        }
    );
    if (!id) {
        if (!is_connection_error(id.error().code)) {
            complete(job, id.error());
            return true;
        }
        client->close(id.error());
        lost(*client, id.error());
        return false;
    }
    ++job->sendings;
    job->client = client;
    job->id = *id;
    job->sent_at = now;
    arm(job, std::min(job->deadline, now + settings_.search_timeout));
    return true;
}

void PoolLoop::answered(JobPtr const& job, SearchResult result) {
    auto const answering = job->client.lock();
    job->client.reset();
    auto const may_another = [&](Errc code) {
        return is_connection_error(code) || (is_server_trouble(code) && answering && !stopping_ &&
                                             leave(*answering, result.error()));
    };
    bool const other_may_serve = !result && may_another(result.error().code);
    // What broke one connection may have broken all, unnoticed while they were idle: a firewall that
    // forgets, a server that was restarted. A new one is the last chance.
    bool const chances_left = job->sendings <= slots_.size();
    bool const again =
        other_may_serve && chances_left && Clock::now() < job->deadline && !stopping_;
    if (!again) {
        complete(job, std::move(result));
    } else {
        arm(job, job->deadline);
        waiting_.push_front(job);
    }
    // Not from inside: a client that is closing calls this for each of its searches.
    boost::asio::post(io_, [this] {
        std::erase_if(retiring_, [](auto const& client) {
            if (client->outstanding() == 0) client->close(stopped());
            return client->is_closed();
        });
        if (!stopping_) pump();
    });
}

void PoolLoop::arm(JobPtr const& job, Clock::time_point when) {
    job->timer.expires_at(when);
    job->timer.async_wait([this, weak = std::weak_ptr<Job>(job)](boost::system::error_code error) {
        if (error) return;
        auto const still = weak.lock();
        // The timer may have been set anew after this was queued.
        if (still && still->timer.expiry() <= Clock::now()) expired(still);
    });
}

void PoolLoop::expired(JobPtr const& job) {
    if (!jobs_.contains(job)) return;
    auto const client = job->client.lock();
    if (client && client->last_heard() < job->sent_at) {
        // Not one answer to anybody since: the server hangs, though the kernel below it does not.
        // This search is among those that end with it, and sent anew if it has time left.
        return drop_silent(*client, job->sent_at);
    }
    if (client) {
        client->abandon(job->id);
    } else {
        std::erase(waiting_, job);
    }
    complete(job, too_late());
    pump();
}

// Closes the connections to that client's server that have been silent too.
void PoolLoop::drop_silent(Client const& client, Clock::time_point since) {
    for (auto const& retired : std::vector(retiring_)) {
        if (retired.get() == &client) return retired->close(too_late());
    }
    auto const at = std::find_if(slots_.begin(), slots_.end(), [&](Slot const& slot) {
        return slot.client.get() == &client;
    });
    if (at == slots_.end()) return;
    auto const server = at->server;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        auto const other = slots_[i].client;
        if (!other || slots_[i].server != server || other->last_heard() >= since) continue;
        other->close(too_late());
        lost(*other, too_late());
    }
}

void PoolLoop::complete(JobPtr const& job, SearchResult result) {
    if (jobs_.erase(job) == 0) return;
    --job_count_;
    job->timer.cancel();
    job->done(std::move(result));
}

void PoolLoop::fail_waiting(Error const& why) {
    for (auto const& job : std::exchange(waiting_, {})) complete(job, why);
}

PoolState PoolLoop::state() const {
    std::lock_guard const lock(state_mutex_);
    auto now = state_;
    now.searches = job_count_;
    return now;
}

void PoolLoop::publish() {
    std::vector<PoolState::Connection> now;
    for (auto const& slot : slots_) {
        if (slot.client) now.push_back({settings_.uris[slot.server], slot.wall_since});
    }
    std::lock_guard const lock(state_mutex_);
    state_.connections = std::move(now);
}

}  // namespace splitmx::ldap::net
