// Writes the snapshot of one copy when it is time, on a thread of its own: a disk that is slow or
// full holds up nobody.
// Threads: the constructor starts it, the destructor writes what is not written yet and ends it;
// soon() from any. Ownership: the copy outlives it.
#pragma once

#include "directory/copy/snapshot.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace splitmx::directory {

class SnapshotKeeper {
public:
    using Tell = std::function<void(copy::Note const&)>;

    SnapshotKeeper(copy::Copy& copy, std::string path, copy::Snapshot::Source made_from, Tell tell);
    ~SnapshotKeeper();
    SnapshotKeeper(SnapshotKeeper const&) = delete;
    SnapshotKeeper& operator=(SnapshotKeeper const&) = delete;

    void soon();

private:
    void run();
    void write();

    copy::Copy& copy_;
    copy::PosixFiles files_;
    copy::Snapshot snapshot_;
    Tell tell_;
    bool failed_ = false;  // the last one, and that was told
    std::mutex mutex_;
    std::condition_variable wake_;
    bool soon_ = false;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace splitmx::directory
