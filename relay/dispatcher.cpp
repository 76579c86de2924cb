#include "relay/dispatcher.hpp"

#include "mail/date_time.hpp"
#include "relay/hop.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using LegState = spool::QueueIndex::LegState;

// Posts what the book says, which may come from any thread.
HostBook::Loop posting_to(
    asio::any_io_executor loop,
    std::function<void(HostChanged const&)> changed,
    std::function<void(std::string const&)> granted,
    std::function<void()> wanted
) {
    HostBook::Loop posting;
    posting.changed = [loop, changed = std::move(changed)](HostChanged const& change) {
        asio::post(loop, [changed, change] { changed(change); });
    };
    posting.granted = [loop, granted = std::move(granted)](std::string const& hop) {
        asio::post(loop, [granted, hop] { granted(hop); });
    };
    posting.wanted = [loop, wanted = std::move(wanted)] { asio::post(loop, wanted); };
    return posting;
}

// What was to go now goes when it is decided, whatever time the record has for it.
Decider::Then then_of(HostBook::Why why, bool behind_host) {
    if (why == HostBook::Why::forced) return Decider::Then::forced;
    return behind_host ? Decider::Then::at_once : Decider::Then::in_its_time;
}

void tell_of_clock(Parts& parts, mail::Duration jump) {
    auto const* const where = jump.count() > 0 ? "ahead" : "back";
    auto const length = mail::to_words(std::chrono::abs(jump));
    parts.log.warn("clock", fmt::format("set {} by {}: mail keeps its age", where, length));
}

void tell_of_set_back(Parts& parts, mail::Duration by) {
    auto const length = mail::to_words(by);
    parts.log.warn(
        "clock",
        fmt::format("set back by {} since the last run, or more: mail does not wait for it", length)
    );
}

}  // namespace

Dispatcher::Dispatcher(
    Parts& parts, asio::any_io_executor loop, SpoolInbox& inbox, std::span<char> buffer
)
    : queue_(parts, loop, inbox),
      settler_(queue_),
      decider_(queue_, settler_, [this](spool::SpoolId id) { review(id, HostBook::Why::forced); }),
      watch_(queue_, [this](MessagePtr const& message) { decide_again(message); }),
      buffer_(buffer),
      timer_(loop) {
    queue_.changed = [this](spool::SpoolId id) { review(id, HostBook::Why::due); };
    auto const granted = [this](std::string const& hop) {
        if (auto* queue = find_host_queue(hop))
            queue->place_granted();
        else
            hosts().leave(number_, hop, false);
    };
    auto const wanted = [this] {
        for (auto& [hop, queue] : host_queues_) queue->give_back_idle_places();
    };
    number_ = parts.hosts.join(posting_to(
        loop, [this](HostChanged const& change) { host_changed(change); }, granted, wanted
    ));
    // Every loop notices; one tells.
    if (number_ != 0) return;
    queue_.clock_was_set = [&parts](auto jump) { tell_of_clock(parts, jump); };
    if (queue_.set_back() > mail::Duration()) tell_of_set_back(parts, queue_.set_back());
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start() { look(); }

void Dispatcher::drain() {
    queue_.draining = true;
    timer_.cancel();
    for (auto& [hop, queue] : host_queues_) queue->stop();
}

void Dispatcher::stop() {
    drain();
    host_queues_.clear();
}

// -- messages -------------------------------------------------------------------------------------

void Dispatcher::take(MessagePtr message) {
    if (queue_.draining) return;  // the spool has it
    queue_.live.keep(message);
    queue_.update(*message);
}

void Dispatcher::enter(spool::Summary const& summary) {
    // By which configuration it was decided is not known: it counts as an older one.
    if (!queue_.index.add(summary, 0) || summary.is_held) return;
    queue_.shorten_waits(summary.id, queue_.set_back());
    arm();
}

// Starts what is due of a message; the rest has its time in the index.
void Dispatcher::review(spool::SpoolId id, HostBook::Why why) {
    auto const message = queue_.index.find(id);
    if (!message) return;
    mark_behind_host(id);
    if (message->held || queue_.draining) return;
    auto const now = wall_clock();
    for (auto const& seen : queue_.index.views_of(queue_.index.legs_of(id))) {
        auto const leg = queue_.index.leg_of(id, seen.hop);
        if (!leg) continue;
        auto const view = queue_.index.leg(*leg);
        bool const is_due = view.state == LegState::waiting && view.due <= now;
        if (is_due || view.state == LegState::idle) start_leg(*leg, why);
    }
    arm();
}

void Dispatcher::start_leg(Leg leg, HostBook::Why why) {
    auto& index = queue_.index;
    auto const view = index.leg(leg);
    auto const hop = index.name_of(view.hop);
    index.make_idle(leg);
    if (reason_of_failed_hop(hop)) return settle_failed_hop(view.id);
    auto const settings = parts().settings();
    bool const outdated = index.message_of(leg).generation != settings->generation;
    if (outdated || is_undecided(hop, *settings->table)) {
        return decider_.decide_soon(view.id, then_of(why, view.behind_host));
    }
    index.make_ready(leg);
    host_queue(hop).work_arrived(why);
}

void Dispatcher::settle_failed_hop(spool::SpoolId id) {
    auto const message = queue_.load(id);
    // Whoever is busy with it looks at it again at the end.
    if (!message || message->busy > 0) return;
    std::vector<spool::Outcome> outcomes;
    auto const& recipients = message->item.recipients;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        if (recipients[i].state != spool::RecipientState::pending) continue;
        auto const reason = reason_of_failed_hop(recipients[i].hop);
        if (!reason) continue;
        // Where more is known than the reason, it stands there already.
        auto const& known = recipients[i].last_status;
        auto status = known && known->is_permanent() ? *known : mail::status_of(*reason);
        outcomes.push_back({i, std::move(status), {}, std::nullopt});
    }
    settler_.settle_soon(message, std::move(outcomes));
}

