// Tells those who watch (`splitmx trace --live`) what happens, as it happens: records as the history
// keeps them, and what clients and relay say to each other. Costs one look at a number while nobody
// watches. Whoever does not keep up misses items, and is told how many.
// Threads: as a Witness; say() and end() any; subscribe() and a Subscription one, the same for all.
// Ownership: outlives its subscriptions.
#pragma once

#include "observe/witness.hpp"
#include "relay/live_filter.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace splitmx::relay {

class LiveFeed final : public observe::Witness {
public:
    static constexpr std::size_t max_queued = 2'000;  // items of one subscription

    class Subscription {
    public:
        Subscription(LiveFeed& feed, LiveFilter filter, std::function<void()> on_news);
        ~Subscription();
        Subscription(Subscription const&) = delete;
        Subscription& operator=(Subscription const&) = delete;

        struct News {
            std::vector<LiveItem> items;
            std::size_t missed = 0;  // before them
            bool is_over = false;    // nothing comes any more
        };
        News take();

    private:
        friend class LiveFeed;
        void put(LiveItem item);

        LiveFeed& feed_;
        std::function<void()> on_news_;  // by any thread, when there is something to take again
        bool const wants_dialogue_;
        std::mutex mutex_;
        LiveMatcher matcher_;
        std::vector<LiveItem> items_;
        std::size_t missed_ = 0;
    };

    std::unique_ptr<Subscription> subscribe(LiveFilter filter, std::function<void()> on_news) {
        return std::make_unique<Subscription>(*this, std::move(filter), std::move(on_news));
    }

    void see(observe::Event const& event) override;
    bool wants_dialogue() const { return dialogues_.load(std::memory_order_relaxed) > 0; }
    void say(
        std::string const& session,
        mail::IpAddress const& client,
        bool is_by_client,
        std::string_view line
    );

private:
    void put(LiveItem const& item);

    std::atomic<std::size_t> watchers_ = 0;
    std::atomic<std::size_t> dialogues_ = 0;
    std::mutex mutex_;
    std::vector<Subscription*> subscriptions_;
};

}  // namespace splitmx::relay
