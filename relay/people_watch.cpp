#include "relay/people_watch.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace splitmx::relay {

namespace {

std::vector<std::string> keys_of(std::string const& text, resolver::RoutingTable const& table) {
    auto const address = mail::Mailbox::parse(text);
    if (!address) return {};
    std::vector<std::string> keys{address->key()};
    auto const& local_part = address->local_part().value();
    auto const at = local_part.find_first_of(table.subaddress);
    if (at != std::string::npos && at > 0) {
        auto base = mail::LocalPart::from_value(std::string_view(local_part).substr(0, at));
        if (base) keys.push_back(mail::Mailbox(std::move(*base), address->domain()).key());
    }
    if (table.catch_all) {
        keys.push_back(mail::Mailbox(mail::LocalPart(), address->domain()).key());
    }
    return keys;
}

}  // namespace

bool concerns(
    spool::QueueItem const& item,
    std::unordered_set<std::string> const& changed,
    resolver::RoutingTable const& table
) {
    auto const is_changed = [&](std::string const& text) {
        auto const keys = keys_of(text, table);
        return std::any_of(keys.begin(), keys.end(), [&](std::string const& key) {
            return changed.contains(key);
        });
    };
    return std::any_of(
        item.recipients.begin(),
        item.recipients.end(),
        [&](spool::QueuedRecipient const& recipient) {
            return recipient.state == spool::RecipientState::pending &&
                   (is_changed(recipient.original) || is_changed(recipient.rcpt));
        }
    );
}

void PeopleWatch::look_for(ChangedAddresses const& changed) {
    next_.insert(changed->begin(), changed->end());
    if (!looking_) begin();
}

void PeopleWatch::begin() {
    wanted_ = std::exchange(next_, {});
    left_.clear();
    queue_.index.for_each([this](auto const& message) { left_.push_back(message.id); });
    looking_ = !left_.empty();
    if (looking_) go_on();
}

void PeopleWatch::go_on() {
    auto const settings = queue_.parts.settings();
    for (std::size_t i = 0; i < at_once && !left_.empty(); ++i) {
        auto const id = left_.back();
        left_.pop_back();
        if (queue_.draining || !queue_.index.find(id)) continue;
        auto const message = queue_.load(id);
        if (message && concerns(message->item, wanted_, *settings->table)) found_(message);
    }
    boost::asio::post(queue_.loop, [this] {
        if (!left_.empty()) return go_on();
        looking_ = false;
        if (!next_.empty()) begin();
    });
}

}  // namespace splitmx::relay
