#include "spool/spool_thread.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace splitmx::spool {

namespace {

// Bounds of one transaction, so that the first of a crowd does not wait for all of it, and that what
// a store does quickly fits into one write of a few MiB.
constexpr std::size_t max_batch = 4096;
constexpr std::uint64_t max_batch_octets = std::uint64_t{3} << 20;

// In a crowd a commit waits a moment for more to come, longer the larger it is: what a commit costs
// does not grow with them.
constexpr std::size_t crowd = 8;
constexpr std::chrono::microseconds gathering_for_each{20};
constexpr std::chrono::microseconds longest_gathering{500};

// A store that fails is not asked in a hurry, however many wait.
constexpr std::chrono::seconds after_failure{1};

bool has_put(Changes const& changes) {
    return std::any_of(changes.begin(), changes.end(), [](Change const& change) {
        return std::holds_alternative<Put>(change);
    });
}

// The completions of each inbox.
using Mail = std::vector<std::pair<Inbox*, std::vector<Completion>>>;

void add(Mail& mail, Inbox& inbox, Completion completion) {
    auto const is_it = [&](auto const& entry) { return entry.first == &inbox; };
    auto found = std::find_if(mail.begin(), mail.end(), is_it);
    if (found == mail.end()) found = mail.emplace(mail.end(), &inbox, std::vector<Completion>());
    found->second.push_back(std::move(completion));
}

void move_to(Changes& all, Changes& some) {
    std::move(some.begin(), some.end(), std::back_inserter(all));
}

}  // namespace

SpoolThread::SpoolThread(Store& store, std::unique_ptr<DoneLog> done, NotedLimits limits)
    : store_(store), limits_(limits), done_(std::move(done)), thread_([this] { run(); }) {}

SpoolThread::~SpoolThread() { stop(); }

void SpoolThread::submit(Changes changes, Inbox& inbox, std::unique_ptr<Waiter> waiter) {
    // Here, on one of several loops, and not while all others wait for the commit.
    for (auto& change : changes) {
        if (auto* put = std::get_if<Put>(&change)) put->make_record();
    }
    auto const octets = octets_of(changes);
    enqueue({std::move(changes), &inbox, std::move(waiter), octets});
}

void SpoolThread::submit(Changes changes) {
    auto const octets = octets_of(changes);
    enqueue({std::move(changes), nullptr, nullptr, octets});
}

bool SpoolThread::note_done(SpoolId id) {
    if (!done_) return false;
    auto const waiting = done_->note(id);
    if (!waiting) return false;
    if (*waiting != 1 && *waiting != limits_.most) return true;
    bool wake = false;
    {
        std::lock_guard const lock(mutex_);
        if (remove_at_ == never) remove_at_ = Clock::now() + limits_.longest;
        wake = !gathering_;
    }
    if (wake) wake_.notify_one();
    return true;
}

void SpoolThread::enqueue(Submission submission) {
    std::unique_lock lock(mutex_);
    if (!stopping_) {
        ++load_.waiting;
        load_.waiting_octets += submission.octets;
        waiting_.push_back(std::move(submission));
        bool const wake = !gathering_;
        lock.unlock();
        if (wake) wake_.notify_one();
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

std::unordered_set<SpoolId> SpoolThread::done() const {
    return done_ ? done_->done() : std::unordered_set<SpoolId>();
}

Load SpoolThread::load() const {
    std::lock_guard const lock(mutex_);
    return load_;
}

void SpoolThread::run() {
    while (true) {
        auto batch = take_batch();
        if (batch.empty()) return;
        auto slow = take_slow(batch, store_);
        keep_back(slow);
        carry_out(std::move(batch));
        carry_out(std::move(slow));
    }
}

void SpoolThread::carry_out(Batch batch) {
    if (batch.empty()) return;
    auto results = commit(batch);
    complete(std::move(batch), std::move(results));
}

bool SpoolThread::has_removals() const {
    return !unremoved_.empty() || !slow_.empty() || (done_ && done_->waiting() > 0);
}

bool SpoolThread::are_removals_due() const {
    if (!has_removals()) return false;
    if (unremoved_.empty() && slow_.size() + done_->waiting() >= limits_.most) return true;
    return Clock::now() >= remove_at_;
}

// With a commit that takes place anyway, the slow ones too. What has failed before may make room
// for it.
bool SpoolThread::do_all_removals_ride() const {
    if (stopping_ || !unremoved_.empty()) return has_removals();
    return are_removals_due();
}

bool SpoolThread::has_work() const { return stopping_ || !waiting_.empty() || are_removals_due(); }

// Empty: stopping, and nothing waits.
Batch SpoolThread::take_batch() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wait_for_work(lock);
        gather(lock);
        auto batch = take_waiting();
        add_noted(batch);
        if (!batch.empty() || stopping_) return batch;
    }
}

