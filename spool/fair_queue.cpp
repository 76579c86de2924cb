#include "spool/fair_queue.hpp"

namespace splitmx::spool {

void FairQueue::push(Owner owner, Item item) {
    auto node = free_;
    if (node == none) {
        node = static_cast<std::uint32_t>(nodes_.size());
        nodes_.push_back({item, none});
    } else {
        free_ = nodes_[node].next;
        nodes_[node] = {item, none};
    }
    auto& line = lines_[owner];
    if (line.last == none) {
        line.first = node;
        turns_.push_back(owner);
    } else {
        nodes_[line.last].next = node;
    }
    line.last = node;
    ++size_;
}

std::optional<FairQueue::Item> FairQueue::pop() {
    if (size_ == 0) return std::nullopt;
    auto const owner = turns_.front();
    turns_.pop_front();
    auto const line = lines_.find(owner);
    auto const node = line->second.first;
    auto const [item, next] = nodes_[node];
    line->second.first = next;
    if (next == none) {
        lines_.erase(line);
    } else {
        turns_.push_back(owner);
    }
    nodes_[node].next = free_;
    free_ = node;
    // A backlog that has been worked off gives its memory back.
    if (--size_ == 0 && nodes_.size() > 64) *this = FairQueue();
    return item;
}

std::vector<FairQueue::Item> FairQueue::take_all() {
    std::vector<Item> items;
    items.reserve(size_);
    while (auto const item = pop()) items.push_back(*item);
    return items;
}

}  // namespace splitmx::spool
