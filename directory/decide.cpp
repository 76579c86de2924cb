#include "directory/decide.hpp"

#include "directory/answer_cache.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <unordered_set>

namespace splitmx::directory {

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// Chains are bounded by the resolver; this bounds what hostile entries can make of them.
constexpr int max_rounds = 100;

// One truth for a whole transaction: what was answered once stays so.
class Knowledge final : public resolver::Directory {
public:
    explicit Knowledge(DirectoryService const& service) : service_(service) {}

    resolver::Answer find(mail::Mailbox const& address) const override {
        return known_or(book_.find(address), address);
    }
    resolver::Answer find(resolver::EntryName const& name) const override {
        return known_or(book_.find(name), name);
    }
    resolver::Answer find(mail::X500Address const& address) const override {
        return known_or(book_.find(address), address);
    }
    void add(std::vector<resolver::LookupKey> const& keys, Answers&& answers) {
        for (std::size_t i = 0; i < keys.size(); ++i) book_.add(keys[i], std::move(answers[i]));
    }

private:
    template <class Key>
    resolver::Answer known_or(resolver::Answer known, Key const& asked) const {
        if (!std::holds_alternative<resolver::NotAsked>(known)) return known;
        resolver::LookupKey const key = asked;
        auto found = service_.find(key);
        if (!std::holds_alternative<resolver::NotAsked>(found)) book_.add(key, found);
        return found;
    }

    DirectoryService const& service_;
    mutable resolver::AnswerBook book_;
};

// For lists of addresses that have nothing to do with each other: what is known at once is not kept
// beside where it is known, only what had to be asked for.
class Lookups final : public resolver::Directory {
public:
    explicit Lookups(DirectoryService const& service) : service_(service) {}

    resolver::Answer find(mail::Mailbox const& address) const override { return answer(address); }
    resolver::Answer find(resolver::EntryName const& name) const override { return answer(name); }
    resolver::Answer find(mail::X500Address const& x500) const override { return answer(x500); }
    void add(std::vector<resolver::LookupKey> const& keys, Answers&& answers) {
        for (std::size_t i = 0; i < keys.size(); ++i) asked_.add(keys[i], std::move(answers[i]));
    }

private:
    template <class Key>
    resolver::Answer answer(Key const& key) const {
        if (asked_.size() > 0) {
            auto known = asked_.find(key);
            if (!std::holds_alternative<resolver::NotAsked>(known)) return known;
        }
        return service_.find(key);
    }

    DirectoryService const& service_;
    resolver::AnswerBook asked_;
};

// Recipients on their way to decisions.
template <class Known>
class Round {
public:
    Round(DirectoryService const& service, resolver::RoutingTable const& table, std::size_t size)
        : knowledge_(service), table_(table), decisions_(size) {}

    // The lookups that are still missing, each once; none: all is decided.
    std::vector<resolver::LookupKey> run(std::vector<resolver::Query> const& queries) {
        std::vector<resolver::LookupKey> missing;
        std::unordered_set<std::string> seen;
        for (std::size_t i = 0; i < queries.size(); ++i) {
            if (decisions_[i]) continue;
            auto resolution = resolver::resolve(queries[i], table_, knowledge_);
            if (auto* decision = std::get_if<resolver::Decision>(&resolution)) {
                decisions_[i] = std::move(*decision);
                continue;
            }
            for (auto& key : std::get<resolver::Missing>(resolution).lookups) {
                if (seen.insert(resolver::lookup_id(key)).second) missing.push_back(std::move(key));
            }
        }
        return missing;
    }

    void learn(std::vector<resolver::LookupKey> const& keys, Answers&& answers) {
        knowledge_.add(keys, std::move(answers));
    }

    std::vector<resolver::Decision> take() {
        std::vector<resolver::Decision> all;
        all.reserve(decisions_.size());
        for (auto& decision : decisions_) all.push_back(std::move(*decision));
        return all;
    }

private:
    Known knowledge_;
    resolver::RoutingTable const& table_;
    std::vector<std::optional<resolver::Decision>> decisions_;
};

Answers too_late(std::size_t size) {
    return Answers(size, resolver::Unavailable{"the directory did not answer in time"});
}

// Answers on their way from the directory's thread to a loop. The timer is the loop's; whoever
// comes last finds the other gone.
struct Arrival {
    explicit Arrival(asio::any_io_executor executor, Clock::time_point deadline)
        : timer(std::move(executor), deadline) {}

    asio::steady_timer timer;
    std::optional<Answers> answers;
};

asio::awaitable<Answers> fetch(
    DirectoryService& service, std::vector<resolver::LookupKey> keys, Clock::time_point deadline
) {
    auto const executor = co_await asio::this_coro::executor;
    auto const size = keys.size();
    auto const arrival = std::make_shared<Arrival>(executor, deadline);
    service.ask(std::move(keys), [arrival, executor](Answers answers) {
        auto const boxed = std::make_shared<Answers>(std::move(answers));
        asio::post(executor, [arrival, boxed] {
            arrival->answers = std::move(*boxed);
            arrival->timer.cancel();
        });
    });
    constexpr asio::as_tuple_t<asio::use_awaitable_t<>> token{};
    if (!arrival->answers) co_await arrival->timer.async_wait(token);
    if (!arrival->answers) co_return too_late(size);
    co_return std::move(*arrival->answers);
}

}  // namespace

asio::awaitable<std::vector<resolver::Decision>> decide(
    DirectoryService& service,
    resolver::RoutingTablePtr table,
    std::vector<resolver::Query> queries,
    bool* waited
) {
    auto const deadline = Clock::now() + decision_deadline;
    Round<Knowledge> round(service, *table, queries.size());
    for (int rounds = 0;; ++rounds) {
        auto missing = round.run(queries);
        if (missing.empty()) break;
        if (waited != nullptr) *waited = true;
        if (rounds >= max_rounds || Clock::now() >= deadline) {
            round.learn(missing, too_late(missing.size()));
            continue;
        }
        auto answers = co_await fetch(service, missing, deadline);
        round.learn(missing, std::move(answers));
    }
    co_return round.take();
}

std::vector<resolver::Decision> decide_now(
    DirectoryService& service,
    resolver::RoutingTable const& table,
    std::vector<resolver::Query> const& queries
) {
    auto const deadline = Clock::now() + decision_deadline;
    Round<Lookups> round(service, table, queries.size());
    for (int rounds = 0;; ++rounds) {
        auto const missing = round.run(queries);
        if (missing.empty()) break;
        auto const promise = std::make_shared<std::promise<Answers>>();
        auto future = promise->get_future();
        service.ask(missing, [promise](Answers answers) {
            promise->set_value(std::move(answers));
        });
        bool const known =
            rounds < max_rounds && future.wait_until(deadline) == std::future_status::ready;
        round.learn(missing, known ? future.get() : too_late(missing.size()));
    }
    return round.take();
}

}  // namespace splitmx::directory
