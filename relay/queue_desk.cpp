#include "relay/queue_desk.hpp"

#include "relay/hop.hpp"
#include "relay/operations.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using LegState = spool::QueueIndex::LegState;

struct HostLoad {
    std::size_t waiting = 0;
    std::size_t in_delivery = 0;
};

// What one loop has.
struct LoopPart {
    spool::QueueIndex::Totals totals;
    std::vector<spool::SpoolId> in_delivery;
    std::map<std::string, HostLoad> hosts;  // by hop
};

LoopPart part_of(spool::QueueIndex const& index) {
    LoopPart part;
    part.totals = index.totals(wall_clock());
    std::set<spool::SpoolId> in_delivery;
    for (auto const hop : index.hops()) {
        auto const& name = index.name_of(hop);
        if (name.empty() || reason_of_failed_hop(name)) continue;
        auto& load = part.hosts[name];
        for (auto const leg : index.legs_at(hop)) {
            auto const view = index.leg(leg);
            if (view.state == LegState::in_delivery) {
                ++load.in_delivery;
                in_delivery.insert(view.id);
            }
            if (!index.message_of(leg).held) ++load.waiting;
        }
    }
    part.in_delivery.assign(in_delivery.begin(), in_delivery.end());
    return part;
}

void add(QueueTotals& all, spool::QueueIndex::Totals const& some) {
    all.messages += some.messages;
    all.octets += some.octets;
    all.held += some.held;
    all.deferred += some.deferred;
    all.in_delivery += some.in_delivery;
    for (std::size_t i = 0; i < all.by_age.size(); ++i) all.by_age[i] += some.by_age[i];
    if (some.oldest) all.oldest = all.oldest ? std::min(*all.oldest, *some.oldest) : some.oldest;
}

HostView view_of(std::string const& hop, HostState const& state, HostLoad const& load) {
    auto const wall = wall_clock();
    auto const steady = std::chrono::steady_clock::now();
    auto const to_wall = [&](HostState::Moment moment) {
        return wall + std::chrono::duration_cast<mail::Instant::duration>(moment - steady);
    };
    HostView view;
    view.name = host_name(hop);
    view.condition = state.condition();
    view.since = to_wall(state.since());
    view.pause_reason = state.pause_reason();
    view.waiting = load.waiting;
    view.in_delivery = load.in_delivery;
    view.connections = state.used();
    view.may_connect = state.window();
    view.limit = state.limit();
    if (state.last_reply()) view.last_answer = state.last_reply()->status.to_log();
    if (auto const at = state.last_reply_at()) view.last_answer_at = to_wall(*at);
    if (auto const at = state.next_probe()) view.next_probe = to_wall(*at);
    return view;
}

std::vector<HostView> hosts_of(Parts& parts, std::map<std::string, HostLoad> loads) {
    auto const settings = parts.settings();
    for (auto const& [name, host] : settings->table->hosts) {
        loads.try_emplace(hop_of_name(name, *settings->table));
    }
    for (auto const& hop : parts.hosts.hops()) {
        if (!parts.hosts.state(hop).is_unused()) loads.try_emplace(hop);
    }
    std::vector<HostView> hosts;
    for (auto const& [hop, load] : loads) {
        hosts.push_back(view_of(hop, parts.hosts.state(hop), load));
    }
    std::sort(hosts.begin(), hosts.end(), [](auto const& a, auto const& b) {
        return a.name < b.name;
    });
    return hosts;
}

// Answers of loops on their way to one.
template <class Part>
struct Gathering {
    explicit Gathering(std::size_t loops) : open(loops) {}
    std::mutex mutex;
    std::size_t open;
    std::vector<Part> parts;

    // True for the last one.
    bool add(Part part) {
        std::lock_guard const lock(mutex);
        parts.push_back(std::move(part));
        return --open == 0;
    }
};

}  // namespace

QueueDesk::QueueDesk(Parts& parts, std::vector<Worker*> workers)
    : parts_(parts), workers_(std::move(workers)) {}

