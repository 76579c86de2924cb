#include "spool/submission.hpp"

#include <algorithm>
#include <span>
#include <unordered_set>
#include <utility>

namespace splitmx::spool {

namespace {

constexpr std::uint64_t envelope_octets = 512;  // about

// Decides in the order of a batch: what follows a slow change of the same message is slow, too.
class Splitter {
public:
    explicit Splitter(Store const& store) : store_(store) {}

    // `changes` are one matter.
    bool is_slow(std::span<Change const> changes) {
        bool const slow = std::any_of(changes.begin(), changes.end(), [this](auto const& change) {
            return !store_.is_quick(change) || (!slow_.empty() && slow_.contains(id_of(change)));
        });
        if (!slow) return false;
        for (auto const& change : changes) slow_.insert(id_of(change));
        return true;
    }

private:
    Store const& store_;
    std::unordered_set<SpoolId> slow_;
};

// Of what is noted.
Submission take_slow_changes(Submission& submission, Splitter& splitter) {
    Submission slow;
    slow.noted = true;
    slow.may_wait = submission.may_wait;
    Changes quick;
    quick.reserve(submission.changes.size());
    for (auto& change : submission.changes) {
        auto& changes = splitter.is_slow({&change, 1}) ? slow.changes : quick;
        changes.push_back(std::move(change));
    }
    submission.changes = std::move(quick);
    return slow;
}

}  // namespace

std::uint64_t octets_of(Changes const& changes) {
    std::uint64_t sum = 0;
    for (auto const& change : changes) {
        sum += envelope_octets;
        if (auto const* put = std::get_if<Put>(&change); put && !put->body.is_file()) {
            sum += put->body.size;
        }
    }
    return sum;
}

Batch take_slow(Batch& batch, Store const& store) {
    Splitter splitter(store);
    Batch slow;
    Batch quick;
    quick.reserve(batch.size());
    for (auto& submission : batch) {
        if (submission.noted) {
            auto rest = take_slow_changes(submission, splitter);
            if (!rest.changes.empty()) slow.push_back(std::move(rest));
            if (!submission.changes.empty()) quick.push_back(std::move(submission));
        } else {
            auto& to = splitter.is_slow(submission.changes) ? slow : quick;
            to.push_back(std::move(submission));
        }
    }
    batch = std::move(quick);
    return slow;
}

}  // namespace splitmx::spool
