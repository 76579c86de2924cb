#include "directory/copy/table.hpp"

#include <algorithm>
#include <bit>
#include <unordered_set>

namespace splitmx::directory::copy {

namespace {

constexpr std::size_t smallest_shard = 8;

// Three quarters full at most.
std::size_t slots_for(std::size_t records) {
    return std::max(smallest_shard, std::bit_ceil(records + records / 3 + 1));
}

}  // namespace

Table::Slots::Slots(std::size_t size)
    : mask(size - 1), at(std::make_unique<std::atomic<std::uint64_t>[]>(size)) {}

Table::Table(ReadGate& gate, Hashes hashes_of) : gate_(gate), hashes_of_(std::move(hashes_of)) {
    for (auto& shard : shards_) shard.slots.store(new Slots(smallest_shard));
}

Table::~Table() {
    for (auto& shard : shards_) delete shard.slots.load();
}

void Table::place(Slots& slots, std::uint64_t hash, Record const* record) {
    auto place = hash & slots.mask;
    while (slots.at[place].load(std::memory_order_relaxed) != unused) {
        place = (place + 1) & slots.mask;
    }
    slots.at[place].store(slot_of(hash, record), std::memory_order_release);
}

void Table::make_room(std::uint64_t hash, std::size_t records) {
    auto const number = shard_of(hash);
    auto const& shard = shards_[number];
    auto const size = shard.slots.load(std::memory_order_relaxed)->mask + 1;
    if ((shard.used + records) * 4 <= size * 3) return;
    // Where erased ones fill it, the same size may do.
    move(number, std::max(size, slots_for((shard.records + records) * 4 / 3)));
}

void Table::insert(std::uint64_t hash, Record* record) {
    auto& shard = shards_[shard_of(hash)];
    place(*shard.slots.load(std::memory_order_relaxed), hash, record);
    ++shard.records;
    ++shard.used;
}

std::atomic<std::uint64_t>* Table::find(std::uint64_t hash, Record const* record) {
    auto* slots = shards_[shard_of(hash)].slots.load(std::memory_order_relaxed);
    auto const wanted = slot_of(hash, record);
    for (auto place = hash & slots->mask;; place = (place + 1) & slots->mask) {
        auto const slot = slots->at[place].load(std::memory_order_relaxed);
        if (slot == unused) return nullptr;
        if (slot == wanted) return &slots->at[place];
    }
}

bool Table::replace(std::uint64_t hash, Record const* from, Record* to) {
    auto* slot = find(hash, from);
    if (slot == nullptr) return false;
    slot->store(slot_of(hash, to), std::memory_order_release);
    return true;
}

bool Table::erase(std::uint64_t hash, Record const* record) {
    auto* slot = find(hash, record);
    if (slot == nullptr) return false;
    slot->store(erased, std::memory_order_release);
    --shards_[shard_of(hash)].records;
    return true;
}

void Table::reserve(std::size_t records) {
    for (std::size_t shard = 0; shard < shard_count; ++shard) {
        move(shard, slots_for(records / shard_count * 21 / 20 + 8));
    }
}

// A slot does not tell which of its record's hashes it stands for, so a record that is in this
// shard by several is placed by all of them when it is met first.
void Table::move(std::size_t number, std::size_t size) {
    auto& shard = shards_[number];
    auto fresh = std::make_unique<Slots>(size);
    std::unordered_set<Record const*> placed;
    std::vector<std::uint64_t> hashes;
    std::size_t count = 0;
    visit_shard(number, [&](Record const& record) {
        hashes_of_(record, hashes);
        std::erase_if(hashes, [number](std::uint64_t hash) { return shard_of(hash) != number; });
        if (hashes.size() > 1 && !placed.insert(&record).second) return;
        for (auto const hash : hashes) place(*fresh, hash, &record);
        count += hashes.size();
    });
    shard.records = count;
    shard.used = count;
    std::unique_ptr<Slots> const old(shard.slots.exchange(fresh.release()));
    gate_.wait_for_readers();
}

}  // namespace splitmx::directory::copy