void QueueDesk::apply(
    spool::SpoolId id, QueueOperation operation, std::function<void(OperationAnswer)> done
) {
    auto const all = std::make_shared<Gathering<OperationAnswer>>(workers_.size());
    auto const gather = [all, done = std::move(done)](OperationAnswer answer) {
        if (!all->add(std::move(answer))) return;
        auto const here = std::find_if(all->parts.begin(), all->parts.end(), [](auto const& one) {
            return one.result != OperationResult::not_here;
        });
        done(here == all->parts.end() ? OperationAnswer{} : std::move(*here));
    };
    for (auto* worker : workers_) {
        asio::post(worker->loop(), [worker, id, operation, gather] {
            operate(worker->dispatcher(), id, operation, gather);
        });
    }
}

void QueueDesk::snapshot(std::function<void(QueueSnapshot)> done) {
    auto const all = std::make_shared<Gathering<LoopPart>>(workers_.size());
    for (auto* worker : workers_) {
        asio::post(worker->loop(), [this, worker, all, done] {
            if (!all->add(part_of(worker->dispatcher().queue().index))) return;
            QueueSnapshot snapshot;
            snapshot.totals.complete = complete_;
            std::map<std::string, HostLoad> loads;
            for (auto const& part : all->parts) {
                add(snapshot.totals, part.totals);
                auto& ids = snapshot.in_delivery;
                ids.insert(ids.end(), part.in_delivery.begin(), part.in_delivery.end());
                for (auto const& [hop, load] : part.hosts) {
                    loads[hop].waiting += load.waiting;
                    loads[hop].in_delivery += load.in_delivery;
                }
            }
            std::sort(snapshot.in_delivery.begin(), snapshot.in_delivery.end());
            snapshot.hosts = hosts_of(parts_, std::move(loads));
            done(std::move(snapshot));
        });
    }
}

// -- pauses ---------------------------------------------------------------------------------------

std::filesystem::path QueueDesk::file() const {
    return parts_.settings()->config.server.state_dir / "paused-hosts";
}

mail::Result<void> QueueDesk::restore_pauses() {
    std::lock_guard const lock(mutex_);
    auto pauses = read_pauses(file());
    if (!pauses) return pauses.error();
    pauses_ = std::move(*pauses);
    for (auto const& [hop, pause] : pauses_) parts_.hosts.pause(hop, pause.reason);
    return {};
}

bool QueueDesk::is_known(std::string const& hop) const {
    auto const settings = parts_.settings();
    auto const& table = *settings->table;
    if (table.hosts.contains(host_name(hop))) return true;
    auto const known = parts_.hosts.hops();
    return std::find(known.begin(), known.end(), hop) != known.end();
}

void QueueDesk::pause_host(
    std::string name, std::string reason, std::function<void(HostAnswer)> done
) {
    change_pause(std::move(name), std::move(reason), std::move(done));
}

void QueueDesk::resume_host(std::string name, std::function<void(HostAnswer)> done) {
    change_pause(std::move(name), std::nullopt, std::move(done));
}

// The disk is waited for where nobody else is held up by it.
void QueueDesk::change_pause(
    std::string name, std::optional<std::string> reason, std::function<void(HostAnswer)> done
) {
    auto const hop = hop_of_name(name, *parts_.settings()->table);
    asio::post(parts_.disk, [this, hop, reason = std::move(reason), done = std::move(done)] {
        auto answer = write_pause(hop, reason);
        asio::post(workers_.front()->loop(), [done, answer = std::move(answer)] { done(answer); });
    });
}

HostAnswer QueueDesk::write_pause(std::string const& hop, std::optional<std::string> reason) {
    std::lock_guard const lock(mutex_);
    bool const was_paused = pauses_.contains(hop);
    if (!was_paused && !is_known(hop)) return {HostChange::no_such_host, {}};
    if (!was_paused && !reason) return {HostChange::unchanged, {}};
    auto changed = pauses_;
    if (reason) {
        auto const since = was_paused ? pauses_[hop].since : wall_clock();
        changed.insert_or_assign(hop, Pause{since, *reason});
    } else {
        changed.erase(hop);
    }
    if (auto const written = write_pauses(file(), changed); !written) {
        return {HostChange::not_written, written.error().what};
    }
    pauses_ = std::move(changed);
    if (reason)
        parts_.hosts.pause(hop, *reason);
    else
        parts_.hosts.resume(hop);
    return {reason && was_paused ? HostChange::unchanged : HostChange::done, {}};
}

}  // namespace splitmx::relay
