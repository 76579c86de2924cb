#include "directory/snapshot_keeper.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace splitmx::directory {

namespace {

constexpr std::chrono::minutes between_snapshots{3};

}  // namespace

SnapshotKeeper::SnapshotKeeper(
    copy::Copy& copy, std::string path, copy::Snapshot::Source made_from, Tell tell
)
    : copy_(copy),
      snapshot_(files_, std::move(path), std::move(made_from)),
      tell_(std::move(tell)),
      thread_([this] { run(); }) {}

SnapshotKeeper::~SnapshotKeeper() {
    {
        std::lock_guard const lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (copy_.is_dirty()) write();
}

void SnapshotKeeper::soon() {
    {
        std::lock_guard const lock(mutex_);
        soon_ = true;
    }
    wake_.notify_one();
}

void SnapshotKeeper::run() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
        wake_.wait_for(lock, between_snapshots, [this] { return stop_ || soon_; });
        if (stop_) return;
        soon_ = false;
        lock.unlock();
        if (copy_.is_dirty()) write();
        lock.lock();
    }
}

void SnapshotKeeper::write() {
    auto const result = snapshot_.write(copy_);
    auto const* error = std::get_if<mail::Error>(&result);
    if (error != nullptr && !failed_ && tell_) {
        tell_({true, "the snapshot cannot be written, and is tried again: " + error->what});
    }
    failed_ = error != nullptr;
}

}  // namespace splitmx::directory
