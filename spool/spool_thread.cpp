#include "spool/spool_thread.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace splitmx::spool {

namespace {

// Bounds of one transaction, so that the first of a crowd does not wait for all of it.
constexpr std::size_t max_batch = 4096;
constexpr std::uint64_t max_batch_octets = std::uint64_t{32} << 20;
constexpr std::uint64_t envelope_octets = 512;  // about

bool has_put(Changes const& changes) {
    return std::any_of(changes.begin(), changes.end(), [](Change const& change) {
        return std::holds_alternative<Put>(change);
    });
}

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

void move_to(Changes& all, Changes& some) {
    std::move(some.begin(), some.end(), std::back_inserter(all));
}

}  // namespace

SpoolThread::SpoolThread(Store& store) : store_(store), thread_([this] { run(); }) {}

SpoolThread::~SpoolThread() { stop(); }

void SpoolThread::submit(Changes changes, Inbox& inbox, std::unique_ptr<Waiter> waiter) {
    auto const octets = octets_of(changes);
    enqueue({std::move(changes), &inbox, std::move(waiter), octets});
}

void SpoolThread::submit(Changes changes) {
    auto const octets = octets_of(changes);
    enqueue({std::move(changes), nullptr, nullptr, octets});
}

void SpoolThread::enqueue(Submission submission) {
    std::unique_lock lock(mutex_);
    if (!stopping_) {
        ++load_.waiting;
        load_.waiting_octets += submission.octets;
        waiting_.push_back(std::move(submission));
        lock.unlock();
        wake_.notify_one();
        return;
    }
    ++load_.failed;
    lock.unlock();
    if (submission.inbox == nullptr) return;
    std::vector<Completion> refused;
    refused.push_back({std::move(submission.waiter), Error{Errc::stopped, "the spool has stopped"}}
    );
    submission.inbox->deliver(std::move(refused));
}

void SpoolThread::stop() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    std::call_once(joined_, [this] { thread_.join(); });
}

Load SpoolThread::load() const {
    std::lock_guard const lock(mutex_);
    return load_;
}

void SpoolThread::run() {
    while (true) {
        auto batch = take_batch();
        if (batch.empty()) return;
        auto results = commit(batch);
        complete(std::move(batch), std::move(results));
    }
}

// Empty: stopping, and nothing waits.
SpoolThread::Batch SpoolThread::take_batch() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    std::uint64_t octets = 0;
    std::size_t count = 0;
    while (count < std::min(waiting_.size(), max_batch) && octets < max_batch_octets) {
        octets += waiting_[count++].octets;
    }
    if (count == waiting_.size()) return std::exchange(waiting_, {});
    auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    Batch batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return batch;
}

std::vector<Result<void>> SpoolThread::commit(Batch& batch) {
    Changes all;
    for (auto& submission : batch) move_to(all, submission.changes);
    auto const outcome = store_.apply(all);
    std::vector<Result<void>> results(batch.size(), outcome);
    if (outcome || batch.size() == 1) return results;
    move_back(batch, all);
    if (outcome.error().code == Errc::exists) {
        for (std::size_t i = 0; i < batch.size(); ++i) results[i] = store_.apply(batch[i].changes);
        return results;
    }
    Changes drain;
    std::vector<std::size_t> drained;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (has_put(batch[i].changes)) continue;
        move_to(drain, batch[i].changes);
        drained.push_back(i);
    }
    if (drained.empty()) return results;
    auto const second = store_.apply(drain);
    for (auto const i : drained) results[i] = second;
    return results;
}

// The opposite of move_to() for each submission, in order.
void SpoolThread::move_back(Batch& batch, Changes& all) {
    auto from = all.begin();
    for (auto& submission : batch) {
        // The moved-from changes are still there: as many as before.
        auto const end = from + static_cast<std::ptrdiff_t>(submission.changes.size());
        std::move(from, end, submission.changes.begin());
        from = end;
    }
}

void SpoolThread::complete(Batch batch, std::vector<Result<void>> results) {
    std::vector<std::pair<Inbox*, std::vector<Completion>>> mail;
    std::uint64_t octets = 0;
    std::uint64_t failed = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto& [changes, inbox, waiter, size] = batch[i];
        octets += size;
        failed += results[i] ? 0 : 1;
        if (inbox == nullptr) continue;
        auto found = std::find_if(mail.begin(), mail.end(), [whose = inbox](auto const& entry) {
            return entry.first == whose;
        });
        if (found == mail.end()) found = mail.emplace(mail.end(), inbox, std::vector<Completion>());
        found->second.push_back({std::move(waiter), std::move(results[i])});
    }
    {
        std::lock_guard const lock(mutex_);
        load_.waiting -= batch.size();
        load_.waiting_octets -= octets;
        load_.failed += failed;
        ++load_.batches;
    }
    for (auto& [inbox, completions] : mail) inbox->deliver(std::move(completions));
}

}  // namespace splitmx::spool
