// The queue as it lies on the disk, whether the daemon runs or not: what `--offline` shows. Nothing
// is locked and nothing is changed. What is in delivery only the daemon knows.
// Threads: blocking. Errors: the spool's, in one line.
#pragma once

#include "spool/disk/inspector.hpp"

#include <filesystem>
#include <memory>
#include <ostream>
#include <vector>

#include "queue/filter.hpp"
#include "queue/row.hpp"

namespace splitmx::admin {

class OfflineQueue {
public:
    static spool::Result<OfflineQueue> open(std::filesystem::path const& spool);

    // By id; messages that were set aside come last.
    spool::Result<std::vector<queue::Row>> rows(queue::Filter const& filter, mail::Instant now)
        const;
    // Errors: not_found.
    spool::Result<queue::Row> row(spool::SpoolId id) const;
    // The octets of the message. Of one that was set aside as they were found, unchecked; of any
    // other a failure in the middle says that what was written so far is not the whole.
    spool::Result<void> write_body(spool::SpoolId id, std::ostream& output) const;

private:
    explicit OfflineQueue(std::unique_ptr<spool::disk::Inspector> spool) : spool_(std::move(spool)) {}

    spool::Result<std::vector<queue::Row>> damaged_rows() const;

    std::unique_ptr<spool::disk::Inspector> spool_;
};

}  // namespace splitmx::admin
