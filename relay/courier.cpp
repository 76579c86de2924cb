#include "relay/courier.hpp"

#include "relay/dispatcher.hpp"
#include "relay/link.hpp"
#include "relay/transaction.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <span>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using smtp::ClientSession;

// Messages that are refused in one go before others get a turn on the loop.
constexpr std::size_t refusals_of_a_turn = 100;

// Without those that have their outcome.
void take_out(std::vector<spool::Outcome> const& settled, std::vector<std::size_t>& recipients) {
    std::erase_if(recipients, [&](std::size_t recipient) {
        return std::any_of(settled.begin(), settled.end(), [&](auto const& outcome) {
            return outcome.recipient == recipient;
        });
    });
}

// All transactions of a job. What is left when the connection ends is ready again; or it is given
// back, for another address of the host.
asio::awaitable<std::optional<Job>> carry_job(
    HostQueue& queue, Link& link, Job job, Course& course
) {
    auto& dispatcher = queue.dispatcher();
    std::span<std::size_t const> rest(job.recipients);
    std::vector<spool::Outcome> outcomes;
    for (;;) {
        auto const now = first_transaction(rest);
        rest = rest.subspan(now.size());
        Load load{job.message, now, rest.empty()};
        auto const carried = co_await carry(queue, link, std::move(load), course, outcomes);
        if (carried == Carried::not_begun) {
            dispatcher.put_back(std::move(job));
            co_return std::nullopt;
        }
        if (carried == Carried::elsewhere) {
            take_out(outcomes, job.recipients);
            if (!outcomes.empty()) dispatcher.transaction_done(job, std::move(outcomes));
            co_return job;
        }
        if (carried == Carried::damaged) {
            dispatcher.queue().end(job.message);
            co_return std::nullopt;
        }
        course.kept_connection = true;
        bool const goes_on = !rest.empty() && link.session().next() != ClientSession::Step::closed;
        if (!goes_on) break;
        dispatcher.transaction_done(job, std::exchange(outcomes, {}));
    }
    course.written = dispatcher.job_done(std::move(job), std::move(outcomes));
    co_return std::nullopt;
}

asio::awaitable<std::optional<Job>> next_job(HostQueue& queue, Course& course) {
    if (course.ahead) co_return std::exchange(course.ahead, std::nullopt);
    if (course.carried >= jobs_of_a_turn && queue.yields()) co_return std::nullopt;
    auto next = co_await queue.next();
    co_return next;
}

// `generation`: of the settings that the connection was opened by. With others the host may be at
// another place, or want TLS: what comes then goes over a new connection. Gives the job that this
// address has not taken, and another may.
asio::awaitable<std::optional<Job>> carry_all(
    HostQueue& queue, Link& link, std::uint64_t generation, Course course
) {
    auto& dispatcher = queue.dispatcher();
    auto& session = link.session();
    for (;; ++course.carried) {
        auto next = co_await next_job(queue, course);
        bool const is_outdated = dispatcher.parts().settings()->generation != generation;
        bool const goes_on = next && !is_outdated && session.next() != ClientSession::Step::closed;
        if (goes_on) {
            auto left = co_await carry_job(queue, link, std::move(*next), course);
            if (left) co_return left;
            if (course.ahead || session.next() != ClientSession::Step::closed) continue;
        } else if (next) {
            dispatcher.put_back(std::move(*next));
        }
        co_await course.is_written();
        break;
    }
    // A host that waits for what was announced is not told QUIT.
    if (session.has_announced()) session.connection_lost("Given up");
    if (session.next() != ClientSession::Step::closed) co_await link.quit();
    co_return std::nullopt;
}

