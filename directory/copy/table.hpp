// Finds records by a hash; several records may have the same one. A slot is eight octets: the
// address of a record, and sixteen bits of the hash that spare a look at most wrong ones. Divided
// into shards, so that making room moves only one of them at a time.
// Threads: visit() from any, inside the gate; everything else from one writer at a time. A record
// that is replaced is found at every moment, as the old one or as the new one.
// Ownership: records belong to whoever put them here, and live until they are out of every table
// and the gate has been waited for. Errors: none; memory that runs out throws.
#pragma once

#include "directory/copy/read_gate.hpp"
#include "directory/copy/record.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace splitmx::directory::copy {

class Table {
public:
    static constexpr std::size_t shard_count = 64;

    // All hashes by which a record is in this table: asked for when a shard moves.
    using Hashes = std::function<void(Record const&, std::vector<std::uint64_t>&)>;

    Table(ReadGate& gate, Hashes hashes_of);
    ~Table();
    Table(Table const&) = delete;
    Table& operator=(Table const&) = delete;

    // Calls f(Record&) for each record that may have this hash, until it says true.
    template <class F>
    bool visit(std::uint64_t hash, F const& f) const {
        auto const* slots = shards_[shard_of(hash)].slots.load(std::memory_order_acquire);
        for (auto place = hash & slots->mask;; place = (place + 1) & slots->mask) {
            auto const slot = slots->at[place].load(std::memory_order_acquire);
            if (slot == unused) return false;
            if (slot == erased || tag_of(slot) != tag_of_hash(hash)) continue;
            auto* const record = record_of(slot);
            fetch(record);
            if (f(*record)) return true;
        }
    }

    // Every record of a shard once for each of its hashes there.
    template <class F>
    void visit_shard(std::size_t shard, F const& f) const {
        auto const* slots = shards_[shard].slots.load(std::memory_order_acquire);
        for (std::size_t place = 0; place <= slots->mask; ++place) {
            auto const slot = slots->at[place].load(std::memory_order_acquire);
            if (slot != unused && slot != erased) f(*record_of(slot));
        }
    }

    // Moves a shard where it must. insert() itself never does: a shard moves only while each of its
    // records is there by all of its hashes.
    void make_room(std::uint64_t hash, std::size_t records);
    // Requires: room.
    void insert(std::uint64_t hash, Record* record);
    // False when `from` is not here by this hash.
    bool replace(std::uint64_t hash, Record const* from, Record* to);
    bool erase(std::uint64_t hash, Record const* record);
    // Room for so many records by one hash each; before the first readers come.
    void reserve(std::size_t records);

private:
    static constexpr std::uint64_t unused = 0;
    static constexpr std::uint64_t erased = 1;
    static constexpr unsigned pointer_bits = 48;

    struct Slots {
        explicit Slots(std::size_t size);
        std::size_t mask;
        std::unique_ptr<std::atomic<std::uint64_t>[]> at;
    };
    struct Shard {
        std::atomic<Slots*> slots{nullptr};
        std::size_t records = 0;  // writer
        std::size_t used = 0;     // writer: records and erased ones
    };

    static std::size_t shard_of(std::uint64_t hash) { return hash >> 58U; }
    static std::uint64_t tag_of_hash(std::uint64_t hash) { return (hash >> 42U) & 0xFFFFU; }
    static std::uint64_t tag_of(std::uint64_t slot) { return slot >> pointer_bits; }
    static Record* record_of(std::uint64_t slot) {
        return reinterpret_cast<Record*>(slot & ((std::uint64_t{1} << pointer_bits) - 1));
    }
    // All of it at once: one line after the other would be waited for one after the other.
    static void fetch(Record const* record) {
        constexpr std::size_t line = 64;
        constexpr std::size_t lines = 3;  // what an entry with three addresses takes
        auto const* octets = reinterpret_cast<char const*>(record);
        for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(octets + i * line);
    }
    static std::uint64_t slot_of(std::uint64_t hash, Record const* record) {
        return tag_of_hash(hash) << pointer_bits | reinterpret_cast<std::uint64_t>(record);
    }
    static void place(Slots& slots, std::uint64_t hash, Record const* record);
    std::atomic<std::uint64_t>* find(std::uint64_t hash, Record const* record);
    void move(std::size_t shard, std::size_t size);

    ReadGate& gate_;
    Hashes hashes_of_;
    std::array<Shard, shard_count> shards_;
};

}  // namespace splitmx::directory::copy
