#include "relay/live_messages.hpp"

namespace splitmx::relay {

MessagePtr LiveMessages::find(spool::SpoolId id) const {
    auto const known = messages_.find(id);
    return known == messages_.end() ? nullptr : known->second;
}

void LiveMessages::keep(MessagePtr message) {
    auto const octets = message->body ? message->body->size() : 0;
    fresh_.emplace_back(message->item.id, octets);
    octets_ += octets;
    messages_.insert_or_assign(message->item.id, std::move(message));
    make_room();
}

void LiveMessages::make_room() {
    while (!fresh_.empty() && (fresh_.size() > most_fresh || octets_ > most_octets)) {
        auto const [id, octets] = fresh_.front();
        fresh_.pop_front();
        octets_ -= octets;
        drop(id);
    }
}

// Those in work keep their place, but not a body that others wait behind.
void LiveMessages::drop(spool::SpoolId id) {
    auto const known = messages_.find(id);
    if (known != messages_.end() && known->second->busy == 0) messages_.erase(known);
}

void LiveMessages::begin(MessagePtr const& message) {
    ++message->busy;
    messages_.insert_or_assign(message->item.id, message);
}

bool LiveMessages::end(MessagePtr const& message) {
    if (--message->busy > 0) return false;
    messages_.erase(message->item.id);
    return true;
}

void LiveMessages::forget(spool::SpoolId id) { messages_.erase(id); }

}  // namespace splitmx::relay
