// A queue that takes turns: of everyone who has something in it, one after the other gets a turn,
// in the order of coming; within one owner first come, first served. So ten thousand messages of
// one sender do not delay another's only one.
// Pure. Threads: one at a time. Memory: 8 octets an item, and about 60 an owner with items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

namespace splitmx::spool {

class FairQueue {
public:
    using Owner = std::uint64_t;
    using Item = std::uint32_t;

    void push(Owner owner, Item item);
    std::optional<Item> pop();
    // All items, in the order of their turns.
    std::vector<Item> take_all();

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

private:
    static constexpr std::uint32_t none = 0xffffffffU;

    struct Node {
        Item item;
        std::uint32_t next;
    };
    struct Line {
        std::uint32_t first = none;
        std::uint32_t last = none;
    };

    std::vector<Node> nodes_;
    std::uint32_t free_ = none;
    std::unordered_map<Owner, Line> lines_;
    std::deque<Owner> turns_;  // each owner with items once
    std::size_t size_ = 0;
};

}  // namespace splitmx::spool
