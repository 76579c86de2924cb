// A store whose commits the test lets through, and who hears of them.
#pragma once

#include "spool/memory_store.hpp"
#include "spool/spool_thread.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/spool/sample.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::spool {

// A store whose commits wait for the test, so that a batch gathers as often as the test wants, and
// that fails the commits the test chose.
class GatedStore final : public Store {
public:
    explicit GatedStore(Store& real) : real_(real) {}

    // Lets one commit through, failing with `failure` if there is one, and waits until it has
    // begun.
    void open_gate(std::optional<Error> failure = std::nullopt) {
        std::lock_guard const lock(mutex_);
        permits_.push_back(std::move(failure));
        changed_.notify_all();
    }
    void wait_until_committing() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return inside_; });
    }
    void wait_for_commits(std::size_t begun) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return sizes_.size() >= begun; });
    }
    std::vector<std::size_t> batch_sizes() const {
        std::lock_guard const lock(mutex_);
        return sizes_;
    }

    Result<void> apply(std::span<Change const> batch) override {
        std::unique_lock lock(mutex_);
        sizes_.push_back(batch.size());
        inside_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !permits_.empty(); });
        auto const failure = std::move(permits_.front());
        permits_.pop_front();
        inside_ = false;
        if (failure) return *failure;
        return real_.apply(batch);
    }
    bool is_quick(Change const& change) const override { return quick(change); }
    std::function<bool(Change const&)> quick = [](Change const&) { return false; };
    Result<QueueItem> read(SpoolId id) const override { return real_.read(id); }
    Result<BodyReader> open_body(SpoolId id) const override { return real_.open_body(id); }
    Result<void> for_each(Visitor const& visitor) const override { return real_.for_each(visitor); }
    Result<std::vector<Damage>> for_each_summary(
        SummaryVisitor const& visitor, Progress const& progress = {}
    ) const override {
        return real_.for_each_summary(visitor, progress);
    }
    Result<void> for_each_damaged(DamagedVisitor const& visitor) const override {
        return real_.for_each_damaged(visitor);
    }
    Result<std::string> damaged_record(SpoolId id) const override {
        return real_.damaged_record(id);
    }
    Result<BodyReader> open_damaged_body(SpoolId id) const override {
        return real_.open_damaged_body(id);
    }
    SpoolId last_id() const override { return real_.last_id(); }
    Usage usage() const override { return real_.usage(); }

private:
    Store& real_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::optional<Error>> permits_;
    bool inside_ = false;
    std::vector<std::size_t> sizes_;
};

// Keeps what was delivered, one entry for each deliver().
class RecordingInbox final : public Inbox {
public:
    void deliver(std::vector<Completion> completions) override {
        std::lock_guard const lock(mutex_);
        for (auto& completion : completions) completion.waiter->done(completion.result);
        deliveries_.push_back(completions.size());
        changed_.notify_all();
    }
    std::vector<std::size_t> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return deliveries_.size() >= count; });
        return deliveries_;
    }
    std::vector<std::size_t> deliveries() {
        std::lock_guard const lock(mutex_);
        return deliveries_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::size_t> deliveries_;
};

struct Heard {
    std::string name;
    Result<void> result;
};

class NamedWaiter final : public Waiter {
public:
    NamedWaiter(std::vector<Heard>& log, std::string name) : log_(log), name_(std::move(name)) {}
    void done(Result<void> result) override { log_.push_back({name_, std::move(result)}); }

private:
    std::vector<Heard>& log_;
    std::string name_;
};

}  // namespace splitmx::spool
