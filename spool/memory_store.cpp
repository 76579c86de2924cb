#include "spool/memory_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::spool {

namespace {

InlineBody inline_body(Body const& body) {
    auto const* octets = std::get_if<InlineBody>(&body.octets);
    return octets ? *octets : nullptr;
}

Error not_found(SpoolId id) { return {Errc::not_found, "no message " + id.to_text()}; }

}  // namespace

MemoryStore::MemoryStore(BodyDirectory& bodies, std::uint64_t limit)
    : bodies_(bodies), limit_(limit) {}

Result<void> MemoryStore::apply(std::span<Change const> batch) {
    std::lock_guard const lock(mutex_);
    Draft draft{messages_, damaged_, used_, last_id_, {}, {}, {}, false};
    for (auto const& change : batch) {
        auto applied = std::visit([&](auto const& one) { return apply_one(draft, one); }, change);
        if (!applied) return applied;
    }
    if (limit_ != 0 && draft.has_put && draft.used > limit_) {
        return Error{Errc::no_space, fmt::format("more than {} octets in memory", limit_)};
    }
    messages_ = std::move(draft.messages);
    damaged_ = std::move(draft.damaged);
    used_ = draft.used;
    last_id_ = draft.last_id;
    for (auto const& change : batch) keep_file(change);
    for (auto const id : draft.files_removed) static_cast<void>(bodies_.remove(id));
    for (auto const id : draft.files_set_aside) static_cast<void>(bodies_.set_aside(id));
    for (auto const id : draft.files_discarded) static_cast<void>(bodies_.remove_set_aside(id));
    return {};
}

Result<void> MemoryStore::apply_one(Draft& draft, Put const& put) {
    auto const id = put.item->id;
    auto message = std::make_shared<Message const>(Message{
        with_body(*put.item, put.body), inline_body(put.body)});
    auto const octets = octets_of(*message);
    if (!draft.messages.try_emplace(id, std::move(message)).second) {
        return Error{Errc::exists, "message " + id.to_text() + " is there already"};
    }
    draft.used += octets;
    draft.last_id = std::max(draft.last_id, id);
    draft.has_put = true;
    std::erase(draft.files_removed, id);
    return {};
}

Result<void> MemoryStore::apply_one(Draft& draft, Update const& update) {
    auto const found = draft.messages.find(update.item.id);
    if (found == draft.messages.end()) {
        auto const aside = draft.damaged.find(update.item.id);
        if (aside == draft.damaged.end()) return {};
        auto changed = *aside->second;
        changed.message.item = with_body_of(update.item, changed.message.item);
        aside->second = std::make_shared<Aside const>(std::move(changed));
        return {};
    }
    auto const& old = *found->second;
    auto changed =
        std::make_shared<Message const>(Message{with_body_of(update.item, old.item), old.body});
    draft.used += octets_of(*changed) - octets_of(old);
    found->second = std::move(changed);
    return {};
}

Result<void> MemoryStore::apply_one(Draft& draft, Remove const& remove) {
    auto const found = draft.messages.find(remove.id);
    if (found == draft.messages.end()) return {};
    auto const& message = *found->second;
    draft.used -= octets_of(message);
    if (message.item.body_place == BodyPlace::file) draft.files_removed.push_back(remove.id);
    draft.messages.erase(found);
    return {};
}

Result<void> MemoryStore::apply_one(Draft& draft, SetAside const& aside) {
    auto const found = draft.messages.find(aside.id);
    if (found == draft.messages.end()) return {};
    auto const& message = *found->second;
    if (message.item.body_place == BodyPlace::file) draft.files_set_aside.push_back(aside.id);
    draft.damaged.emplace(aside.id, std::make_shared<Aside const>(Aside{aside, message}));
    draft.messages.erase(found);
    return {};
}

Result<void> MemoryStore::apply_one(Draft& draft, Discard const& discard) {
    auto const found = draft.damaged.find(discard.id);
    if (found == draft.damaged.end()) return {};
    auto const& message = found->second->message;
    draft.used -= octets_of(message);
    if (message.item.body_place == BodyPlace::file) draft.files_discarded.push_back(discard.id);
    draft.damaged.erase(found);
    return {};
}

std::uint64_t MemoryStore::octets_of(Message const& message) {
    return encode(message.item).size() + (message.body ? message.body->size() : 0);
}

Result<QueueItem> MemoryStore::read(SpoolId id) const {
    std::lock_guard const lock(mutex_);
    auto const found = messages_.find(id);
    if (found == messages_.end()) return not_found(id);
    return found->second->item;
}

Result<BodyReader> MemoryStore::open_body(SpoolId id) const {
    std::lock_guard const lock(mutex_);
    auto const found = messages_.find(id);
    if (found == messages_.end()) return not_found(id);
    auto const& [item, body] = *found->second;
    if (body) return BodyReader::from_memory(body, item.checksum);
    return open_body_file(bodies_, item);
}

Result<void> MemoryStore::for_each(Visitor const& visitor) const {
    std::lock_guard const lock(mutex_);
    for (auto const& [id, message] : messages_) visitor(id, message->item);
    return {};
}

Result<std::vector<Damage>> MemoryStore::for_each_summary(
    SummaryVisitor const& visitor, Progress const& progress
) const {
    std::lock_guard const lock(mutex_);
    SummaryReader reader;
    for (auto const& [id, message] : messages_) visitor(reader.read(message->item));
    if (progress) progress(messages_.size(), messages_.size());
    return std::vector<Damage>();
}

Result<void> MemoryStore::for_each_damaged(DamagedVisitor const& visitor) const {
    std::lock_guard const lock(mutex_);
    for (auto const& [id, aside] : damaged_) {
        auto const& item = aside->message.item;
        visitor({id, aside->why.since, aside->why.reason, item, encode(item).size(), item.size});
    }
    return {};
}

Result<std::string> MemoryStore::damaged_record(SpoolId id) const {
    std::lock_guard const lock(mutex_);
    auto const found = damaged_.find(id);
    if (found == damaged_.end()) return not_found(id);
    return encode(found->second->message.item);
}

Result<BodyReader> MemoryStore::open_damaged_body(SpoolId id) const {
    std::lock_guard const lock(mutex_);
    auto const found = damaged_.find(id);
    if (found == damaged_.end()) return not_found(id);
    if (auto const& body = found->second->message.body) return BodyReader::unchecked(body);
    auto file = bodies_.open_set_aside(id);
    if (!file) return file.error();
    return BodyReader::unchecked(std::move(*file));
}

SpoolId MemoryStore::last_id() const {
    std::lock_guard const lock(mutex_);
    return last_id_;
}

Usage MemoryStore::usage() const {
    std::lock_guard const lock(mutex_);
    return {messages_.size(), damaged_.size(), used_, limit_};
}

}  // namespace splitmx::spool
