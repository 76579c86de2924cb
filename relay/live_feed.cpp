#include "relay/live_feed.hpp"

#include "relay/history_feed.hpp"

#include <utility>

namespace splitmx::relay {

namespace {

// Of what nothing comes any more, for now.
std::optional<LiveEnd> end_in(observe::Event const& event) {
    if (auto const* e = std::get_if<observe::SessionEnded>(&event)) return LiveEnd{e->id, true};
    if (auto const* e = std::get_if<observe::MessageRemoved>(&event)) return LiveEnd{e->id};
    if (auto const* e = std::get_if<observe::MessageDeferred>(&event)) return LiveEnd{e->id};
    if (auto const* e = std::get_if<observe::MessageRejected>(&event)) return LiveEnd{e->id};
    return std::nullopt;
}

}  // namespace

LiveFeed::Subscription::Subscription(
    LiveFeed& feed, LiveFilter filter, std::function<void()> on_news
)
    : feed_(feed),
      on_news_(std::move(on_news)),
      wants_dialogue_(filter.dialogue),
      matcher_(std::move(filter)) {
    std::lock_guard const lock(feed_.mutex_);
    feed_.subscriptions_.push_back(this);
    ++feed_.watchers_;
    if (wants_dialogue_) ++feed_.dialogues_;
}

LiveFeed::Subscription::~Subscription() {
    std::lock_guard const lock(feed_.mutex_);
    std::erase(feed_.subscriptions_, this);
    --feed_.watchers_;
    if (wants_dialogue_) --feed_.dialogues_;
}

LiveFeed::Subscription::News LiveFeed::Subscription::take() {
    std::lock_guard const lock(mutex_);
    return {std::exchange(items_, {}), std::exchange(missed_, 0), matcher_.is_over()};
}

void LiveFeed::Subscription::put(LiveItem item) {
    bool is_news = false;
    {
        std::lock_guard const lock(mutex_);
        bool const was_idle = items_.empty() && missed_ == 0;
        for (auto& seen : matcher_.take(std::move(item))) {
            if (items_.size() < max_queued)
                items_.push_back(std::move(seen));
            else
                ++missed_;
        }
        is_news = was_idle && (!items_.empty() || matcher_.is_over());
    }
    if (is_news) on_news_();
}

void LiveFeed::put(LiveItem const& item) {
    std::lock_guard const lock(mutex_);
    for (auto* subscription : subscriptions_) subscription->put(item);
}

void LiveFeed::see(observe::Event const& event) {
    if (watchers_.load(std::memory_order_relaxed) == 0) return;
    auto const* const attempt = std::get_if<observe::DeliveryAttempted>(&event);
    for (auto& record : records_of(event, {}, std::chrono::system_clock::now())) {
        put(LiveRecord{std::move(record), attempt != nullptr ? attempt->hop : std::string()});
    }
    if (auto end = end_in(event)) put(std::move(*end));
}

void LiveFeed::say(
    std::string const& session,
    mail::IpAddress const& client,
    bool is_by_client,
    std::string_view line
) {
    put(LiveLine{
        session, client, is_by_client, std::string(line), std::chrono::system_clock::now(), false});
}

}  // namespace splitmx::relay