void SpoolThread::wait_for_work(Lock& lock) {
    while (!has_work()) {
        if (has_removals() && remove_at_ != never)
            wake_.wait_until(lock, remove_at_);
        else
            wake_.wait(lock);
    }
}

void SpoolThread::gather(Lock& lock) {
    if (last_batch_ < crowd || stopping_) return;
    gathering_ = true;
    auto const of_all = gathering_for_each * static_cast<int>(std::min(last_batch_, max_batch));
    auto const length = std::min<std::chrono::microseconds>(of_all, longest_gathering);
    wake_.wait_for(lock, length, [this] { return stopping_; });
    gathering_ = false;
}

Batch SpoolThread::take_waiting() {
    last_batch_ = waiting_.size();
    std::uint64_t octets = 0;
    std::size_t count = 0;
    while (count < std::min(waiting_.size(), max_batch) && octets < max_batch_octets) {
        octets += waiting_[count++].octets;
    }
    if (count == waiting_.size()) return std::exchange(waiting_, {});
    Batch batch;
    auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    batch.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return batch;
}

// Behind the others, as one submission of nobody's; what has failed before comes first.
void SpoolThread::add_noted(Batch& batch) {
    bool const all = do_all_removals_ride();
    if (!done_ || (!all && batch.empty())) return;
    Submission removals;
    removals.noted = true;
    removals.may_wait = !all;
    if (all) {
        removals.changes = std::exchange(unremoved_, {});
        move_to(removals.changes, slow_);
        slow_.clear();
    }
    if (slow_.empty()) remove_at_ = never;
    for (auto const id : done_->take()) removals.changes.emplace_back(Remove{id});
    if (!removals.changes.empty()) batch.push_back(std::move(removals));
}

void SpoolThread::keep_back(Batch& slow) {
    if (slow.empty() || !slow.back().may_wait) return;
    std::lock_guard const lock(mutex_);
    move_to(slow_, slow.back().changes);
    slow.pop_back();
    if (remove_at_ == never) remove_at_ = Clock::now() + limits_.longest;
}

// While they cannot be removed, the notes are to outlive the machine, too; the next run finds them.
void SpoolThread::after_noted(Changes changes, bool removed) {
    if (removed) {
        std::vector<SpoolId> ids(changes.size());
        std::transform(changes.begin(), changes.end(), ids.begin(), id_of);
        return done_->removed(ids);
    }
    static_cast<void>(done_->sync());
    std::lock_guard const lock(mutex_);
    remove_at_ = Clock::now() + after_failure;
    if (!stopping_) move_to(unremoved_, changes);
}

std::vector<Result<void>> SpoolThread::commit(Batch& batch) {
    Changes all;
    std::size_t count = 0;
    for (auto const& submission : batch) count += submission.changes.size();
    all.reserve(count);
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
    Mail mail;
    std::size_t submitted = 0;
    std::uint64_t octets = 0;
    std::uint64_t failed = 0;
    bool is_full = false;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto& submission = batch[i];
        submitted += submission.noted ? 0 : 1;
        octets += submission.octets;
        failed += results[i] ? 0 : 1;
        is_full = is_full || (!results[i] && results[i].error().code == Errc::no_space);
        if (submission.noted) after_noted(std::move(submission.changes), results[i].has_value());
        if (submission.inbox == nullptr) continue;
        add(mail, *submission.inbox, {std::move(submission.waiter), std::move(results[i])});
    }
    {
        std::lock_guard const lock(mutex_);
        load_.waiting -= submitted;
        load_.waiting_octets -= octets;
        load_.failed += failed;
        ++load_.batches;
        // What is noted may be the room that is missing.
        if (is_full && unremoved_.empty() && has_removals()) remove_at_ = Clock::now();
    }
    for (auto& [inbox, completions] : mail) inbox->deliver(std::move(completions));
}

}  // namespace splitmx::spool
