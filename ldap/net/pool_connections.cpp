#include "ldap/net/pool_loop.hpp"

#include <boost/asio/post.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <utility>

// The connections of a PoolLoop; its searches are in pool_loop.cpp.
namespace splitmx::ldap::net {

namespace {

// A connection that lived as long was of use, even if nobody asked anything.
constexpr std::chrono::seconds useful_life{10};
// For how long a server that hung is tried after the others.
constexpr std::chrono::seconds suspicion{30};

[[nodiscard]] ConnectSettings connect_settings(PoolSettings const& from) {
    ConnectSettings to;
    to.bind_dn = from.bind_dn;
    to.password = from.password;
    to.starttls = from.starttls;
    to.tls_ca = from.tls_ca;
    to.tls_verify = from.tls_verify;
    to.timeout = from.connect_timeout;
    return to;
}

}  // namespace

PoolLoop::PoolLoop(boost::asio::io_context& io, PoolSettings settings)
    : io_(io),
      settings_(std::move(settings)),
      slots_(settings_.connections),
      suspect_until_(settings_.uris.size()),
      unfit_until_(settings_.uris.size()),
      absent_until_(settings_.uris.size()),
      set_up_(
          io,
          connect_settings(settings_),
          settings_.uris,
          [this](SetUpOutcome outcome) { set_up_done(std::move(outcome)); }
      ),
      back_off_(settings_.retry_min, settings_.retry_max),
      retry_timer_(io),
      return_timer_(io) {}

void PoolLoop::start() { connect_if_needed(false); }

bool PoolLoop::has_connection() const {
    return std::any_of(slots_.begin(), slots_.end(), [](Slot const& slot) {
        return slot.client != nullptr;
    });
}

std::size_t PoolLoop::worst_server() const {
    std::size_t worst = 0;
    for (auto const& slot : slots_) {
        if (slot.client) worst = std::max(worst, slot.server);
    }
    return worst;
}

std::vector<std::size_t> PoolLoop::order() const {
    std::vector<std::size_t> servers(settings_.uris.size());
    std::iota(servers.begin(), servers.end(), std::size_t{0});
    auto const now = Clock::now();
    std::stable_partition(servers.begin(), servers.end(), [&](std::size_t server) {
        return suspect_until_[server] <= now && unfit_until_[server] <= now;
    });
    return servers;
}

void PoolLoop::connect_if_needed(bool search_waits) {
    auto const full = std::all_of(slots_.begin(), slots_.end(), [](Slot const& slot) {
        return slot.client != nullptr;
    });
    if (stopping_ || full || set_up_.is_running()) return;
    auto const now = Clock::now();
    bool const failed_just_now = last_failure_ && now - *last_failure_ < settings_.retry_min;
    if (now >= next_attempt_ || (search_waits && !failed_just_now)) {
        returning_ = false;
        return set_up_.start(order());
    }
    retry_timer_.expires_at(next_attempt_);
    retry_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) connect_if_needed(!waiting_.empty());
    });
    if (search_waits && failed_just_now && !has_connection()) fail_waiting(last_error_);
}

// A later server serves: are the earlier ones back?
void PoolLoop::try_to_return() {
    auto const worst = worst_server();
    if (stopping_ || worst == 0) return;
    return_timer_.expires_after(settings_.return_interval);
    return_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) try_to_return();
    });
    if (set_up_.is_running()) return;
    returning_ = true;
    std::vector<std::size_t> servers(worst);
    std::iota(servers.begin(), servers.end(), std::size_t{0});
    set_up_.start(std::move(servers));
}

void PoolLoop::set_up_done(SetUpOutcome outcome) {
    if (stopping_) return;
    auto const now = Clock::now();
    for (auto const& [server, error] : outcome.failures) {
        if (error.code == Errc::timeout) suspect_until_[server] = now + suspicion;
        absent_until_[server] = now + suspicion;
        tell(PoolEvent::Kind::failed, server, error.what);
    }
    if (outcome.handle) {
        adopt(std::move(outcome));
    } else if (!returning_) {
        set_up_failed(outcome.failures);
    }
    connect_if_needed(!waiting_.empty());
    pump();
}