// RFC 5321 5.1: where a connection ends before the content of its first message, the host has not
// failed while another of its addresses may take that. Each is tried once; the last one's failure
// is the message's.
asio::awaitable<void> carry_to_any(
    HostQueue& queue,
    resolver::Host const& host,
    std::unique_ptr<Link> link,
    HostAddresses addresses,
    std::uint64_t generation
) {
    auto& dispatcher = queue.dispatcher();
    std::optional<Job> job;
    for (;;) {
        Course course;
        course.has_other_address = addresses.has_more();
        course.ahead = std::move(job);
        job = co_await carry_all(queue, *link, generation, std::move(course));
        if (!job) co_return;
        bool const is_paused = dispatcher.hosts().condition(queue.hop()) == HostCondition::paused;
        bool const is_outdated = dispatcher.parts().settings()->generation != generation;
        if (is_paused || is_outdated || dispatcher.is_draining()) {
            co_return dispatcher.put_back(std::move(*job));
        }
        auto answer =
            co_await open_next_link(dispatcher.parts(), host, dispatcher.read_buffer(), addresses);
        if (auto const* none = std::get_if<NoLink>(&answer)) {
            dispatcher.hosts().broke(queue.hop(), {none->status, {}});
            auto outcomes = job->same_for_all(none->status, {});
            dispatcher.job_done(std::move(*job), std::move(outcomes));
            co_return;
        }
        link = std::move(std::get<std::unique_ptr<Link>>(answer));
    }
}

// Of a loop a report names both ends: who handed the message over, and where it would have gone.
mail::Status with_both_ends(mail::Status status, spool::QueueItem const& item) {
    if (status.enhanced == mail::EnhancedCode{4, 6} && !item.client.empty()) {
        status.text += "; it was handed over by " + item.client;
    }
    return status;
}

// The name service says that nobody will ever take this mail: each message learns it.
asio::awaitable<void> refuse_all(HostQueue& queue, NoLink const& failure) {
    auto& dispatcher = queue.dispatcher();
    for (std::size_t refused = 1;; ++refused) {
        auto job = dispatcher.take_job(queue.hop());
        if (!job) co_return;
        auto const status = with_both_ends(failure.status, job->message->item);
        auto outcomes = job->same_for_all(status, {});
        dispatcher.job_done(std::move(*job), std::move(outcomes));
        if (refused % refusals_of_a_turn == 0) {
            co_await asio::post(dispatcher.loop(), asio::use_awaitable);
        }
    }
}

// One message carries the failure to the disk; the others only learn that the host is down.
void fail_one(HostQueue& queue, NoLink const& failure) {
    auto& dispatcher = queue.dispatcher();
    dispatcher.hosts().unreachable(queue.hop(), {failure.status, {}});
    // A host that takes no further connection still works on those it has.
    if (dispatcher.hosts().condition(queue.hop()) == HostCondition::up) return;
    if (auto job = dispatcher.take_job(queue.hop())) {
        auto outcomes = job->same_for_all(failure.status, {});
        dispatcher.job_done(std::move(*job), std::move(outcomes));
    }
    dispatcher.hold_back(queue.hop());
}

}  // namespace

asio::awaitable<void> run_courier(std::shared_ptr<HostQueue> queue) {
    auto& dispatcher = queue->dispatcher();
    auto const generation = dispatcher.parts().settings()->generation;
    auto const host = dispatcher.host_at(queue->hop());
    if (!host) {
        queue->courier_arrived();
        dispatcher.decide_all(queue->hop());
        queue->courier_left(false);
        co_return;
    }
    HostAddresses addresses;
    auto answer =
        co_await open_link(dispatcher.parts(), *host, dispatcher.read_buffer(), addresses);
    queue->courier_arrived();
    auto* link = std::get_if<std::unique_ptr<Link>>(&answer);
    if (link) {
        dispatcher.hosts().connected(queue->hop());
        co_await carry_to_any(*queue, *host, std::move(*link), std::move(addresses), generation);
    } else if (std::get<NoLink>(answer).status.is_permanent()) {
        co_await refuse_all(*queue, std::get<NoLink>(answer));
    } else {
        fail_one(*queue, std::get<NoLink>(answer));
    }
    queue->courier_left(link != nullptr);
}

}  // namespace splitmx::relay
