#include "spool/done_thread.hpp"

#include "spool/spool_thread.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace splitmx::spool {

DoneThread::DoneThread(DoneLog& log, Noted noted)
    : log_(log), noted_(std::move(noted)), thread_([this] { run(); }) {}

DoneThread::~DoneThread() { stop(); }

void DoneThread::submit(Ending ending) {
    std::unique_lock lock(mutex_);
    if (!stopping_) {
        waiting_.push_back(std::move(ending));
        lock.unlock();
        return wake_.notify_one();
    }
    lock.unlock();
    Endings one;
    one.push_back(std::move(ending));
    noted_(std::move(one), false);
}

void DoneThread::stop() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    std::call_once(joined_, [this] { thread_.join(); });
}

void DoneThread::run() {
    for (;;) {
        auto batch = take_batch();
        if (batch.empty()) return;
        std::vector<SpoolId> ids;
        ids.reserve(batch.size());
        for (auto const& ending : batch) ids.push_back(ending.id);
        bool const noted = log_.note(ids).has_value();
        noted_(std::move(batch), noted);
    }
}

// Empty: stopping, and nothing waits.
DoneThread::Endings DoneThread::take_batch() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.size() <= DoneLog::most_ids) return std::exchange(waiting_, {});
    auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(DoneLog::most_ids);
    Endings batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return batch;
}

}  // namespace splitmx::spool