void PoolLoop::adopt(SetUpOutcome outcome) {
    auto const server = outcome.server;
    // It was being connected to while others found out that it cannot serve.
    if (unfit_until_[server] > Clock::now() && may_other_serve(server)) return;
    auto slot = std::find_if(slots_.begin(), slots_.end(), [](Slot const& s) { return !s.client; });
    if (slot == slots_.end()) {
        slot = std::max_element(slots_.begin(), slots_.end(), [](Slot const& a, Slot const& b) {
            return a.server < b.server;
        });
        if (slot->server <= server) return;
        retire(slot->client);
    }
    // The client calls this while it is alive only, so its address is no other's.
    auto const self = std::make_shared<Client const*>(nullptr);
    slot->client = std::make_shared<Client>(
        io_, std::move(outcome.handle), [this, self](Error const& why) { lost(**self, why); }
    );
    *self = slot->client.get();
    slot->server = server;
    slot->since = Clock::now();
    slot->wall_since = std::chrono::system_clock::now();
    slot->client->start();
    suspect_until_[server] = absent_until_[server] = {};
    last_failure_.reset();
    next_attempt_ = slot->since;
    publish();
    tell(PoolEvent::Kind::connected, server, {});
    if (worst_server() == 0) return;
    bool const more_to_return = returning_ && worst_server() > server;
    return_timer_.expires_after(
        more_to_return ? std::chrono::milliseconds::zero() : settings_.return_interval
    );
    return_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) try_to_return();
    });
}

void PoolLoop::set_up_failed(std::vector<SetUpOutcome::Failure> const& failures) {
    std::string text;
    for (auto const& [server, error] : failures) {
        if (!text.empty()) text += "; ";
        text += fmt::format("{}: {}", settings_.uris[server], error.what);
    }
    // The first server is the one the administrator means.
    auto const first =
        std::min_element(failures.begin(), failures.end(), [](auto const& a, auto const& b) {
            return a.server < b.server;
        });
    last_error_ = Error(first->error.code, std::move(text));
    last_failure_ = Clock::now();
    next_attempt_ = *last_failure_ + back_off_.next();
    if (!has_connection()) fail_waiting(last_error_);
}

void PoolLoop::lost(Client const& client, Error const& why) {
    auto const slot = std::find_if(slots_.begin(), slots_.end(), [&](Slot const& s) {
        return s.client.get() == &client;
    });
    if (slot == slots_.end()) return;  // one that was to be closed anyway
    auto const kept = std::exchange(slot->client, nullptr);
    auto const now = Clock::now();
    // A server that takes us in and throws us out again must not be asked in a tight loop.
    if (client.has_answered() || now - slot->since >= useful_life) {
        back_off_.reset();
        next_attempt_ = now;
    } else {
        next_attempt_ = now + back_off_.next();
    }
    if (why.code == Errc::timeout) suspect_until_[slot->server] = now + suspicion;
    publish();
    tell(PoolEvent::Kind::lost, slot->server, why.what);
    connect_if_needed(!waiting_.empty());
}

bool PoolLoop::may_other_serve(std::size_t server) const {
    auto const now = Clock::now();
    for (std::size_t i = 0; i < settings_.uris.size(); ++i) {
        auto const until = std::max({suspect_until_[i], unfit_until_[i], absent_until_[i]});
        if (i != server && until <= now) return true;
    }
    return false;
}

bool PoolLoop::leave(Client const& client, Error const& why) {
    auto const slot = std::find_if(slots_.begin(), slots_.end(), [&](Slot const& s) {
        return s.client.get() == &client;
    });
    if (slot == slots_.end()) return true;  // it is being left
    auto const server = slot->server;
    if (!may_other_serve(server)) return false;
    // Not from inside: this is one of its clients calling.
    boost::asio::post(io_, [this, server, why] {
        if (!stopping_) leave_server(server, why);
    });
    return true;
}

// What is under way there is answered there.
void PoolLoop::leave_server(std::size_t server, Error const& why) {
    bool left = false;
    for (auto& slot : slots_) {
        if (!slot.client || slot.server != server) continue;
        retire(std::exchange(slot.client, nullptr));
        left = true;
    }
    if (!left) return;
    unfit_until_[server] = Clock::now() + suspicion;
    next_attempt_ = Clock::now();
    publish();
    tell(PoolEvent::Kind::lost, server, why.what);
    connect_if_needed(!waiting_.empty());
}

void PoolLoop::retire(std::shared_ptr<Client> client) {
    if (client->outstanding() == 0) {
        client->close(Error(Errc::stopped, "replaced"));
    } else {
        retiring_.push_back(std::move(client));
    }
}

void PoolLoop::tell(PoolEvent::Kind kind, std::size_t server, std::string text) {
    auto const& uri = settings_.uris[server];
    if (kind != PoolEvent::Kind::connected) {
        std::lock_guard const lock(state_mutex_);
        state_.last_error = fmt::format("{}: {}", uri, text);
    }
    if (settings_.on_event) settings_.on_event({kind, uri, std::move(text)});
}

}  // namespace splitmx::ldap::net