void Dispatcher::try_now(spool::SpoolId id) {
    auto& index = queue_.index;
    auto const now = wall_clock();
    for (auto const& view : index.views_of(index.legs_of(id))) {
        auto const leg = index.leg_of(id, view.hop);
        if (!leg || index.leg(*leg).state == LegState::in_delivery) continue;
        index.wait(*leg, now, view.attempts, true);  // all its recipients, whatever their time
        start_leg(*leg, HostBook::Why::forced);
    }
}

// No configuration has this number, so whatever is due of it is decided first.
void Dispatcher::decide_again(MessagePtr const& message) {
    message->generation = 0;
    if (message->busy > 0 && !std::exchange(message->decides_when_idle, true)) {
        // What is under way goes by the old answer; its end is the time for the new one.
        message->when_idle.emplace_back([this, message] {
            message->decides_when_idle = false;
            if (queue_.index.find(message->item.id)) decide_again(message);
        });
    }
    if (message->busy > 0 || message->item.held) return queue_.replace(*message);
    queue_.replace(*message);
    auto& index = queue_.index;
    auto const id = message->item.id;
    for (auto const leg : index.legs_of(id)) index.make_idle(leg);
    decider_.decide_soon(id);
}

// -- jobs -----------------------------------------------------------------------------------------

resolver::HostPtr Dispatcher::host_at(std::string const& hop) const {
    return host_of(hop, *queue_.parts.settings()->table);
}

std::size_t Dispatcher::ready_at(std::string const& hop) const {
    auto const number = queue_.index.find_hop(hop);
    return number ? queue_.index.ready_at(*number) : 0;
}

std::optional<Job> Dispatcher::take_job(std::string const& hop) {
    auto& index = queue_.index;
    auto const settings = parts().settings();
    while (!queue_.draining) {
        auto const number = index.find_hop(hop);
        auto const leg = number ? index.take_ready(*number) : std::nullopt;
        if (!leg) break;
        auto const view = index.leg(*leg);
        if (index.message_of(*leg).generation != settings->generation) {
            index.end_delivery(*leg);
            decider_.decide_soon(view.id, Decider::Then::at_once);
            continue;
        }
        auto message = queue_.load(view.id);
        if (!message) continue;
        auto recipients = due_recipients(message->item, hop, wall_clock(), view.behind_host);
        if (recipients.empty() || message->item.held) {
            index.end_delivery(*leg);
            queue_.replace(*message);
            continue;
        }
        queue_.begin(message);
        ++message->in_delivery;
        return Job{std::move(message), hop, std::move(recipients)};
    }
    return std::nullopt;
}

void Dispatcher::put_back(Job job) {
    auto& index = queue_.index;
    --job.message->in_delivery;
    auto const number = index.find_hop(job.hop);
    auto const leg = number ? index.leg_of(job.message->item.id, *number) : std::nullopt;
    if (leg) {
        index.end_delivery(*leg);
        index.make_ready(*leg);
    }
    queue_.end(job.message);
}

void Dispatcher::transaction_done(Job const& job, std::vector<spool::Outcome> outcomes) {
    settler_.settle_soon(job.message, std::move(outcomes));
}

Written Dispatcher::job_done(Job job, std::vector<spool::Outcome> outcomes) {
    auto& index = queue_.index;
    --job.message->in_delivery;
    auto const number = index.find_hop(job.hop);
    auto const leg = number ? index.leg_of(job.message->item.id, *number) : std::nullopt;
    if (leg) index.end_delivery(*leg);
    auto written = settler_.settle_soon(job.message, std::move(outcomes));
    queue_.end(job.message);
    return written;
}

void Dispatcher::decide_all(std::string const& hop) {
    auto const number = queue_.index.find_hop(hop);
    if (!number) return;
    for (auto const leg : queue_.index.take_all_ready(*number)) {
        decider_.decide_soon(queue_.index.leg(leg).id, Decider::Then::at_once);
    }
}

HostQueue* Dispatcher::find_host_queue(std::string const& hop) {
    auto const known = host_queues_.find(hop);
    return known == host_queues_.end() ? nullptr : known->second.get();
}

HostQueue& Dispatcher::host_queue(std::string const& hop) {
    auto& queue = host_queues_[hop];
    if (!queue) queue = std::make_shared<HostQueue>(*this, hop);
    return *queue;
}

}  // namespace splitmx::relay
